/** A hostile client: random and mutated messages, impossible indices, memory that changes under the guest's hands. */
import { expect, test } from 'vitest';
import { Random } from '../../src/libmicrokit/random';
import type { FsClient } from './testing/fs_client';
import { machine } from './testing/machine';

const NAMES = ['a', 'b', 'dir', 'dir/c', 'dir/../a', '/dir', 'A long name of its own.txt', '..', 'dir/sub', 'x\0', ''];
const PARTITION = 2048 * 512;

/** A word that a test of bounds would choose. */
function word(random: Random, fds: readonly number[]): bigint {
  const edges = [
    0n,
    1n,
    255n,
    256n,
    0x8000n,
    0x3ff_ffffn,
    0x400_0000n,
    2n ** 31n,
    2n ** 32n - 1n,
    2n ** 53n,
    2n ** 64n - 1n,
  ];
  switch (random.below(5)) {
    case 0:
      return edges[random.below(edges.length)]!;
    case 1:
      return BigInt(fds[random.below(fds.length)] ?? 0);
    case 2:
      return BigInt(random.below(0x2000));
    case 3:
      return (BigInt(random.next()) << 32n) | BigInt(random.next());
    default:
      return edges[random.below(edges.length)]! - BigInt(random.below(5000));
  }
}

/** A message that mostly makes sense: a path or a descriptor where one belongs, then words of any kind. */
function message(fs: FsClient, random: Random, fds: readonly number[]): [type: bigint, words: bigint[]] {
  const type = random.below(16) === 0 ? word(random, fds) : BigInt(random.below(22));
  const words = Array.from({ length: 6 }, () => word(random, fds));
  const pathFirst = [2n, 4n, 8n, 9n, 11n, 12n, 13n].includes(type);
  if (pathFirst && random.below(8) !== 0) {
    const [offset, size] = fs.path(NAMES[random.below(NAMES.length)]!, random.below(64) * 256);
    words.splice(0, 2, BigInt(offset), BigInt(size));
    if (type === 2n) words[2] = BigInt(random.below(8));
    if (type === 8n) words.splice(2, 2, ...fs.path(NAMES[random.below(NAMES.length)]!, 0x5000).map(BigInt));
  } else if (random.below(4) !== 0) {
    words[0] = BigInt(fds[random.below(fds.length)] ?? 0);
    const buffer = [BigInt(0x10_0000 + random.below(4096)), BigInt(random.below(9000))];
    if (type === 5n || type === 6n) words.splice(1, 3, BigInt(random.below(20_000)), ...buffer);
    if (type === 10n) words[1] = BigInt(random.below(50_000));
    if (type === 16n) words.splice(1, 2, ...buffer);
  }
  return [type, words];
}

test.each([1, 2, 3, 4])('every message gets exactly one completion, and the guest lives (seed %d)', async (seed) => {
  const vm = await machine({ seed });
  const random = new Random(seed * 7919);
  const outside = vm.disk.slice(0, PARTITION);
  vm.client((fs) => {
    fs.initialise();
    const fds: number[] = [];
    for (let round = 0; round < 60; round++) {
      const count = 1 + random.below(40);
      const ids = new Set<bigint>();
      for (let i = 0; i < count; i++) ids.add(fs.put(...message(fs, random, fds)));
      // Another thread of the client changes what it can reach while the guest works: every other round the commands too.
      const changesCommands = round % 2 === 1;
      vm.simulator.onStep = () => {
        fs.share.bytes[random.below(0x4000)] = random.below(256);
        if (changesCommands) fs.command.bytes[64 + random.below(511 * 64)] = random.below(256);
      };
      for (const { id, status, result } of fs.await(count)) {
        if (!changesCommands) expect(ids.delete(id)).toBe(true);
        if (status === 0 && result >= 256) fds.push(result);
      }
      vm.simulator.onStep = undefined;
      vm.simulator.settle();
      expect(fs.take()).toEqual([]);
      if (!changesCommands) expect(ids.size).toBe(0);
    }
    fs.deinitialise();
    expect(fs.initialise()).toBe(0);
    fs.putFile('after', 'all is well');
    expect(new TextDecoder().decode(fs.getFile('after'))).toBe('all is well');
  });
  expect(Buffer.compare(vm.disk.slice(0, PARTITION), outside)).toBe(0);
});

test.each([
  ['512 ahead', 512n],
  ['2^31 ahead', 2n ** 31n],
  ['2^63 ahead', 2n ** 63n],
  ['one back', -1n],
])('a command tail %s closes the queue: nothing stale is served, and the guest lives', async (_, jump) => {
  const vm = await machine();
  vm.client((fs) => {
    fs.initialise();
    fs.mkdir('d');
    const tail = fs.command.view.getBigUint64(8, true);
    fs.command.view.setBigUint64(8, BigInt.asUintN(64, tail + jump), true);
    fs.ring();
    vm.simulator.settle();
    expect(fs.take()).toEqual([]);
    fs.command.view.setBigUint64(8, tail, true);
    expect(fs.list('/')).toEqual(['d']);
  });
  vm.simulator.settle();
  const complaints = vm.lines().filter((line) => line.startsWith('UIO(FS)|ERROR'));
  expect(complaints).toEqual([
    'UIO(FS)|ERROR: the client has written an impossible queue index; not serving it any more',
  ]);
});

test('a completion head that jumps stops the answers instead of overwriting what was not read', async () => {
  const vm = await machine();
  vm.client((fs) => {
    fs.initialise();
    for (const head of [2n ** 63n, 5000n]) {
      fs.completion.view.setBigUint64(0, head, true);
      fs.put(18, [0]);
      fs.ring();
      vm.simulator.settle();
      expect(fs.take()).toEqual([]);
    }
    fs.completion.view.setBigUint64(0, 1n, true);
    expect(fs.await(2).map(({ status }) => status)).toEqual([4, 4]);
  });
});

test('a client that never takes its completions is answered as far as there is room', async () => {
  const vm = await machine();
  vm.client((fs) => {
    fs.initialise();
    for (let i = 0; i < 511; i++) fs.put(20, []);
    fs.ring();
    vm.simulator.settle();
    for (let i = 0; i < 100; i++) fs.put(20, []);
    fs.ring();
    vm.simulator.settle();
    expect(fs.answers.available).toBe(511);
    expect(fs.take()).toHaveLength(511);
    expect(fs.await(100)).toHaveLength(100);
  });
});
