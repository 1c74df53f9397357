/** What the ceilings are made of: workers in a row that hand requests on over the system's own rings, and wake each other as it does. */
import { CONTROL, CONTROL_SIZE } from '../../../src/protocol/boot';
import { FS_COMMAND_QUEUE, FS_COMPLETION_QUEUE, FS_QUEUE_CAPACITY } from '../../../src/protocol/fs';
import { signal } from '../../../src/protocol/notification';
import { Region } from '../../../src/protocol/region';
import { Ring } from '../../../src/protocol/spsc';

/** Between a worker and the next one: both rings, the memory that data passes in, and each end's word to sleep on. */
export interface Link {
  readonly commands: SharedArrayBuffer;
  readonly completions: SharedArrayBuffer;
  readonly share: SharedArrayBuffer;
  readonly asker: SharedArrayBuffer;
  readonly answerer: SharedArrayBuffer;
}

export const PIECE = 65_536;
export const PIECES = 64;
export const REQUEST = { NOTHING: 0, READ: 1, WRITE: 2 } as const;

export function makeLink(asker: SharedArrayBuffer): Link {
  const [commands, completions] = [new SharedArrayBuffer(0x8000), new SharedArrayBuffer(0x8000)];
  const share = new SharedArrayBuffer(PIECE * PIECES);
  return { commands, completions, share, asker, answerer: new SharedArrayBuffer(CONTROL_SIZE) };
}

export function asker({ commands, completions, share, answerer }: Link) {
  return {
    commands: new Ring(new Region('commands', commands), FS_QUEUE_CAPACITY, FS_COMMAND_QUEUE, 'producer'),
    completions: new Ring(new Region('completions', completions), FS_QUEUE_CAPACITY, FS_COMPLETION_QUEUE, 'consumer'),
    share: new Uint8Array(share),
    wake: () => signal(new Int32Array(answerer), 1),
  };
}

export function answerer({ commands, completions, share, asker }: Link) {
  return {
    commands: new Ring(new Region('commands', commands), FS_QUEUE_CAPACITY, FS_COMMAND_QUEUE, 'consumer'),
    completions: new Ring(new Region('completions', completions), FS_QUEUE_CAPACITY, FS_COMPLETION_QUEUE, 'producer'),
    share: new Uint8Array(share),
    wake: () => signal(new Int32Array(asker), 2),
  };
}

/** Sleeps until somebody has signalled the owner of the word. */
export function sleep(words: Int32Array): void {
  Atomics.store(words, CONTROL.SLEEPING, 1);
  while (Atomics.exchange(words, CONTROL.BITS, 0) === 0) Atomics.wait(words, CONTROL.BITS, 0);
  Atomics.store(words, CONTROL.SLEEPING, 0);
}
