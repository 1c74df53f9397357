/** Protected procedure calls over a page of message registers. */
import { PPC_PAGE, PPC_STATE } from '../protocol/boot';
import { readU64, writeU64 } from '../protocol/struct';
import type { Message } from './pd';

export const MAX_WORDS = 64;

export function writeMessage(page: SharedArrayBuffer, { label, words }: Message): void {
  const registers = new Int32Array(page);
  const view = new DataView(page);
  registers[PPC_PAGE.LABEL] = label;
  registers[PPC_PAGE.COUNT] = words.length;
  for (const [i, word] of words.entries()) writeU64(view, PPC_PAGE.WORDS + 8 * i, word);
}

/** A private copy; a count beyond the registers reads as none. */
export function readMessage(page: SharedArrayBuffer): Message {
  const registers = new Int32Array(page);
  const view = new DataView(page);
  const count = registers[PPC_PAGE.COUNT]! >>> 0;
  const words = Array.from({ length: count <= MAX_WORDS ? count : 0 }, (_, i) => readU64(view, PPC_PAGE.WORDS + 8 * i));
  return { label: registers[PPC_PAGE.LABEL]! >>> 0, words };
}

/** Caller: hands over the message, rings, and sleeps until the answer is there. */
export function callPpc(page: SharedArrayBuffer, message: Message, ring: () => void): Message {
  const registers = new Int32Array(page);
  writeMessage(page, message);
  Atomics.store(registers, PPC_PAGE.STATE, PPC_STATE.CALLED);
  ring();
  while (Atomics.load(registers, PPC_PAGE.STATE) === PPC_STATE.CALLED) {
    Atomics.wait(registers, PPC_PAGE.STATE, PPC_STATE.CALLED);
  }
  Atomics.store(registers, PPC_PAGE.STATE, PPC_STATE.IDLE);
  return readMessage(page);
}

/** Callee: serves the call on this page if there is one. */
export function servePpc(page: SharedArrayBuffer, serve: (message: Message) => Message): boolean {
  const registers = new Int32Array(page);
  if (Atomics.load(registers, PPC_PAGE.STATE) !== PPC_STATE.CALLED) return false;
  writeMessage(page, serve(readMessage(page)));
  Atomics.store(registers, PPC_PAGE.STATE, PPC_STATE.ANSWERED);
  Atomics.notify(registers, PPC_PAGE.STATE);
  return true;
}

/** A message as the registers between two domains carry it. */
export function overRegisters(message: Message): Message {
  const page = new SharedArrayBuffer(PPC_PAGE.SIZE);
  writeMessage(page, message);
  return readMessage(page);
}
