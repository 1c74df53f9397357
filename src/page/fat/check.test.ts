/** Damage is found as fsck.fat finds it; images with a lie are told with a sentence, and take no more work than sound ones. */
import { describe, expect, test } from 'vitest';
import { fsck } from '../../../e2e/images';
import { HOSTILE, Victim } from '../../../workers/linux_fs_vm/kernel/fat/test_hostile_images';
import { seeded } from '../../../workers/linux_fs_vm/kernel/fat/test_volume';
import { DAMAGED } from '../gallery/damaged';
import { check, verdict } from './check';
import { CLUSTER } from './node';
import { readPartitions } from './partitions';
import { sourceOf } from './source';
import { chainOf, readVolume, type Volume } from './volume';

async function read(image: Uint8Array): Promise<Volume> {
  const source = sourceOf(image);
  return readVolume(source, (await readPartitions(source)).partitions[0]!);
}

const texts = (volume: Volume) => check(volume).map(({ severity, text }) => `${severity}: ${text}`);

test('the damaged disk of the gallery: what fsck.fat says, in sentences', async () => {
  const image = Buffer.alloc(DAMAGED.size);
  for (const { offset, bytes } of DAMAGED.writes()) image.set(bytes, offset);
  const volume = await read(image);
  const first = (path: string) => volume.nodes.find((node) => node.path === path)!.first;
  const shared = chainOf(volume, first('/shared.txt'));
  const lost = [...volume.states.keys()].filter((cluster) => volume.states[cluster] === CLUSTER.LOST);
  expect(fsck(image)).toContain(`Reclaimed ${lost.length} unused clusters`);
  expect(fsck(image)).toContain('Free cluster summary wrong (69516 vs. really 68519)');
  expect(texts(volume)).toEqual([
    'note: The dirty bit is set: the volume is mounted, or was not unmounted.',
    `error: /crossed.txt goes on in cluster ${shared[1]}, which belongs to /shared.txt.`,
    'error: /short.txt has 2048 bytes, which are 4 clusters, and its chain has 1.',
    `lost: A chain of 3 clusters belongs to no file: ${lost[0]} to ${lost[2]}.`,
    // fsck.fat has taken the lost ones back before it counts.
    'note: FSInfo counts 69516 free clusters, and there are 68516.',
  ]);
  expect(chainOf(volume, first('/crossed.txt'))).toEqual([first('/crossed.txt'), ...shared.slice(1)]);
  const crossed = [...volume.states.keys()].filter((cluster) => volume.states[cluster] === CLUSTER.CROSSED);
  expect(crossed).toEqual(shared.slice(1));
});

describe('one lie each', () => {
  const made = (bits: 12 | 16 | 32, change: (victim: Victim) => void) => {
    const victim = new Victim(bits);
    change(victim);
    return victim;
  };
  const end = { 12: 0xfff, 16: 0xffff, 32: 0x0fffffff };

  test.each([12, 16, 32] as const)('FAT%i', async (bits) => {
    const cases: [change: (victim: Victim) => void, said: (victim: Victim) => string[]][] = [
      [() => {}, () => []],
      [
        (victim) => victim.fat(victim.cluster('/victim.bin', 3), victim.cluster('/victim.bin', 1)),
        (victim) => [
          `error: /victim.bin comes back to its own cluster ${victim.cluster('/victim.bin', 1)} after 4 clusters.`,
          `lost: A chain of 6 clusters belongs to no file: ${victim.cluster('/victim.bin', 4)} to ${victim.cluster('/victim.bin', 9)}.`,
        ],
      ],
      [
        (victim) => victim.fat(victim.cluster('/other.bin', 9), 0),
        (victim) => [`error: /other.bin goes on in cluster ${victim.cluster('/other.bin', 9)}, which is free.`],
      ],
      [
        (victim) => victim.first('OTHER   BIN', 60_000_000 % 2 ** (bits === 32 ? 28 : 16)),
        (victim) => [
          expect.stringMatching(/^error: \/other\.bin begins in cluster \d+, which the volume does not have\.$/),
          `lost: A chain of 10 clusters belongs to no file: ${victim.cluster('/other.bin')} to ${victim.cluster('/other.bin', 9)}.`,
        ],
      ],
      [
        (victim) =>
          victim.image.fill(
            0x55,
            victim.filled.fatStart + victim.filled.fatLength + 30,
            victim.filled.fatStart + victim.filled.fatLength + 36,
          ),
        () => [expect.stringMatching(/^error: The two FATs differ in \d+ entries: \d/)],
      ],
      [(victim) => victim.fat(500, end[bits]), () => ['lost: A chain of 1 cluster belongs to no file: 500.']],
      [
        (victim) => {
          victim.fat(500, 300);
          victim.fat(300, end[bits]);
        },
        () => ['lost: A chain of 2 clusters belongs to no file: 500, 300.'],
      ],
      [
        (victim) => {
          victim.fat(500, 501);
          victim.fat(501, 500);
        },
        () => ['lost: A chain of 2 clusters belongs to no file: 500 to 501.'],
      ],
      [
        (victim) => victim.name('VICTIM  BIN', 'OTHER   BIN'),
        () => ['error: /other.bin has the short name of another file in its directory.'],
      ],
      [
        (victim) => victim.long('INDIR~1 TXT', 1, [13, 1], 0),
        () => ['error: /dir has long names that belong to no file.'],
      ],
      [
        (victim) => victim.long('ALONGN~1TEX', 1, [13, 1], 0),
        () => ['error: / has long names that belong to no file.'],
      ],
    ];
    for (const [change, said] of cases) {
      const victim = made(bits, change);
      const volume = await read(victim.image);
      const found = texts(volume).filter((text) => !text.startsWith('note: FSInfo'));
      expect(found).toEqual(said(victim));
      const clean = verdict(check(volume)) === 'clean' ? '' : expect.stringMatching(/./);
      expect(
        fsck(Buffer.from(victim.image))
          .replace(/^Free cluster summary.*|^ {2}Auto.*|^Leaving.*/gm, '')
          .trim(),
      ).toEqual(clean);
    }
  });
});

test("the upper four bits of a FAT32 entry are nobody's", async () => {
  const victim = new Victim(32);
  for (const cluster of [victim.cluster('/victim.bin'), victim.cluster('/victim.bin', 9), 500]) {
    for (const start of [victim.filled.fatStart, victim.filled.fatStart + victim.filled.fatLength])
      victim.image[start + cluster * 4 + 3]! |= 0xf0;
  }
  expect(check(await read(victim.image))).toEqual([]);
  expect(fsck(Buffer.from(victim.image))).toBe('');
});

describe('hostile images', () => {
  const sentence = /^[A-Z/].*\.$/s;
  const outcome = (image: Uint8Array) => read(image).then(check, (error: Error) => error.message);

  test('each gives findings, or one sentence', async () => {
    expect(HOSTILE.length).toBeGreaterThan(60);
    for (const { name, bits, change } of HOSTILE) {
      const victim = new Victim(bits);
      change(victim);
      const found = await outcome(victim.image);
      if (typeof found === 'string') expect(found, name).toMatch(sentence);
      else for (const { text } of found) expect(text, name).toMatch(sentence);
    }
  });

  test.each([12, 16, 32] as const)('FAT%i with random bytes where the file system is', async (bits) => {
    const random = seeded(bits);
    for (let round = 0; round < 100; round++) {
      const victim = new Victim(bits);
      const { fatStart, dataStart } = victim.filled;
      const [from, to] = round % 2 === 0 ? [0, 96] : [fatStart, dataStart + 4096];
      for (let i = 0; i < 40; i++) victim.image[from + random(to - from)] = random(256);
      const found = await outcome(victim.image);
      if (typeof found === 'string') expect(found).toMatch(sentence);
    }
  });
});
