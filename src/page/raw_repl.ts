/**
 * Runs a Python program over the serial line as a tool would: MicroPython's raw REPL. Ctrl-C Ctrl-A enters it, the program and Ctrl-D run
 * it, the answer is `OK`, what it printed, Ctrl-D, its traceback, Ctrl-D, `>`; Ctrl-B leaves. [MicroPython docs, "The REPL", raw mode]
 */

import { withoutReports } from './reports';

export interface SerialEnd {
  send(text: string): void;
  /** Everything MicroPython prints from now on comes here, until the returned function is called. */
  listen(heard: (text: string) => void): () => void;
  /** Fired when the interpreter at the other end is ended. */
  readonly gone?: AbortSignal;
}

/** A Python exception: the message is the traceback. */
export class PythonError extends Error {
  override readonly name = 'PythonError';
}

const CTRL_A = '\x01';
const CTRL_B = '\x02';
const CTRL_C = '\x03';
const CTRL_D = '\x04';
const LEFT = '\x1b[D';
/** A program that catches Ctrl-C and goes on would keep us waiting for ever. */
const ENTER_MS = 10_000;
/** What stood there before is put back; if that is not echoed as expected, the exchange is over all the same. */
const RETYPE_MS = 500;

export interface Before {
  /** What the person had typed so far: it is there again afterwards. */
  readonly typed?: { readonly text: string; readonly behindCursor: number } | undefined;
  /** The keys go to the guest: they do so again afterwards. */
  readonly keysToGuest?: boolean;
}

/** What `python` printed; throws PythonError. */
export async function runRaw(serial: SerialEnd, python: string, before: Before = {}): Promise<string> {
  const heard = new Heard();
  const stop = serial.listen((text) => heard.add(text));
  const end = () => heard.end();
  serial.gone?.addEventListener('abort', end);
  try {
    if (before.keysToGuest) serial.send(switchTo(0));
    serial.send(CTRL_C + CTRL_A);
    await heard.until('raw REPL; CTRL-B to exit\r\n>', ENTER_MS);
    serial.send(transmissible(python) + CTRL_D);
    await heard.until('OK');
    const printed = await heard.until(CTRL_D);
    const traceback = await heard.until(CTRL_D);
    await heard.until('>');
    serial.send(CTRL_B);
    await heard.until('\r\n>>> ');
    if (before.typed?.text) await retype(serial, heard, before.typed);
    if (before.keysToGuest) await switchBack(serial, heard);
    if (traceback !== '') throw new PythonError(traceback.replaceAll('\r\n', '\n').trimEnd());
    return printed;
  } finally {
    stop();
    serial.gone?.removeEventListener('abort', end);
  }
}

/** The keys with which serial_virt_rx gives the keyboard to one of its clients: Ctrl-\, its number, Enter. */
export function switchTo(client: 0 | 1): string {
  return `\x1c${client}\r`;
}

async function switchBack(serial: SerialEnd, heard: Heard): Promise<void> {
  serial.send(switchTo(1));
  await heard.until('switching to client 1', RETYPE_MS).catch(() => {});
}

async function retype(serial: SerialEnd, heard: Heard, typed: NonNullable<Before['typed']>): Promise<void> {
  const { text, behindCursor } = typed;
  serial.send(text + LEFT.repeat(behindCursor));
  await heard.until(text + '\b'.repeat(behindCursor), RETYPE_MS).catch(() => {});
}

/** Control characters would be obeyed by the REPL (Ctrl-D) or by the serial virtualiser (Ctrl-\) before Python saw them. */
export function transmissible(python: string): string {
  const controls = [...python].some((char) => char < ' ' && !'\t\n\r'.includes(char));
  const program = python.trim() === '' ? 'pass' : python;
  return controls ? `exec(${JSON.stringify(program)})` : program;
}

/** Text as it comes in, taken in pieces that end with something known. */
class Heard {
  #text = '';
  #wake = () => {};
  #ended = false;

  /** Nothing more is to be heard. */
  end(): void {
    this.#ended = true;
    this.#wake();
  }

  add(text: string): void {
    this.#text = withoutReports(this.#text + text);
    this.#wake();
  }

  /** What comes before `end`, which is taken too. */
  async until(end: string, timeoutMs?: number): Promise<string> {
    const deadline = timeoutMs === undefined ? undefined : performance.now() + timeoutMs;
    for (;;) {
      const at = this.#text.indexOf(end);
      if (at >= 0) {
        const before = this.#text.slice(0, at);
        this.#text = this.#text.slice(at + end.length);
        return before;
      }
      if (this.#ended)
        throw new Error('MicroPython was restarted: the program is gone, and what it had written to files is there.');
      if (!(await this.#more(deadline))) throw new Error('MicroPython does not come back to its prompt.');
    }
  }

  #more(deadline: number | undefined): Promise<boolean> {
    return new Promise((resolve) => {
      const left = deadline === undefined ? undefined : Math.max(0, deadline - performance.now());
      const timer = left === undefined ? undefined : setTimeout(() => resolve(false), left);
      this.#wake = () => {
        clearTimeout(timer);
        resolve(true);
      };
    });
  }
}
