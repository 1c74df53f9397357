/** Chains that other systems led through the FAT12 entries that lie in two sectors: a cut may tear those. */
import { expect, test } from 'vitest';
import { check } from './check';
import { replayCuts } from './cut_replay';
import type { FatInode } from './inode';
import { RamDisk } from './ram_disk';
import {
  contents,
  digest,
  emptyImage,
  mountDisk,
  mountImage,
  names,
  pattern,
  putFile,
  seeded,
  walk,
} from './test_volume';

const STRADDLING = [341, 682];

/** A file "f" whose last cluster is `tail`, and a full directory "d" when asked that ends there instead. */
function image(tail: number, owner: 'file' | 'directory', after = 0): Uint8Array {
  const { root, volume, disk } = mountImage(emptyImage(12, 1024, 1));
  const { table, io } = volume;
  const dir = root.mkdir('d') as FatInode;
  for (let i = 0; i < 14; i++) dir.create(`F${i}`);
  const file = putFile(root, 'f', pattern(600)) as FatInode;
  const inode = owner === 'file' ? file : dir;
  const from = inode.chain.tail;
  io.mutate(() => {
    const chain: [number, number][] = [[from, tail]];
    for (let i = 0; i < after; i++) chain.push([tail + i, tail + i + 1]);
    table.update([...chain, [tail + after, table.end]]);
    if (owner === 'directory') {
      const entries = new Uint8Array(512);
      for (let i = 0; i < 16; i++) entries.set(Buffer.from(`G${i}`.padEnd(11)), i * 32);
      io.write(volume.geometry.dataStart + (tail - 2) * 512, entries);
    }
  });
  inode.chain.reset();
  if (owner === 'file') file.resize(1024 + 512 * (1 + after));
  volume.unmount();
  expect(check(disk).problems).toEqual([]);
  return disk.image;
}

function cutEverywhere(
  before: Uint8Array,
  operation: (root: FatInode) => void,
  show: (root: FatInode) => string,
): void {
  const disk = new RamDisk(before.slice());
  disk.record();
  const { volume } = mountDisk(disk);
  const allowed = [show(volume.root)];
  operation(volume.root);
  allowed.push(show(volume.root));
  expect(allowed[0]).not.toBe(allowed[1]);
  volume.unmount();
  let bad = 0;
  replayCuts(before, disk.epochs!, { exhaustive: 8, drawn: 40, next: seeded(12) }, (scratch) => {
    const cut = new RamDisk(scratch);
    cut.record();
    if (check(cut).damage.length > 0) bad++;
    const recovered = mountDisk(cut);
    expect(allowed).toContain(show(recovered.volume.root));
    recovered.volume.unmount();
    expect(check(cut).problems).toEqual([]);
    return cut.epochs!.flat().map(({ sector }) => sector);
  });
  expect(bad).toBe(0);
}

const showFile = (root: FatInode) => digest(contents(root.lookup('f')));

test.each(STRADDLING)('appending after cluster %i', (tail) => {
  cutEverywhere(image(tail, 'file'), (root) => void root.lookup('f').write(1536, pattern(3000, 2)), showFile);
});

test.each(STRADDLING)('truncating to end with cluster %i', (tail) => {
  cutEverywhere(image(tail, 'file', 4), (root) => root.lookup('f').truncate(1500), showFile);
});

test.each(STRADDLING)('removing a file that goes through cluster %i', (tail) => {
  const show = (root: FatInode) => names(root).join();
  cutEverywhere(image(tail, 'file', 4), (root) => root.unlink('f'), show);
});

test.each(STRADDLING)('a directory grows after cluster %i', (tail) => {
  const show = (root: FatInode) => names(walk(root, 'd')).join();
  cutEverywhere(image(tail, 'directory'), (root) => void walk(root, 'd').create('one more'), show);
});
