/** The two ends of a connection in threads of their own, which sleep as soon as they may: run by net_queue_threads.test.ts. */
import { netReceiver, netSender } from '../net_queue';
import { Region } from '../region';

export interface ThreadData {
  readonly body: 'sender' | 'receiver';
  readonly free: SharedArrayBuffer;
  readonly active: SharedArrayBuffer;
  /** Int32 words: OUTCOME. */
  readonly outcome: SharedArrayBuffer;
  readonly buffers: number;
  readonly frames: number;
}

export const OUTCOME = {
  SENDER_BELL: 0,
  RECEIVER_BELL: 1,
  RECEIVED: 2,
  WRONG: 3,
  LOST_SIGNALS: 4,
  BELLS: 5,
  SIZE: 24,
} as const;

/** Far longer than the other end can take: who still sleeps then was not told. */
const FOR_EVER_MS = 10_000;

/** Looks into a ring that outlast the time it takes to wake the other. */
const LONG_LOOK = 10_000;

export function main(data: ThreadData): void {
  const words = new Int32Array(data.outcome);
  const [own, other] =
    data.body === 'sender'
      ? [OUTCOME.SENDER_BELL, OUTCOME.RECEIVER_BELL]
      : [OUTCOME.RECEIVER_BELL, OUTCOME.SENDER_BELL];
  const ring = () => {
    Atomics.add(words, OUTCOME.BELLS, 1);
    Atomics.add(words, other, 1);
    Atomics.notify(words, other);
  };
  const end = data.body === 'sender' ? sender(data, ring) : receiver(data, ring, words);
  for (let round = 1; ; round++) {
    const bell = Atomics.load(words, own);
    // Asleep when the other acts, or awake: then it acts itself at any point of what the other is just doing.
    for (let looks = round % 3 === 0 ? 0 : LONG_LOOK; looks > 0 && end.idle(); looks--);
    if (end.step()) return;
    if (Atomics.wait(words, own, bell, FOR_EVER_MS) !== 'timed-out') continue;
    Atomics.add(words, OUTCOME.LOST_SIGNALS, 1);
    return;
  }
}

interface Body {
  /** Does what there is to do; true when all of it is done. */
  step(): boolean;
  /** Nothing has come. */
  idle(): boolean;
}

/** Sends all it has; done when everything was sent. */
function sender({ free, active, buffers, frames }: ThreadData, ring: () => void): Body {
  const end = netSender(new Region('free', free), new Region('active', active));
  const stock = Array.from({ length: buffers }, (_, i) => 2048 * i);
  let sent = 0;
  const step = () => {
    while (end.free.drain(({ io_or_offset }) => stock.push(io_or_offset)));
    for (; stock.length > 0 && sent < frames; sent++) {
      end.active.enqueue({ io_or_offset: stock.shift()! + 0x10_0000 * sent, len: sent & 0xffff });
    }
    if (end.active.requireSignal()) ring();
    return sent === frames;
  };
  return { step, idle: () => end.free.empty };
}

/** Takes all there is and returns the buffers; done when everything has come. */
function receiver({ free, active, frames }: ThreadData, ring: () => void, words: Int32Array): Body {
  const end = netReceiver(new Region('free', free), new Region('active', active));
  let got = 0;
  const take = ({ io_or_offset, len }: { io_or_offset: number; len: number }) => {
    const right = Math.floor(io_or_offset / 0x10_0000) === got && len === (got & 0xffff);
    const returned = end.free.enqueue({ io_or_offset: io_or_offset % 0x10_0000, len: 0 });
    if (!right || !returned) Atomics.add(words, OUTCOME.WRONG, 1);
    got++;
  };
  const step = () => {
    while (end.active.drain(take));
    if (end.free.requireSignal()) ring();
    Atomics.store(words, OUTCOME.RECEIVED, got);
    return got >= frames;
  };
  return { step, idle: () => end.active.empty };
}
