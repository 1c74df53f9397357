/** Where on the disk a sector lies, in words: which part of the volume, and whose. */
import { SECTOR_SIZE } from '../../specs/fat';
import { CLUSTER, CLUSTER_WORDS } from '../fat/node';
import type { Volume } from '../fat/volume';

/** As in `FAT 1, sector 3`; `volume` as it is at that moment, if there is one. */
export function placeWords(volume: Volume | undefined, sector: number): string {
  if (!volume) return `sector ${sector}`;
  const { geometry, partition } = volume;
  const at = (sector - partition.startSector) * SECTOR_SIZE;
  const { fatStart, fatLength, fats, rootStart, rootLength, dataStart, clusterSize, clusters } = geometry;
  if (sector === 0 && at < 0) return 'the partition table';
  if (at < 0 || sector >= partition.startSector + partition.sectors) return `sector ${sector}, outside the partition`;
  if (at === 0) return 'the boot sector';
  if (at === geometry.fsInfo) return 'FSInfo';
  if (at === geometry.backupBoot) return 'the copy of the boot sector';
  if (at < fatStart) return `reserved sector ${at / SECTOR_SIZE}`;
  if (at < fatStart + fats * fatLength) {
    const fat = Math.floor((at - fatStart) / fatLength);
    return `FAT ${fat + 1}, sector ${(at - fatStart - fat * fatLength) / SECTOR_SIZE}`;
  }
  if (at >= rootStart && at < rootStart + rootLength)
    return `the root directory, sector ${(at - rootStart) / SECTOR_SIZE}`;
  const cluster = 2 + Math.floor((at - dataStart) / clusterSize);
  return at >= dataStart && cluster < clusters + 2 ? clusterWords(volume, cluster) : `sector ${sector}`;
}

function clusterWords({ owners, states, nodes }: Volume, cluster: number): string {
  const owner = nodes[owners[cluster]!];
  if (!owner) return `cluster ${cluster}, ${CLUSTER_WORDS[states[cluster]!] ?? CLUSTER_WORDS[CLUSTER.FREE]}`;
  return `cluster ${cluster} of ${owner.path}`;
}

/** Several, each part once: at most `most`, and how many more. */
export function placesWords(volume: Volume | undefined, sectors: readonly number[], most = 3): string {
  const places = [...new Set(sectors.map((sector) => placeWords(volume, sector)))];
  const rest = places.length - most;
  return rest > 1 ? `${places.slice(0, most).join('; ')}; and ${rest} more places` : places.join('; ');
}
