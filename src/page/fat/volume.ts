/**
 * A FAT volume as it lies on the disk: its directories, and of each cluster what it is and whose. Reads the boot sector, the FATs and the
 * directories only. Nothing on the disk is believed; the work is bounded by the size of the volume.
 */
import { DIR_ENTRY_SIZE, FSI_LEAD_SIG, FSI_STRUC_SIG, FSINFO, readField } from '../../specs/fat';
import { clusterOffset, type Geometry, isCluster, readGeometry } from './geometry';
import type { FatNode } from './node';
import type { Partition } from './partitions';
import { readBytes, type SectorSource } from './source';
import { decodeFat, linkOf } from './table';
import { Walk } from './walk';

export interface Volume {
  readonly partition: Partition;
  readonly geometry: Geometry;
  /** The boot sector's bytes, and those of its copy where there should be one. */
  readonly boot: Uint8Array;
  readonly backupBoot: Uint8Array | undefined;
  /** The FAT that is read, then the other one, as bytes. */
  readonly fats: readonly Uint8Array[];
  /** Entries of the FAT that is read, by cluster. */
  readonly links: Uint32Array;
  /** The root first, then all others, a directory before what is in it. */
  readonly nodes: readonly FatNode[];
  /** By cluster: the id of the node whose it is, or -1. */
  readonly owners: Int32Array;
  /** By cluster, of CLUSTER. */
  readonly states: Uint8Array;
  /** How many clusters are what, by CLUSTER. */
  readonly counts: readonly number[];
  /** Free clusters as FSInfo counts them; undefined where it does not. */
  readonly notedFree: number | undefined;
  readonly label: string | undefined;
  /** More entries than are shown. */
  readonly isCut: boolean;
}

const MOST_FAT_BYTES = 1 << 26;
const BOOT_LENGTH = 512;

/** Rejects with one sentence where there is no volume that can be read. */
export async function readVolume(source: SectorSource, partition: Partition): Promise<Volume> {
  const part = within(source, partition);
  const boot = await readBytes(part, 0, BOOT_LENGTH);
  if (boot.length < BOOT_LENGTH) throw new Error('The partition is smaller than a sector.');
  const geometry = readGeometry(boot, part.sectors * BOOT_LENGTH);
  if (typeof geometry === 'string') throw new Error(geometry);
  const { fatStart, fatLength, fats: count, activeFat, backupBoot } = geometry;
  if (fatLength > MOST_FAT_BYTES)
    throw new Error(`The FAT of ${fatLength} bytes is too large to be shown: ${MOST_FAT_BYTES} is the most.`);
  const fat = (n: number) => readBytes(part, fatStart + n * fatLength, fatLength);
  const other = activeFat === 0 ? 1 : 0;
  const fats = [await fat(activeFat), ...(geometry.mirrored && other < count ? [await fat(other)] : [])];
  const walk = new Walk(part, geometry, decodeFat(fats[0]!, geometry));
  await walk.run();
  return {
    partition,
    geometry,
    boot,
    backupBoot: backupBoot === undefined ? undefined : await readBytes(part, backupBoot, BOOT_LENGTH),
    fats,
    notedFree: await readFree(part, geometry),
    label: walk.nodes.find(({ kind, parent }) => kind === 'label' && parent === 0)?.name,
    ...walk.result(),
  };
}

function within(source: SectorSource, { startSector, sectors }: Partition): SectorSource {
  const length = Math.max(0, Math.min(sectors, source.sectors - startSector));
  return { sectors: length, read: (sector, count) => source.read(startSector + sector, count) };
}

async function readFree(part: SectorSource, { fsInfo }: Geometry): Promise<number | undefined> {
  if (fsInfo === undefined) return undefined;
  const info = await readBytes(part, fsInfo, BOOT_LENGTH);
  const isSound =
    readField(info, FSINFO.FSI_LeadSig) === FSI_LEAD_SIG && readField(info, FSINFO.FSI_StrucSig) === FSI_STRUC_SIG;
  return isSound ? readField(info, FSINFO.FSI_Free_Count) : undefined;
}

/** The clusters that a reader of the file comes to, in order: also those that are another's, and at most `most`. */
export function chainOf({ geometry, links }: Volume, first: number, most = Number.POSITIVE_INFINITY): number[] {
  const chain: number[] = [];
  const seen = new Uint8Array(links.length);
  for (let cluster = first; isCluster(geometry, cluster) && !seen[cluster] && chain.length < most; ) {
    const link = linkOf(links[cluster]!, geometry);
    if (link === 'free' || link === 'bad') break;
    chain.push(cluster);
    seen[cluster] = 1;
    cluster = link === 'next' ? links[cluster]! : 0;
  }
  return chain;
}

/** Byte on the disk of a slot in a directory; undefined where the directory has none such. */
export function slotOffset(volume: Volume, directory: FatNode, slot: number): number | undefined {
  const { geometry, partition } = volume;
  const { rootStart, rootLength, clusterSize } = geometry;
  const start = partition.startSector * BOOT_LENGTH;
  const at = slot * DIR_ENTRY_SIZE;
  if (directory.kind === 'root' && rootLength > 0) return at < rootLength ? start + rootStart + at : undefined;
  const n = Math.floor(at / clusterSize);
  const cluster = chainOf(volume, directory.first, n + 1)[n];
  return cluster === undefined ? undefined : start + clusterOffset(geometry, cluster) + (at % clusterSize);
}
