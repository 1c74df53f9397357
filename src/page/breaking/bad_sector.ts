/** A place on the disk that cannot be read any more: the first sector of the largest file, wherever that lies now. */
import type { DiskFault } from '../../protocol/faults';
import { type DiskMapData, diskMap } from '../diskmap/automation';
import type { Machine } from '../machine';

const SECTOR = 512;

export async function badSector(machine: Machine): Promise<DiskFault> {
  const first = sectorOfLargest(await diskMap(machine));
  if (first === undefined) throw new Error('There is no file to put a bad sector under. Write one first.');
  const times = Number.POSITIVE_INFINITY;
  return { on: 'disk', what: 'error', request: 'read', sectors: { first, count: 1 }, times };
}

/** From the start of the disk. */
export function sectorOfLargest({ partitions }: DiskMapData): number | undefined {
  const files = partitions.flatMap(({ startSector, volume }) =>
    (volume?.files ?? []).flatMap(({ kind, size, chain }) => {
      if (kind !== 'file' || chain[0] === undefined) return [];
      const inVolume = volume!.dataSector + (chain[0] - 2) * (volume!.clusterSize / SECTOR);
      return [{ size, sector: startSector + inVolume }];
    }),
  );
  return files.sort((a, b) => b.size - a.size)[0]?.sector;
}
