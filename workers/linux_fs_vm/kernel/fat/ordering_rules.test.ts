/**
 * The rules that make a cut harmless, each broken on purpose: the harness of power_cut.test.ts must turn red. A flush is broken by making one
 * epoch of the two that it divides: the device may then reorder across it.
 */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { replayCuts } from './cut_replay';
import { RamDisk, type SectorWrite } from './ram_disk';
import { judge, shown } from './test_cuts';
import { NAME, type NameKind, OPERATIONS, prepared } from './test_operations';
import { BITS, type Bits, mountDisk, seeded } from './test_volume';
import { VolumeIo } from './volume_io';

interface Run {
  readonly before: Uint8Array;
  readonly epochs: readonly (readonly SectorWrite[])[];
  readonly allowed: Set<string>;
}

function run(bits: Bits, kind: NameKind, title: string, breaks: () => void = () => {}): Run {
  const operation = OPERATIONS.find((candidate) => candidate.title === title)!;
  const before = prepared(bits, kind, operation);
  breaks();
  const disk = new RamDisk(before.slice());
  disk.record();
  const { root, volume } = mountDisk(disk);
  const allowed = new Set([shown(root)]);
  for (const step of operation.steps) {
    step(root, NAME[kind]);
    allowed.add(shown(root));
  }
  volume.sync();
  vi.restoreAllMocks();
  return { before, epochs: disk.epochs!.filter((epoch) => epoch.length > 0), allowed };
}

function without(flush: number, epochs: Run['epochs']): Run['epochs'] {
  return [...epochs.slice(0, flush), [...epochs[flush]!, ...epochs[flush + 1]!], ...epochs.slice(flush + 2)];
}

/** Whether every cut is harmless. */
function sound({ before, allowed }: Run, epochs: Run['epochs']): boolean {
  try {
    replayCuts(before, epochs, { exhaustive: 7, drawn: 30, next: seeded(1) }, (scratch) =>
      judge(scratch, allowed, false),
    );
    return true;
  } catch {
    return false;
  }
}

afterEach(() => {
  vi.restoreAllMocks();
});

/** The flush that keeps the rule, counted from the first of the operation, which is that behind the dirty mark. */
const FLUSHES: readonly (readonly [rule: string, operation: string, kind: NameKind, flush: number])[] = [
  ['the volume is marked dirty before the first change', 'rename into a directory', '8.3', 0],
  ['data and chain before the size that reaches them', 'append clusters', '8.3', 1],
  ['the new chain before the link to it', 'append over FAT sectors', '8.3', 1],
  ['zeros in the gap before the size', 'write past a gap', '8.3', 1],
  ['the size before the clusters beyond it go', 'truncate down', '8.3', 1],
  ['the end mark before the clusters behind it go', 'truncate a chain over FAT sectors', '8.3', 2],
  ['the entry before the clusters that it names go', 'unlink', '8.3', 1],
  ["a directory's cluster before its entry", 'mkdir', '8.3', 1],
  ['the short entry before the long parts go', 'unlink', 'a long name over two sectors', 1],
  ['the new name before the old one goes', 'rename into a directory', '8.3', 1],
  ['the target names the file before its old entry goes', 'rename over a file', '8.3', 1],
];

describe.each(BITS)('FAT%i', (bits) => {
  test.each(FLUSHES)('%s: without the flush, %s with %s goes wrong', (_, operation, kind, flush) => {
    const whole = run(bits, kind, operation);
    expect(sound(whole, whole.epochs)).toBe(true);
    expect(sound(whole, without(flush, whole.epochs))).toBe(false);
  });

  test('a gap is zeroed: left alone, what lay on the disk before becomes part of the file', () => {
    const broken = run(bits, '8.3', 'write past a gap', () => {
      const writeData = VolumeIo.prototype.writeData;
      vi.spyOn(VolumeIo.prototype, 'writeData').mockImplementation(function (this: VolumeIo, offset, bytes) {
        if (bytes.some((byte) => byte !== 0)) writeData.call(this, offset, bytes);
      });
    });
    const kept = run(bits, '8.3', 'write past a gap');
    expect(sound(kept, kept.epochs)).toBe(true);
    expect([...broken.allowed].every((tree) => kept.allowed.has(tree))).toBe(false);
  });
});
