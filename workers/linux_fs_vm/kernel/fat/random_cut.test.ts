/** Random operations one after another, the power cut anywhere in them: all that had returned is there, nothing else. */
import { expect, test } from 'vitest';
import { check } from './check';
import { replayCuts } from './cut_replay';
import { RamDisk } from './ram_disk';
import { BITS, emptyImage, mountDisk, mountImage, seeded, tree } from './test_volume';
import { type Model, randomStep } from './tree_model';

const NIGHTLY = Boolean(process.env.NIGHTLY);
const STEPS = 60;
const WARM_UP = 60;
const SEEDS = Array.from({ length: NIGHTLY ? 40 : 2 }, (_, i) => i + 1);

function show(map: Map<string, string>): string {
  return [...map]
    .sort()
    .map((pair) => pair.join(' '))
    .join('\n');
}

test.each(BITS.flatMap((bits) => SEEDS.map((seed) => [bits, seed] as const)))('FAT%i, seed %i', (bits, seed) => {
  const next = seeded(seed * 1000 + bits);
  const model: Model = { root: new Map() };
  const image = emptyImage(bits);
  const prepared = mountImage(image);
  prepared.disk.image.fill(0xee, prepared.volume.geometry.dataStart + (bits === 32 ? 512 : 0));
  for (let step = 0; step < WARM_UP; step++) randomStep(prepared.root, model, next);
  prepared.volume.unmount();
  const disk = new RamDisk(image.slice());
  disk.record();
  const { root } = mountDisk(disk);
  // Steps whose writes an epoch holds: a cut in it shows the tree after one of them, or before the first.
  const trees = [show(tree(root))];
  const stepsOf = [[0]]; // per epoch
  for (let step = 1; step <= STEPS; step++) {
    const before = disk.epochs!.length;
    randomStep(root, model, next, true);
    trees.push(show(tree(root)));
    for (let epoch = before - 1; epoch < disk.epochs!.length; epoch++) (stepsOf[epoch] ??= [step - 1]).push(step);
  }
  let epoch = -1;
  for (const writes of disk.epochs!) {
    epoch++;
    if (writes.length === 0) continue;
    const before = imageAt(image, disk, epoch);
    const allowed = new Set(stepsOf[epoch]!.map((step) => trees[step]!));
    replayCuts(before, [writes], { exhaustive: 3, drawn: NIGHTLY ? 30 : 2, next }, (scratch) => {
      const cut = new RamDisk(scratch);
      cut.record();
      const recovered = mountDisk(cut);
      const after = show(tree(recovered.root));
      if (!allowed.has(after))
        throw new Error(`epoch ${epoch} of steps ${stepsOf[epoch]}: neither old nor new\n${after}`);
      recovered.volume.unmount();
      expect(check(cut).problems).toEqual([]);
      return cut.epochs!.flat().map(({ sector }) => sector);
    });
  }
  expect(epoch).toBeGreaterThan(20);
});

function imageAt(image: Uint8Array, disk: RamDisk, epoch: number): Uint8Array {
  const at = image.slice();
  for (const writes of disk.epochs!.slice(0, epoch))
    for (const { sector, bytes } of writes) at.set(bytes, sector * 512);
  return at;
}
