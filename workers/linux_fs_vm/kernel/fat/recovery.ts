/**
 * Repairs what a power cut leaves, at the mount of a volume that was not unmounted. Safe to cut itself: each epoch leaves
 * only what the next recovery repairs. Real damage is not touched: the volume becomes read-only, for fsck.
 */
import { DIR } from '../../../../src/specs/fat';
import { lengthOf } from './allocator';
import { frees } from './chain';
import { markFree, removeLong, removeShort } from './directory_writer';
import { NTRES_RENAMED, setFirstCluster } from './slots';
import { type Findings, type Placed, scanTree } from './tree_scan';
import type { Volume } from './volume';

const LOGGED_DAMAGE = 8;

export function recover(volume: Volume, log: (line: string) => void): void {
  const findings = scanTree(volume);
  if (findings.damage.length > 0) {
    for (const sentence of findings.damage.slice(0, LOGGED_DAMAGE)) log(`FAT-fs (vda): ${sentence}`);
    log('FAT-fs (vda): The volume is damaged and is mounted read-only. Please run fsck.');
    volume.keepDirty = true;
    volume.io.setReadOnly();
    return;
  }
  volume.io.mutate(() => repair(volume, findings));
  for (const line of summary(findings)) log(`FAT-fs (vda): ${line}`);
}

function repair(volume: Volume, findings: Findings): void {
  const { io, table } = volume;
  io.markInUse(); // all the dirty bits, of which the cut may have left one
  if (findings.mirrors > 0) table.copyToMirrors();
  // A mark or a borrowed cluster goes only when the twin it tells apart is gone.
  const twins = findings.twins.map(({ directory, slot, count }) => ({ directory, set: directory.setAt(slot, count) }));
  for (const { directory, set } of twins) removeShort(directory, set);
  io.flush();
  for (const { directory, set } of twins) removeLong(directory, set);
  for (const { directory, slot, count } of findings.orphans) markFree(directory, slot, count);
  const gone = new Set(findings.twins);
  const kept = (placed: Placed) => !gone.has(placed);
  for (const placed of findings.marked.filter(kept))
    edit(placed, (entry) => (entry[DIR.DIR_NTRes[0]]! &= ~NTRES_RENAMED));
  for (const placed of findings.emptyWithChain) edit(placed, (entry) => setFirstCluster(entry, 0));
  for (const placed of findings.dotDots) edit(placed, (entry) => setFirstCluster(entry, placed.cluster));
  table.update(findings.overlong.map((cluster) => [cluster, table.end] as const));
  io.flush();
  table.update(frees(findings.lost));
  io.flush();
  volume.writeFsInfo();
  volume.markClean();
}

function edit({ directory, slot }: Placed, change: (entry: Uint8Array) => void): void {
  const entry = directory.read(slot);
  change(entry);
  directory.io.write(directory.offsetOf(slot), entry);
}

export function summary(findings: Findings): string[] {
  const lost = lengthOf(findings.lost);
  const lines: [number, string][] = [
    [findings.mirrors, 'FAT sector(s) differed between the copies'],
    [findings.twins.length, 'interrupted rename(s)'],
    [findings.orphans.length, 'long-name part(s) without a file'],
    [findings.overlong.length + findings.emptyWithChain.length, 'chain(s) longer than the file'],
    [findings.dangling, 'chain(s) into free clusters, past the end of the file'],
    [findings.dotDots.length, '".." entry(ies) of the wrong directory'],
    [lost, 'lost cluster(s)'],
  ];
  return lines.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
}
