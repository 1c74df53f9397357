/** An empty disk of a chosen kind and size, where FAT allows it. */
import { FAT12_CLUSTER_LIMIT, FAT16_CLUSTER_LIMIT, FAT32_CLUSTER_LIMIT, type FatBits } from '../../specs/fat';
import { formatFat } from '../../specs/fat_format';
import { shapeOf } from '../../specs/fat_shape';
import { bytesWords } from '../storage_words';
import { diskSize, diskWrites, type MadeDisk, type MadeVolume, MIB, type PartitionTable, SECTOR } from './made_disk';

export interface FreshChoice {
  readonly bits: FatBits;
  /** Of the volume. */
  readonly megabytes: number;
  /** In bytes; undefined for what mkfs.fat would take. */
  readonly clusterSize: number | undefined;
  readonly table: PartitionTable;
}

const MOST_MIB = 4096;
export const CLUSTER_SIZES = [512, 1024, 2048, 4096, 8192, 16_384, 32_768, 65_536] as const;

/** How many clusters make a volume of this type: fewer or more, and other systems take it for another. */
const CLUSTERS: Readonly<Record<FatBits, readonly [least: number, most: number]>> = {
  12: [1, FAT12_CLUSTER_LIMIT - 1],
  16: [FAT12_CLUSTER_LIMIT, FAT16_CLUSTER_LIMIT - 1],
  32: [FAT16_CLUSTER_LIMIT, FAT32_CLUSTER_LIMIT - 1],
};

/** Why there is no such disk, as one sentence or two; undefined when there is. */
export function freshProblem({ bits, megabytes, clusterSize }: FreshChoice): string | undefined {
  if (!Number.isInteger(megabytes) || megabytes < 1 || megabytes > MOST_MIB)
    return `A disk here has 1 to ${MOST_MIB} MiB, in whole ones.`;
  const [least, most] = CLUSTERS[bits];
  const clusters = clustersOf(bits, megabytes, clusterSize);
  if (clusters !== undefined && clusters >= least && clusters <= most) return undefined;
  const guess = (size: number) => Math.floor((megabytes * MIB) / size);
  const isSmall = (clusters ?? guess(clusterSize ?? automatic(bits, 0))) < Math.sqrt(least * most);
  const size = clusterSize ?? automatic(bits, isSmall ? 0 : 1);
  const way = isSmall ? 'Choose a larger disk or smaller clusters.' : 'Choose a smaller disk or larger clusters.';
  return `FAT${bits} has ${least} to ${most} clusters, and ${megabytes} MiB in clusters of ${bytesWords(size)} are about ${guess(size)}. ${way}`;
}

/** Undefined where the formatter refuses. */
function clustersOf(bits: FatBits, megabytes: number, clusterSize: number | undefined): number | undefined {
  const sectors = (megabytes * MIB) / SECTOR;
  try {
    return shapeOf({ bits, sectors, ...(clusterSize ? { sectorsPerCluster: clusterSize / SECTOR } : {}) }).clusters;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** The smallest and the largest cluster that mkfs.fat takes by itself. */
const automatic = (bits: FatBits, end: 0 | 1): number => (bits === 32 ? [512, 32_768] : [2048, 65_536])[end]!;

export function freshDisk({ bits, megabytes, clusterSize, table }: FreshChoice): MadeDisk {
  const volume: MadeVolume = {
    bits,
    sectors: (megabytes * MIB) / SECTOR,
    writes: (hiddenSectors) =>
      formatFat({
        bits,
        sectors: (megabytes * MIB) / SECTOR,
        hiddenSectors,
        label: 'VMFS',
        serial: crypto.getRandomValues(new Uint32Array(1))[0]!,
        ...(clusterSize ? { sectorsPerCluster: clusterSize / SECTOR } : {}),
      }),
  };
  return {
    name: `a fresh FAT${bits} of ${bytesWords(megabytes * MIB)}`,
    says: '',
    size: diskSize(table, [volume]),
    writes: () => diskWrites(table, [volume]),
  };
}
