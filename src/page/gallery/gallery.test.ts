/** Every made disk, judged by sfdisk, fsck.fat, mtools and mkfs.fat. */
import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fsck, inFolder, mtoolsTree } from '../../../e2e/images';
import { ran, tool } from '../../../e2e/tools';
import { FAULTS } from './damaged';
import { type FreshChoice, freshDisk, freshProblem } from './fresh_disk';
import type { MadeDisk } from './made_disk';
import { DEMO_FILES, MADE_DISKS } from './made_disks';

function image({ size, writes }: MadeDisk): Buffer {
  const bytes = Buffer.alloc(size);
  for (const { offset, bytes: part } of writes()) bytes.set(part, offset);
  return bytes;
}

const made = (name: string) => image(MADE_DISKS.find((disk) => disk.name === name)!);

/** What sfdisk sees, after it has verified the table. */
function partitions(disk: Buffer): { label: string; volumes: Buffer[]; types: string[] } {
  return inFolder((folder) => {
    const file = join(folder, 'disk.img');
    writeFileSync(file, disk);
    const run = (flag: string) => tool('sfdisk', [flag, file]).toString();
    expect(run('--verify')).toContain('No errors detected.');
    const { partitiontable: table } = JSON.parse(run('--json'));
    // The room that a GPT of 128 entries leaves.
    if (table.label === 'gpt') expect([table.firstlba, table.lastlba]).toEqual([34, disk.length / 512 - 34]);
    const parts = table.partitions as { start: number; size: number; type: string }[];
    return {
      label: table.label,
      volumes: parts.map(({ start, size }) => disk.subarray(start * 512, (start + size) * 512)),
      types: parts.map(({ type }) => type),
    };
  });
}

const files = (volume: Buffer) =>
  mtoolsTree(volume).flatMap(({ path, bytes }) => (bytes ? [[path.slice(1), bytes.toString()]] : []));
const DEMO = DEMO_FILES.map(({ path, bytes }) => [path, Buffer.from(bytes).toString()]);

test('every disk is always the same, and differs from the others', () => {
  for (const disk of MADE_DISKS) expect(Buffer.compare(image(disk), image(disk)), disk.name).toBe(0);
  expect(new Set(MADE_DISKS.map(({ name }) => name)).size).toBe(MADE_DISKS.length);
});

test('demo files: programs and texts, as mtools reads them', () => {
  const { label, volumes, types } = partitions(made('Demo files'));
  expect([label, types]).toEqual(['dos', ['1']]);
  expect(fsck(volumes[0]!)).toBe('');
  expect(new Map(files(volumes[0]!) as [])).toEqual(new Map(DEMO as []));
});

test('fragmented: no two neighbouring clusters belong to long.txt', () => {
  const [volume] = partitions(made('Fragmented')).volumes;
  expect(fsck(volume!)).toBe('');
  const [, clusters] = inFolder((folder) => {
    const file = join(folder, 'volume.img');
    writeFileSync(file, volume!);
    const shown = tool('mshowfat', ['-i', file, '::/long.txt']).toString();
    return /::\/long\.txt (.*)/.exec(shown)!;
  });
  expect(clusters!.match(/<\d+>/g)).toHaveLength(40);
});

test('nearly full: three clusters are left', () => {
  const volume = made('Nearly full');
  expect(fsck(volume)).toBe('');
  const free = inFolder((folder) => {
    const file = join(folder, 'volume.img');
    writeFileSync(file, volume);
    return tool('mdir', ['-i', file, '::/']).toString();
  });
  expect(free.replace(/\s/g, '')).toContain(`${3 * 2048}bytesfree`);
});

test('two partitions: each says which it is', () => {
  const { label, volumes, types } = partitions(made('Two partitions'));
  expect([label, types]).toEqual(['dos', ['1', 'e']]);
  expect(volumes.map(fsck)).toEqual(['', '']);
  expect(volumes.map((volume) => files(volume)[0]![0])).toEqual(['first.txt', 'second.txt']);
});

test('GPT: sfdisk verifies both copies of the table, and a FAT32 is in it', () => {
  const disk = made('GPT');
  const { label, volumes, types } = partitions(disk);
  expect([label, types]).toEqual(['gpt', ['EBD0A0A2-B9E5-4433-87C0-68B6B72699C7']]);
  expect(fsck(volumes[0]!)).toBe('');
  expect(files(volumes[0]!)).toHaveLength(DEMO.length);
  const withoutFirst = Buffer.from(disk);
  withoutFirst.fill(0, 512, 34 * 512);
  inFolder((folder) => {
    const file = join(folder, 'disk.img');
    writeFileSync(file, withoutFirst);
    const { status, stdout, stderr } = ran('sfdisk', ['--verify', file]);
    expect([status, `${stdout}${stderr}`]).toEqual([0, expect.stringContaining('primary GPT table is corrupt')]);
  });
});

test('damaged: fsck.fat finds the planted faults and no other', () => {
  const said = fsck(made('Damaged'));
  expect(said.split('\n')).toMatchInlineSnapshot(`
    [
      "/SHARED.TXT  and",
      "/CROSSED.TXT",
      "  share clusters.",
      "  Truncating second to 512 bytes.",
      "/CROSSED.TXT",
      "  File size is 2048 bytes, cluster chain length is 512 bytes.",
      "  Truncating file to 512 bytes.",
      "/SHORT.TXT",
      "  File size is 2048 bytes, cluster chain length is 512 bytes.",
      "  Truncating file to 512 bytes.",
      "Reclaimed 3 unused clusters (1536 bytes).",
      "Dirty bit is set. Fs was not properly unmounted and some data may be corrupt.",
      " Automatically removing dirty bit.",
      "Free cluster summary wrong (69516 vs. really 68519)",
      "  Auto-correcting.",
      "Leaving filesystem unchanged.",
      "(exit code not 0)",
    ]
  `);
  expect(FAULTS).toHaveLength(5);
});

describe('a fresh disk', () => {
  test.each<[FreshChoice, string]>([
    [{ bits: 12, megabytes: 0, clusterSize: undefined, table: 'none' }, 'A disk here has 1 to 4096 MiB'],
    [{ bits: 12, megabytes: 1.5, clusterSize: undefined, table: 'none' }, 'A disk here has 1 to 4096 MiB'],
    [{ bits: 12, megabytes: 512, clusterSize: undefined, table: 'none' }, 'are about 8192. Choose a smaller disk'],
    [{ bits: 12, megabytes: 16, clusterSize: 512, table: 'none' }, '1 to 4084 clusters, and 16 MiB in clusters of 512'],
    [{ bits: 16, megabytes: 4, clusterSize: undefined, table: 'none' }, 'are about 2048. Choose a larger disk or sm'],
    [{ bits: 16, megabytes: 4096, clusterSize: 4096, table: 'none' }, 'are about 1048576. Choose a smaller disk or l'],
    [{ bits: 32, megabytes: 32, clusterSize: undefined, table: 'mbr' }, 'FAT32 has 65525 to 268435444 clusters'],
    [{ bits: 32, megabytes: 512, clusterSize: 65_536, table: 'gpt' }, 'are about 8192. Choose a larger disk'],
  ])('%j is refused', (choice, sentence) => {
    expect(freshProblem(choice)).toContain(sentence);
  });

  test.each<FreshChoice>([
    { bits: 12, megabytes: 1, clusterSize: undefined, table: 'none' },
    { bits: 12, megabytes: 64, clusterSize: 32_768, table: 'mbr' },
    { bits: 16, megabytes: 4, clusterSize: 512, table: 'gpt' },
    { bits: 16, megabytes: 64, clusterSize: undefined, table: 'mbr' },
    { bits: 32, megabytes: 34, clusterSize: undefined, table: 'none' },
    { bits: 32, megabytes: 140, clusterSize: 2048, table: 'gpt' },
  ])('%j is sound', (choice) => {
    expect(freshProblem(choice)).toBeUndefined();
    const disk = image(freshDisk(choice));
    const volume = choice.table === 'none' ? disk : partitions(disk).volumes[0]!;
    expect(volume).toHaveLength(choice.megabytes * 2 ** 20);
    expect(fsck(volume)).toBe('');
    if (choice.clusterSize) expect(volume[13]! * 512).toBe(choice.clusterSize);
  });

  test('what is refused for its number of clusters, mkfs.fat refuses or warns of, and nothing else', () => {
    for (const [bits, sizes] of [
      [12, [1, 8, 16, 255, 256]],
      [16, [2, 8, 9, 512, 4095]],
      [32, [8, 32, 33, 34, 128]],
    ] as const) {
      for (const megabytes of sizes) {
        for (const clusterSize of [undefined, 512, 4096] as const) {
          const said = inFolder((folder) => {
            const file = join(folder, 'x.img');
            writeFileSync(file, '');
            truncateSync(file, megabytes * 2 ** 20);
            const flags = clusterSize ? ['-s', String(clusterSize / 512)] : [];
            const { status, stdout, stderr } = ran('mkfs.fat', ['-F', String(bits), ...flags, file]);
            return { status, words: `${stdout}${stderr}` };
          });
          const refused = said.status !== 0 || /WARNING/.test(said.words);
          const ours = freshProblem({ bits, megabytes, clusterSize, table: 'none' });
          expect(ours !== undefined, `FAT${bits}, ${megabytes} MiB, ${clusterSize}: ${ours}, ${said.words}`).toBe(
            refused,
          );
        }
      }
    }
  });
});
