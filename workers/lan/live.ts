/** The lan's loop: frames from the wire, what can be done about them, and sleep that leaves the worker to its other events. */
import type { WireReceiver } from '../../src/protocol/wire';
import type { Lan } from './lan';

/** Frames after which the worker's other events have their turn. */
const MAX_FRAMES = 256;

export async function live(
  lan: Lan,
  wire: { receive(): Uint8Array | undefined },
  word: () => WireReceiver['sleep'],
  nowMs: () => number,
): Promise<never> {
  for (;;) {
    const { words, index, seen } = word();
    lan.begin(nowMs());
    const frames = take(lan, wire);
    const waitMs = lan.turn();
    if (frames < MAX_FRAMES) {
      const wait = Atomics.waitAsync(words, index, seen, waitMs);
      if (wait.async) await wait.value;
      else await pause();
    } else await pause();
  }
}

function take(lan: Lan, wire: { receive(): Uint8Array | undefined }): number {
  for (let taken = 0; taken < MAX_FRAMES; taken++) {
    const frame = wire.receive();
    if (!frame) return taken;
    lan.input(frame);
  }
  return MAX_FRAMES;
}

/** One turn of the event loop: a wait that is woken at once. A timer would take milliseconds. */
async function pause(): Promise<void> {
  const words = new Int32Array(new SharedArrayBuffer(4));
  const wait = Atomics.waitAsync(words, 0, 0);
  Atomics.notify(words, 0);
  if (wait.async) await wait.value;
}
