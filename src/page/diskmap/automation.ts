/** The map of the disk for a test or a script, as data. */
import { SECTOR_SIZE } from '../../specs/fat';
import { check, type Finding } from '../fat/check';
import { CLUSTER, type FatNode } from '../fat/node';
import { readPartitions } from '../fat/partitions';
import { chainOf, readVolume, type Volume } from '../fat/volume';
import type { Machine } from '../machine';
import { CachedSource } from './cached_source';

export interface MappedFile {
  readonly path: string;
  readonly kind: 'file' | 'directory' | 'deleted';
  /** In bytes, as its entry says; 0 for a directory. */
  readonly size: number;
  /** As on the disk, `2026-11-24 04:10:32`. */
  readonly modified: string | undefined;
  /** Its clusters in order, those it shares with another among them; none for a deleted one. */
  readonly chain: readonly number[];
}

export interface MappedVolume {
  readonly type: 'FAT12' | 'FAT16' | 'FAT32';
  readonly label: string | undefined;
  /** In bytes. */
  readonly clusterSize: number;
  /** The first cluster is number 2. */
  readonly clusters: number;
  /** Sectors from the start of the volume. */
  readonly fatSector: number;
  readonly fatSectors: number;
  readonly fats: number;
  readonly dataSector: number;
  readonly free: number;
  readonly bad: readonly number[];
  readonly lost: readonly number[];
  readonly crossed: readonly number[];
  /** Without the root, a directory before what is in it. */
  readonly files: readonly MappedFile[];
  /** What is wrong, in sentences. */
  readonly findings: readonly Finding[];
}

export interface MappedPartition {
  /** As in the address's `partition`. */
  readonly index: number;
  readonly startSector: number;
  readonly sectors: number;
  readonly volume?: MappedVolume;
  /** Why there is no volume that can be read. */
  readonly problem?: string;
}

export interface DiskMapData {
  readonly table: 'none' | 'mbr' | 'gpt';
  readonly sectors: number;
  readonly partitions: readonly MappedPartition[];
  /** What is wrong with the table. */
  readonly problem?: string;
}

export interface DiskMapAutomation {
  /** Partitions, volumes, files with their chains of clusters, and what is wrong: read from the disk as it is now. */
  map(): Promise<DiskMapData>;
}

/** Reads the metadata of every partition. Rejects while no system runs. */
export async function diskMap({ disk }: Machine): Promise<DiskMapData> {
  const source = new CachedSource((await disk.size()) / SECTOR_SIZE, (offset, length) => disk.bytes(offset, length));
  const { kind, partitions, problem } = await readPartitions(source);
  const mapped: MappedPartition[] = [];
  for (const partition of partitions) {
    const { index, startSector, sectors } = partition;
    const content = await readVolume(source, partition).then(
      (volume) => ({ volume: dataOf(volume) }),
      (error: Error) => ({ problem: error.message }),
    );
    mapped.push({ index, startSector, sectors, ...content });
  }
  return { table: kind, sectors: source.sectors, partitions: mapped, ...(problem ? { problem } : {}) };
}

function dataOf(volume: Volume): MappedVolume {
  const { geometry, label, nodes, states, counts } = volume;
  const which = (state: number) => [...states.keys()].filter((cluster) => states[cluster] === state);
  return {
    type: `FAT${geometry.bits}`,
    label,
    clusterSize: geometry.clusterSize,
    clusters: geometry.clusters,
    fatSector: geometry.fatStart / SECTOR_SIZE,
    fatSectors: geometry.fatLength / SECTOR_SIZE,
    fats: geometry.fats,
    dataSector: geometry.dataStart / SECTOR_SIZE,
    free: counts[CLUSTER.FREE]!,
    bad: which(CLUSTER.BAD),
    lost: which(CLUSTER.LOST),
    crossed: which(CLUSTER.CROSSED),
    files: nodes.filter(isFile).map(({ path, kind, size, modified, first }) => ({
      path,
      kind,
      size,
      modified,
      chain: kind === 'deleted' ? [] : chainOf(volume, first),
    })),
    findings: check(volume),
  };
}

const isFile = (node: FatNode): node is FatNode & { kind: MappedFile['kind'] } =>
  node.kind === 'file' || node.kind === 'directory' || node.kind === 'deleted';
