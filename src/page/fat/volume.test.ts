/** Volumes that mkfs.fat and mtools made, read as mtools reads them. */
import { describe, expect, test } from 'vitest';
import { mkfs, mtoolsTree, partitionedDisk } from '../../../e2e/images';
import { changed, mshowfat } from '../../../e2e/mtools';
import { check } from './check';
import { CLUSTER } from './node';
import { readPartitions } from './partitions';
import { runsOf } from './runs';
import { sourceOf } from './source';
import { chainOf, readVolume, slotOffset, type Volume } from './volume';

const bytes = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 7) % 251);

const empty = new Uint8Array(0);
const MANY = Array.from({ length: 40 }, (_, i) => `File number ${i} with a long name`);

/** Files that lie in pieces, in folders, with long names, and one that was deleted. */
function filled(bits: 12 | 16 | 32, sectors: number): Buffer {
  return changed(
    mkfs(bits, sectors, '-n', 'MAPPED'),
    {
      a: bytes(9000),
      b: bytes(40_000),
      c: bytes(70_000),
      d: bytes(10),
      e: empty,
      ...Object.fromEntries(MANY.map((name) => [name, empty])),
    },
    ['mmd', '@', '::/folder', '::/folder/Inner folder with a long name'],
    ['mcopy', '@', 'a', '::/GONE.BIN'],
    ['mcopy', '@', 'b', '::/folder/kept.bin'],
    ['mdel', '@', '::/GONE.BIN'],
    ['mcopy', '@', 'c', '::/A rather long name, in pieces.data'],
    ['mcopy', '@', 'd', '::/folder/Inner folder with a long name/Grüße.txt'],
    ['mcopy', '@', 'e', '::/EMPTY'],
    // A directory that outgrows its first cluster when the next one is another's.
    ['mcopy', '@', ...MANY, '::/folder'],
    ['mcopy', '@', 'a', '::/LAST.BIN'],
    ['mcopy', '@', 'a', '::/Last with a long name.bin'],
    ['mdel', '@', '::/LAST.BIN', '::/Last with a long name.bin'],
  );
}

async function read(image: Uint8Array): Promise<Volume> {
  const source = sourceOf(image);
  const { partitions } = await readPartitions(source);
  return readVolume(source, partitions[0]!);
}

describe.each([
  [12, 8192],
  [16, 32_768],
  [32, 80_000],
] as const)('FAT%i', (bits, sectors) => {
  const image = filled(bits, sectors);

  test('the tree is that of mtools, each chain that of mshowfat, and nothing is wrong', async () => {
    const volume = await read(image);
    const folder = volume.nodes.find(({ path }) => path === '/folder')!;
    expect(runsOf(chainOf(volume, folder.first)).length).toBeGreaterThan(1);
    const shown = volume.nodes.filter(({ kind }) => kind === 'file' || kind === 'directory');
    const tree = mtoolsTree(image);
    expect(shown.map(({ path }) => path).sort()).toEqual(tree.map(({ path }) => path).sort());
    for (const { path, bytes: contents } of tree) {
      const node = shown.find((found) => found.path === path)!;
      expect([path, node.kind, node.size]).toEqual([path, contents ? 'file' : 'directory', contents?.length ?? 0]);
      const chain = chainOf(volume, node.first);
      expect(chain).toEqual(mshowfat(image, path));
      const state = contents ? CLUSTER.FILE : CLUSTER.DIRECTORY;
      expect(chain.map((cluster) => [volume.owners[cluster], volume.states[cluster]])).toEqual(
        chain.map(() => [node.id, state]),
      );
    }
    expect(check(volume)).toEqual([]);
    expect([volume.geometry.bits, volume.label]).toEqual([bits, 'MAPPED']);
  });

  test('a deleted file keeps its entry, without its first letter, and owns nothing', async () => {
    const volume = await read(image);
    const gone = volume.nodes.filter(({ kind }) => kind === 'deleted');
    expect(gone.map(({ name, size, clusters }) => [name, size, clusters])).toEqual([
      ['?AST.BIN', 9000, 0],
      ['?ASTWI~1.BIN', 9000, 0],
    ]);
    expect(gone[1]!.first).toBeGreaterThan(gone[0]!.first);
  });

  test('the contents are where the chain says, and the entry where slotOffset says', async () => {
    const volume = await read(image);
    const { geometry, nodes } = volume;
    const { id, first, size, slot, parent } = nodes.find(({ name }) => name === 'A rather long name, in pieces.data')!;
    const parts = chainOf(volume, first).map((cluster) => {
      const at = geometry.dataStart + (cluster - 2) * geometry.clusterSize;
      return image.subarray(at, at + geometry.clusterSize);
    });
    expect(parts.length).toBeGreaterThan(1);
    expect(Buffer.compare(Buffer.concat(parts).subarray(0, size), bytes(70_000))).toBe(0);
    expect(id).not.toBe(parent);
    const at = slotOffset(volume, nodes[parent]!, slot)!;
    expect(image.subarray(at, at + 11).toString()).toMatch(/^ARATHE~1DAT$/);
  });
});

test('dates as they are on the disk, in steps of two seconds', async () => {
  const image = mkfs(12, 2880, '-n', 'DATES', '--invariant');
  const at = image.indexOf('DATES      ', 1024, 'latin1');
  // 2026-11-24: (2026 - 1980) << 9 | 11 << 5 | 24; 04:10:32: 4 << 11 | 10 << 5 | 16
  image.writeUInt16LE(0x5d78, at + 24);
  image.writeUInt16LE(0x2150, at + 22);
  const { nodes } = await read(image);
  expect(nodes[1]).toMatchObject({ kind: 'label', name: 'DATES', modified: '2026-11-24 04:10:32' });
});

test('only the boot sector, the FATs and the directories are read', async () => {
  const image = filled(16, 32_768);
  let sectors = 0;
  const inner = sourceOf(image);
  const counting = {
    sectors: inner.sectors,
    read: (sector: number, count: number) => {
      sectors += count;
      return inner.read(sector, count);
    },
  };
  const { partitions } = await readPartitions(counting);
  const { geometry, counts } = await readVolume(counting, partitions[0]!);
  const folders = counts[CLUSTER.DIRECTORY]! * geometry.clusterSize;
  const wanted = 2 * geometry.fatLength + geometry.rootLength + folders + 2 * 512;
  expect(sectors * 512).toBe(wanted);
});

describe('partitions', () => {
  test.each([
    ['mbr', 'label: dos\n start=2048, size=8192, type=1\n start=12288, size=8192, type=c\n', [0, 1]],
    ['gpt', 'label: gpt\n start=2048, size=8192\n start=12288, size=8192\n', [0, 1]],
    [
      'mbr',
      'label: dos\n start=2048, size=4096, type=1\n start=8192, size=20000, type=5\n start=10240, size=4096, type=1\n start=16384, size=4096, type=1\n',
      [0, 4, 5],
    ],
  ])('%s as sfdisk makes it', async (kind, script, indices) => {
    const source = sourceOf(partitionedDisk(script, 16));
    const table = await readPartitions(source);
    expect([table.kind, table.problem]).toEqual([kind, undefined]);
    expect(table.partitions.map(({ index }) => index)).toEqual(indices);
    for (const [i, partition] of table.partitions.entries())
      expect((await readVolume(source, partition)).label).toBe(`P${partition.index < 4 ? i + 1 : i + 2}`);
  });

  test('without a table the disk is one, and a table that lies says so', async () => {
    expect(await readPartitions(sourceOf(mkfs(12, 2880)))).toEqual({
      kind: 'none',
      partitions: [{ index: 0, startSector: 0, sectors: 2880 }],
      firstSector: 0,
    });
    const disk = partitionedDisk('label: dos\n start=2048, size=8192, type=1\n', 8);
    disk.writeUInt32LE(0xffffff, 446 + 12);
    expect(await readPartitions(sourceOf(disk))).toMatchObject({
      partitions: [],
      problem: 'Partition 0 does not fit on the disk.',
    });
    expect((await readPartitions(sourceOf(new Uint8Array(100)))).problem).toContain('smaller than a sector');
  });
});
