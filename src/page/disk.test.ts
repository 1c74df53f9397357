import type { Remote } from 'comlink';
import { expect, test, vi } from 'vitest';
import type { BlkDriverControl, GuestControl, StorageState } from '../protocol/control';
import { Disk } from './disk';

/** A block driver's and a guest's control procedures over an array, with a log of the calls that change something. */
function driver(state: StorageState['state'], bytes = new Uint8Array(3 << 20).map((_, i) => i % 251), broken = false) {
  const calls: string[] = [];
  let next = new Uint8Array();
  const control = {
    storage: async () => ({ state }),
    size: async () => bytes.length,
    flush: async () => void calls.push('flush'),
    read: async (at: number, length: number) => bytes.slice(at, at + length),
    importBegin: async (size: number) => {
      calls.push(`begin ${size}`);
      next = new Uint8Array(size);
    },
    importChunk: async (at: number, chunk: Uint8Array) => {
      if (chunk[0] === 0xee) throw new Error('The device is full.');
      next.set(chunk, at);
    },
    importCommit: async () => void calls.push('commit'),
    importAbort: async () => void calls.push('abort'),
    reset: async () => void calls.push('reset'),
    undo: async () => calls.push('undo') > 0,
  };
  const guest = {
    freeze: async () => void calls.push('freeze'),
    thaw: async () => void calls.push('thaw'),
  };
  const disk = new Disk(
    { store: state === 'memory' ? 'memory' : 'opfs' },
    {
      control: () => control as unknown as Remote<BlkDriverControl>,
      guest: () => guest as unknown as Remote<GuestControl>,
      restart: async () => void calls.push('restart'),
      broken: () => broken,
    },
  );
  return { disk, calls, bytes, control, guest, imported: () => next };
}

/** Vitest compares megabytes one by one, with a name for each. */
const same = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0;

test('an export is the whole disk, with the file system standing still and the device flushed', async () => {
  const { disk, calls, bytes } = driver('saved');
  expect(same(await disk.export(), bytes)).toBe(true);
  expect(calls).toEqual(['freeze', 'flush', 'thaw']);
});

test('an import is padded to whole sectors, committed, and started on', async () => {
  const { disk, calls, imported } = driver('saved');
  const image = new Uint8Array((1 << 20) + 100).fill(7);
  await disk.open(new Blob([image]));
  expect(calls).toEqual([`begin ${(1 << 20) + 512}`, 'commit', 'restart']);
  expect(same(imported().subarray(0, image.length), image)).toBe(true);
  expect(
    imported()
      .subarray(image.length)
      .every((byte) => byte === 0),
  ).toBe(true);
  expect(disk.undoable).toBe(true);
  expect(await disk.undo()).toBe(true);
  expect(calls.slice(-2)).toEqual(['undo', 'restart']);
});

test('an import that fails is taken back and nothing is restarted', async () => {
  const { disk, calls } = driver('saved');
  await expect(disk.open(new Blob([new Uint8Array(512).fill(0xee)]))).rejects.toThrow('The device is full.');
  expect(calls).toEqual(['begin 512', 'abort']);
  await expect(disk.open(new Blob())).rejects.toThrow('This image is empty.');
});

test.each(['memory', 'busy'] as const)(
  'a disk in memory (%s) is replaced by the next start, and can come back',
  async (state) => {
    const { disk, calls, bytes } = driver(state);
    await disk.open(new Blob([new Uint8Array(100).fill(7)]));
    expect(disk.config('d')).toMatchObject({ store: 'memory', name: 'd' });
    expect(disk.config('d').image!.byteLength).toBe(512);
    expect(await disk.undo()).toBe(true);
    expect(same(new Uint8Array(disk.config('d').image!), bytes)).toBe(true);
    expect(await disk.undo()).toBe(false);
    await disk.reset();
    expect(disk.config('d').image).toBeUndefined();
    expect(calls.filter((call) => call === 'restart')).toHaveLength(3);
  },
);

test('the disk of a system whose file system does not answer any more is kept as it is', async () => {
  vi.useFakeTimers();
  const { disk, calls, bytes, guest } = driver('memory', undefined, true);
  guest.freeze = () => new Promise(() => {});
  const kept = disk.keep();
  await vi.advanceTimersByTimeAsync(5000);
  await kept;
  vi.useRealTimers();
  expect(same(new Uint8Array(disk.config('vmfs').image!), bytes)).toBe(true);
  expect(calls).toEqual(['flush']);
});

test('a system without a disk any more is started again all the same', async () => {
  vi.useFakeTimers();
  const { disk, control } = driver('saved', undefined, true);
  control.storage = () => Promise.reject(new Error("'blk_driver' was killed"));
  control.flush = () => new Promise(() => {});
  const kept = disk.keep();
  await vi.advanceTimersByTimeAsync(5000);
  await expect(kept).resolves.toBeUndefined();
  vi.useRealTimers();
  expect(disk.config('vmfs').image).toBeUndefined();
});

test('a sound system is waited for as long as it takes, and what it cannot do is said', async () => {
  const { disk, guest } = driver('saved');
  guest.freeze = () => Promise.reject(new Error('The disk is gone.'));
  await expect(disk.keep()).rejects.toThrow('The disk is gone.');
});
