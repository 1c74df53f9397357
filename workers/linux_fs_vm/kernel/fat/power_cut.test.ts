/** Cuts the power at every write of every operation: nothing but the allowed classes, and recovery makes all of it sound. */
import { afterAll, describe, expect, test } from 'vitest';
import { type ReplayOptions, replayCuts } from './cut_replay';
import { RamDisk } from './ram_disk';
import { judge, shown } from './test_cuts';
import { NAME, type NameKind, OPERATIONS, prepared } from './test_operations';
import { BITS, mountDisk, seeded } from './test_volume';

const NIGHTLY = Boolean(process.env.NIGHTLY);
const FSCK_EVERY = NIGHTLY ? 50 : 97;
const RECUT_EVERY = NIGHTLY ? 29 : 37;
/** What `npm test` owes; a nightly run sees all subsets of epochs up to seven writes and 256 of longer ones. */
const STATES = 10_000;

let judged = 0;
let rejudged = 0;
afterAll(() => {
  if (process.env.SHOW_COUNTS) process.stderr.write(`states: ${judged}, and ${rejudged} with a second cut\n`);
});

describe.each(BITS)('FAT%i', (bits) => {
  describe.each(Object.keys(NAME) as NameKind[])('%s', (kind) => {
    test.each(OPERATIONS)('$title', (operation) => {
      const before = prepared(bits, kind, operation);
      const disk = new RamDisk(before.slice());
      disk.record();
      const { root, volume } = mountDisk(disk);
      const allowed = new Set([shown(root)]);
      for (const step of operation.steps) {
        step(root, NAME[kind]);
        allowed.add(shown(root));
      }
      expect(allowed.size).toBe(operation.steps.length + 1);
      volume.sync();
      let state = 0;
      const options = {
        exhaustive: 7,
        drawn: NIGHTLY ? 256 : 64,
        next: seeded(bits + operation.title.length),
      };
      const states = replayCuts(before, disk.epochs!, options, (scratch) => {
        const number = state++;
        if (number % RECUT_EVERY === 5) cutRecovery(scratch, allowed, options);
        return judge(scratch, allowed, number % FSCK_EVERY === 13);
      });
      judged += states;
      expect(states).toBeGreaterThan(3);
    });
  });
});

/** The power fails again, during the recovery. */
function cutRecovery(cut: Uint8Array, allowed: Set<string>, options: ReplayOptions): void {
  const disk = new RamDisk(cut.slice());
  disk.record();
  mountDisk(disk);
  rejudged += replayCuts(cut, disk.epochs!, options, (scratch) => judge(scratch, allowed, false));
}

test('that were enough states', () => {
  expect(judged).toBeGreaterThan(STATES);
});
