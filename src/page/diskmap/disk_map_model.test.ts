/** The model follows a disk through the log that its driver writes; the log is the real one, the disk an image in memory. */
import { expect, test, vi } from 'vitest';
import type { SystemMemory } from '../../microkit/layout';
import { Region } from '../../protocol/region';
import { WRITE_LOG_SIZE, WriteLog } from '../../protocol/write_log';
import { BPB16, BS_DIRTY } from '../../specs/fat';
import { fillFat } from '../../specs/fat_fill';
import type { Disk } from '../disk';
import { WRITE_LOG_REGION } from '../powercut/write_history';
import { DiskMapModel } from './disk_map_model';

const SECTORS = 8192;
const text = (letter: string, length: number) => new Uint8Array(length).fill(letter.charCodeAt(0));
const FILES = [{ path: 'one.txt', bytes: text('1', 3000) }];

function imageOf(files: Parameters<typeof fillFat>[1]): Uint8Array {
  const image = new Uint8Array(SECTORS * 512);
  for (const { offset, bytes } of fillFat({ bits: 12, sectors: SECTORS, serial: 1 }, files).writes)
    image.set(bytes, offset);
  return image;
}

class Bench {
  image = imageOf(FILES);
  reads = 0;
  state = { phase: 'ready', starts: 1 };
  #log!: WriteLog;
  #memory!: SystemMemory;
  readonly #listeners = new Set<() => void>();
  readonly model: DiskMapModel;

  constructor() {
    this.boot();
    const bench = this;
    const disk = {
      size: async () => this.image.length,
      bytes: async (offset: number, length: number) => {
        this.reads++;
        return this.image.slice(offset, offset + length);
      },
    } as Disk;
    const subscribe = (listener: () => void) => {
      this.#listeners.add(listener);
      return () => this.#listeners.delete(listener);
    };
    const machine = {
      disk,
      partition: 0,
      subscribe,
      memory: () => this.#memory,
      get state() {
        return bench.state;
      },
    };
    this.model = new DiskMapModel(machine, { subscribe });
  }

  /** Another system, with a log of its own. */
  boot(): void {
    const buffer = new SharedArrayBuffer(WRITE_LOG_SIZE);
    this.#log = new WriteLog(new Region(WRITE_LOG_REGION, buffer), () => 0);
    this.#memory = { regions: new Map([[WRITE_LOG_REGION, buffer]]) } as unknown as SystemMemory;
  }

  /** What the driver does when the guest has written: all sectors that are not as in `next`. */
  become(next: Uint8Array): void {
    for (let sector = 0; sector < SECTORS; sector++) {
      const [at, end] = [sector * 512, (sector + 1) * 512];
      const [before, after] = [this.image.slice(at, end), next.slice(at, end)];
      if (Buffer.compare(before, after) === 0) continue;
      this.image.set(after, at);
      this.#log.wrote(sector, before, after, 0);
    }
  }

  lose(): void {
    this.#log.lost();
  }

  /** As the watch over activity does. */
  tick(): void {
    for (const listener of this.#listeners) listener();
  }

  names(): string[] | undefined {
    return this.model.state.volume?.nodes.slice(1).map(({ path }) => path);
  }
}

const settle = () => vi.advanceTimersByTimeAsync(500);

async function looking(use: (bench: Bench) => Promise<void>): Promise<void> {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  try {
    const bench = new Bench();
    const end = bench.model.look();
    await settle();
    await use(bench);
    end();
    expect(bench.model.state.phase).toBe('waiting');
  } finally {
    vi.useRealTimers();
  }
}

test('what is written appears without the disk being read again', () =>
  looking(async (bench) => {
    expect(bench.names()).toEqual(['/one.txt']);
    const { reads } = bench;
    bench.become(imageOf([...FILES, { path: 'two.txt', bytes: text('2', 9000) }]));
    bench.tick();
    await settle();
    expect(bench.names()).toEqual(['/one.txt', '/two.txt']);
    expect(bench.reads).toBe(reads);
    expect(bench.model.state.fresh.length).toBeGreaterThan(0);
    await vi.advanceTimersByTimeAsync(2000);
    expect(bench.model.state.fresh).toEqual([]);
  }));

test('what was lost from the log is read anew', () =>
  looking(async (bench) => {
    // In a sector that no later write covers.
    bench.image[BPB16.BS_Reserved1[0]] = BS_DIRTY;
    bench.lose();
    bench.tick();
    await settle();
    const next = imageOf([...FILES, { path: 'two.txt', bytes: text('2', 9000) }]);
    next[BPB16.BS_Reserved1[0]] = BS_DIRTY;
    bench.become(next);
    bench.tick();
    await settle();
    expect([bench.names(), bench.model.state.volume!.geometry.dirty]).toEqual([['/one.txt', '/two.txt'], true]);
  }));

test('a write to what no directory or table has is shown, and the volume is the same one', () =>
  looking(async (bench) => {
    const { volume } = bench.model.state;
    const next = bench.image.slice();
    next.fill(0x55, next.length - 512);
    bench.become(next);
    bench.tick();
    await settle();
    expect(bench.model.state.fresh).toEqual([[SECTORS - 1, SECTORS]]);
    expect(bench.model.state.volume).toBe(volume);
  }));

test('another system has another disk; while it starts there is none', () =>
  looking(async (bench) => {
    bench.state = { phase: 'starting', starts: 2 };
    bench.tick();
    expect(bench.model.state).toMatchObject({ phase: 'waiting' });
    bench.image = imageOf([{ path: 'other', bytes: text('o', 1) }]);
    bench.boot();
    bench.state = { phase: 'ready', starts: 2 };
    bench.tick();
    await settle();
    expect(bench.names()).toEqual(['/other']);
  }));

test('a disk that is no FAT is one sentence, and becomes a map when it becomes one', () =>
  looking(async (bench) => {
    const sound = bench.image.slice();
    bench.become(new Uint8Array(SECTORS * 512));
    bench.tick();
    await settle();
    expect(bench.model.state).toMatchObject({
      phase: 'ready',
      problem: expect.stringContaining('does not end with 55 AA'),
    });
    bench.become(sound);
    bench.tick();
    await settle();
    expect(bench.names()).toEqual(['/one.txt']);
  }));

test('nobody looks: nothing is read', async () => {
  const bench = new Bench();
  bench.tick();
  await Promise.resolve();
  expect([bench.reads, bench.model.state.phase]).toEqual([0, 'waiting']);
});
