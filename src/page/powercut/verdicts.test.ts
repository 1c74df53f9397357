import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { fsckVerdict } from '../../../e2e/fsck_verdict';
import { mkfs } from '../../../e2e/images';
import { changed } from '../../../e2e/mtools';
import { Random } from '../../libmicrokit/random';
import { DiskCache } from './disk_cache';
import { examine, type Verdict } from './examine';
import { Moment } from './moment';
import { PowerCutModel } from './power_cut_model';

import { LoggedMachine } from './testing/logged_machine';
import { Verdicts } from './verdicts';
import { fsckWords } from './words';

const BLOCK = 4096;

/** A volume, what mtools makes of it, and the blocks in which they differ written in some order. */
function writtenBy(bits: 12 | 16, seed: number, ...commands: readonly string[][]) {
  const sectors = bits === 12 ? 4096 : 32_768;
  const files = { a: new Uint8Array(9000).fill(65), b: new Uint8Array(30_000).fill(66) };
  const before = changed(mkfs(bits, sectors, '-s', '1'), files, ['mcopy', '@', 'b', '::/old.bin']);
  const after = changed(before, files, ...commands);
  const machine = new LoggedMachine(before);
  const blocks = [...Array(before.length / BLOCK).keys()].filter(
    (n) => Buffer.compare(blockOf(before, n), blockOf(after, n)) !== 0,
  );
  const random = new Random(seed);
  for (const block of blocks.map((n) => [random.below(1000), n]).sort(([a], [b]) => a! - b!)) {
    machine.disk.write(block[1]! * 8, blockOf(after, block[1]!));
    if (random.below(2)) machine.disk.flush();
  }
  return machine;
}

const blockOf = (image: Uint8Array, n: number) => image.slice(n * BLOCK, (n + 1) * BLOCK);

const COPY = ['mcopy', '@', 'a', '::/new.bin'];
const DELETE = ['mdel', '@', '::/old.bin'];

/** What real fsck.fat says of each moment. */
async function judged(machine: LoggedMachine): Promise<Verdict[]> {
  const history = machine.history();
  const verdicts: Verdict[] = [];
  for (let n = 0; n <= history.last; n++) {
    const image = await new Moment(history, n, machine.page, machine.image.length / 512).read(
      0,
      machine.image.length / 512,
    );
    verdicts.push(fsckVerdict(Buffer.from(image)));
  }
  return verdicts;
}

/** All that there is to know, worked out. */
async function known(machine: LoggedMachine, onAsked: () => void = () => {}) {
  const history = machine.history();
  const cache = new DiskCache(machine.page, history);
  const bytes = cache.bytes.bind(cache);
  vi.spyOn(cache, 'bytes').mockImplementation((...range) => {
    onAsked();
    return bytes(...range);
  });
  const verdicts = await new Promise<Verdicts>((resolve) => {
    const all = () => Array.from({ length: history.last + 1 }, (_, n) => n);
    const made: Verdicts = new Verdicts(history, cache, 0, () => made.known.size > history.last && resolve(made));
    made.want(all);
  });
  return Array.from({ length: history.last + 1 }, (_, n) => verdicts.known.get(n));
}

describe('at every moment the verdict is that of fsck.fat', () => {
  test.each([
    ['a copied file', 12, 1, [COPY]],
    ['a copied file, in another order', 12, 2, [COPY]],
    ['a deleted file', 12, 3, [DELETE]],
    ['one deleted, one copied', 16, 4, [DELETE, COPY]],
    [
      'a directory with a file',
      16,
      5,
      [
        ['mmd', '@', '::/d'],
        ['mcopy', '@', 'a', '::/d/new.bin'],
      ],
    ],
  ] as const)('%s', async (_, bits, seed, commands) => {
    const machine = writtenBy(bits, seed, ...commands.map((command) => [...command]));
    const expected = await judged(machine);
    expect(new Set(expected).size).toBeGreaterThan(1);
    expect(await known(machine)).toEqual(expected);
  });
});

test('the verdict of a moment holds for those around it, as long as nothing it follows from is written', async () => {
  const machine = new LoggedMachine(mkfs(12, 4096));
  for (let n = 0; n < 50; n++) machine.disk.write(3000 + n, new Uint8Array(512).fill(n));
  let asked = 0;
  expect(await known(machine, () => asked++)).toEqual(new Array(51).fill('clean'));
  expect(asked).toBeLessThan(20);
});

test('where there is no volume, it says why', async () => {
  const machine = new LoggedMachine(new Uint8Array(1 << 16));
  machine.disk.write(0, new Uint8Array(512).fill(1));
  const examined = await examine(new Moment(machine.history(), 1, machine.page, 128), 0);
  expect([examined.verdict, fsckWords(examined)]).toEqual([
    'unreadable',
    'fsck would find no volume: There is no FAT volume here: its first sector does not end with 55 AA.',
  ]);
});

describe('the model', () => {
  const started = (machine: LoggedMachine) =>
    new PowerCutModel({ disk: machine.page, partition: 0, memory: machine.memory });
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
  afterEach(() => void vi.useRealTimers());
  /** All timers that are set within a second have fired, and what they began is over. */
  const second = () => vi.advanceTimersByTimeAsync(1000);

  test('follows what is written, until a moment is chosen; a new system begins anew', async () => {
    const machine = writtenBy(12, 1, COPY);
    const model = started(machine);
    model.poke();
    await second();
    const first = model.state;
    expect([first.chosen, first.base, first.examined?.verdict]).toEqual([first.last, first.last - 1, 'clean']);
    machine.disk.write(4000, new Uint8Array(512).fill(1));
    model.poke();
    await second();
    model.choose(2);
    machine.disk.write(4001, new Uint8Array(512).fill(1));
    model.poke();
    await second();
    const later = model.state;
    expect([later.chosen, later.base]).toEqual([2, 1]);
    expect(later.differences?.sectors.length).toBeGreaterThan(0);
    machine.boot();
    model.poke();
    await second();
    const fresh = model.state;
    expect([fresh.first, fresh.chosen, fresh.marked]).toEqual([0, 0, false]);
    model.stop();
  });

  test('compares with a marked moment', async () => {
    const machine = writtenBy(12, 1, COPY);
    const model = started(machine);
    model.poke();
    await second();
    model.choose(1);
    model.mark(1);
    expect(model.state.differences?.sectors).toEqual([]);
    model.choose(model.state.last);
    expect([model.state.base, model.state.marked]).toEqual([1, true]);
    expect(model.state.differences!.sectors.length).toBeGreaterThan(10);
    model.stop();
  });

  test('checks a volume that takes long only around the chosen moment, until all is asked for', async () => {
    const machine = new LoggedMachine(mkfs(12, 4096, '-s', '1', '-r', '512'));
    // In the root directory: every one counts.
    for (let n = 0; n < 60; n++) machine.disk.write(25 + (n % 30), new Uint8Array(512).fill(n + 1, 0, 1));
    let clock = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => (clock += 50));
    const model = started(machine);
    model.poke();
    await vi.advanceTimersByTimeAsync(60_000);
    expect([model.state.onlyNear, model.state.verdicts.size < 30, model.state.verdicts.has(60)]).toEqual([
      true,
      true,
      true,
    ]);
    expect(model.state.verdicts.has(20)).toBe(false);
    model.checkAll();
    await vi.advanceTimersByTimeAsync(60_000);
    expect([model.state.onlyNear, model.state.verdicts.size]).toEqual([false, 61]);
    model.stop();
    vi.restoreAllMocks();
  });

  test('asks nothing of the disk while writes come in', async () => {
    const machine = writtenBy(12, 1, COPY);
    const model = started(machine);
    model.poke();
    await second();
    const reads = machine.reads;
    for (let n = 0; n < 20; n++) {
      machine.disk.write(0, new Uint8Array(512).fill(n + 1));
      model.poke();
      await vi.advanceTimersByTimeAsync(90);
    }
    expect([model.state.isBusy, machine.reads]).toEqual([true, reads]);
    await second();
    expect([model.state.isBusy, model.state.examined?.verdict, machine.reads > reads]).toEqual([
      false,
      'unreadable',
      true,
    ]);
    model.stop();
  });

  test('finds the flush before', async () => {
    const machine = new LoggedMachine(mkfs(12, 4096));
    const write = () => machine.disk.write(3000, new Uint8Array(512).fill(9));
    write();
    machine.disk.flush();
    write();
    write();
    const model = started(machine);
    model.poke();
    await second();
    expect([3, 2, 1, 0].map((moment) => model.flushedBefore(moment))).toEqual([1, 1, 1, 0]);
    model.stop();
  });

  test('asks a disk that cannot be read once, and says so; again when something was written', async () => {
    const machine = new LoggedMachine(mkfs(12, 4096));
    machine.disk.write(3000, new Uint8Array(512));
    let asked = 0;
    const bytes = async () => {
      asked++;
      throw new Error('The disk does not answer.');
    };
    const model = new PowerCutModel({ disk: { ...machine.page, bytes }, partition: 0, memory: machine.memory });
    model.poke();
    await second();
    expect(model.state.trouble).toBe('The disk does not answer.');
    const before = asked;
    await second();
    expect(asked).toBe(before);
    machine.disk.write(3001, new Uint8Array(512).fill(1));
    model.poke();
    await second();
    expect(asked).toBeGreaterThan(before);
    model.stop();
  });

  test('nothing is done when nothing was written', async () => {
    const machine = writtenBy(12, 1, COPY);
    const model = started(machine);
    model.poke();
    await second();
    let heard = 0;
    model.subscribe(() => heard++);
    const reads = machine.reads;
    model.poke();
    await second();
    expect([heard, machine.reads]).toEqual([0, reads]);
    model.stop();
  });
});
