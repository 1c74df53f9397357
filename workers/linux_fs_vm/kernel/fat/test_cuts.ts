/** For tests: what must hold of a disk after the power was cut, and of what recovery makes of it. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { inFolder } from '../../../../e2e/images';
import { ran } from '../../../../e2e/tools';
import type { Inode } from '../vfs';
import { check } from './check';
import { RamDisk } from './ram_disk';
import { mountDisk, tree } from './test_volume';

const hasFsck = existsSync('/usr/sbin/fsck.fat');

/** Classes of reliability bar 6, and the two entries of a rename in flight. */
const ALLOWED =
  /^(The dirty bit is set.*|\d+ (FAT sector\(s\) differed.*|long-name part.*|chain\(s\) longer.*|lost cluster.*|interrupted rename.*|entry\(ies\) with the mark.*|"\.\." entry.*)|FSInfo says.*)$/;

/** What fsck.fat says of any FAT32 as small as those tested here. */
const FEW_CLUSTERS = /^Warning: Filesystem is FAT32|^ +(but has only|This may lead)/;

/** Every path with a digest of its contents, as one text. */
export function shown(root: Inode): string {
  return [...tree(root)]
    .sort()
    .map((pair) => pair.join(' '))
    .join('\n');
}

/** Everything that must hold of one cut disk. Returns the sectors that recovery wrote. */
export function judge(scratch: Uint8Array, allowed: Set<string>, ask: boolean): Iterable<number> {
  const found = check(new RamDisk(scratch));
  for (const problem of found.problems) expect(problem).toMatch(ALLOWED);
  expect(found.damage).toEqual([]);
  const disk = new RamDisk(scratch);
  disk.record();
  const recovered = mountDisk(disk);
  expect(recovered.volume.readOnly).toBe(false);
  const after = shown(recovered.root);
  if (!allowed.has(after)) throw new Error(`neither old nor new:\n${after}\nallowed:\n${[...allowed].join('\n---\n')}`);
  recovered.volume.unmount();
  expect(check(new RamDisk(scratch)).problems).toEqual([]);
  if (ask && hasFsck) expect(fsck(scratch)).toBe('');
  return disk.epochs!.flat().map(({ sector }) => sector);
}

function fsck(image: Uint8Array): string {
  return inFolder((folder) => {
    writeFileSync(join(folder, 'image'), image);
    const { status, stdout, stderr } = ran('fsck.fat', ['-n', join(folder, 'image')]);
    const lines = `${stdout}${stderr}`
      .split('\n')
      .filter((line) => !/^(fsck\.fat .*|.*: \d+ files, .*|)$/.test(line) && !FEW_CLUSTERS.test(line));
    return status === 0 && lines.length === 0 ? '' : `exit ${status}: ${lines.join(' / ')}`;
  });
}
