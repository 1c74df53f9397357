/** Standard input as a terminal gives it, and readiness for select.poll. */
import type { Terminal } from './terminal';

const CR = 13;
const LF = 10;
/** Ctrl-D: end of input. */
const EOT = 4;
const POLLIN = 1;
const POLLOUT = 4;
const POLLFD_SIZE = 8;

/**
 * Blocks for the first key, then takes what is there of the line: Enter reads as a line feed, Ctrl-D ends the input. With the interrupt key
 * switched off (micropython.kbd_intr(-1)) every byte is data.
 */
export function readKeys(target: Uint8Array, terminal: Terminal): number {
  const raw = terminal.interruptChar() < 0;
  let done = 0;
  while (done < target.length && (done === 0 || terminal.keysWaiting)) {
    const key = terminal.waitForKey();
    if (key === EOT && !raw) return done;
    target[done++] = key === CR && !raw ? LF : key;
    // A line at a time, so that Ctrl-D on a new line is the end.
    if (key === CR && !raw) break;
  }
  return done;
}

/** struct pollfd: 0 i32 fd, 4 i16 events, 6 i16 revents. Files never block. Returns how many are ready. */
export function pollDescriptors(view: DataView, at: number, count: number, terminal: Terminal): number {
  let ready = 0;
  for (let i = 0; i < count; i++) {
    const entry = at + i * POLLFD_SIZE;
    const fd = view.getInt32(entry, true);
    const able = fd === 0 ? (terminal.keysWaiting ? POLLIN : 0) : fd <= 2 ? POLLOUT : POLLIN | POLLOUT;
    const events = view.getInt16(entry + 4, true) & able;
    view.setInt16(entry + 6, events, true);
    if (events !== 0) ready++;
  }
  return ready;
}
