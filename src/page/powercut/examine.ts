/** What fsck would say of a disk, and what it would have looked at for that. */
import { check, type Finding, verdict } from '../fat/check';
import { type Partition, readPartitions } from '../fat/partitions';
import type { SectorSource } from '../fat/source';
import { readVolume, type Volume } from '../fat/volume';
import { MomentGone } from './moment';

/** `unreadable`: there is no volume that could be checked. */
export type Verdict = 'clean' | 'lost' | 'errors' | 'unreadable';

export interface Examined {
  readonly verdict: Verdict;
  readonly findings: readonly Finding[];
  readonly volume: Volume | undefined;
  /** Why there is none, in one sentence. */
  readonly problem?: string;
  /** What this follows from: where these sectors are the same, the rest is. */
  readonly looked: readonly Run[];
}

/** Sectors from the first one to before the last. */
type Run = readonly [first: number, end: number];

/** Whether some of these sectors were looked at. */
export function reliesOn({ looked }: Examined, sector: number, sectors: number): boolean {
  return looked.some(([first, end]) => sector < end && sector + sectors > first);
}

/** `index`: of the partition that the file system VM is given. Rejects with MomentGone, and where the disk cannot be read. */
export async function examine(source: SectorSource, index: number): Promise<Examined> {
  const looked: [first: number, end: number][] = [];
  const watched: SectorSource = {
    sectors: source.sectors,
    read(sector, count) {
      const last = looked.at(-1);
      if (last?.[1] === sector) last[1] += count;
      else looked.push([sector, sector + count]);
      return source.read(sector, count);
    },
  };
  const partition = await find(watched, index);
  if (typeof partition === 'string')
    return { verdict: 'unreadable', findings: [], volume: undefined, problem: partition, looked };
  try {
    const volume = await readVolume(watched, partition);
    const findings = check(volume);
    return { verdict: verdict(findings), findings, volume, looked };
  } catch (error) {
    if (error instanceof MomentGone || !(error instanceof Error)) throw error;
    return { verdict: 'unreadable', findings: [], volume: undefined, problem: error.message, looked };
  }
}

async function find(source: SectorSource, index: number): Promise<Partition | string> {
  const { kind, partitions, problem } = await readPartitions(source);
  const found = kind === 'none' ? partitions[0] : partitions.find((partition) => partition.index === index);
  return found ?? problem ?? `The disk has no partition ${index}.`;
}
