/** Looks at a volume without writing and tells what is wrong: what a shell's `fsck` prints. */
import { FSI_UNKNOWN, FSINFO, readField } from '../../../../src/specs/fat';
import type { BlockDevice } from '../block_device';
import { readGeometry } from './geometry';
import { describeDevice } from './identify';
import { summary } from './recovery';
import { type Findings, scanTree } from './tree_scan';
import { Volume } from './volume';
import { VolumeIo } from './volume_io';

export interface CheckReport {
  /** FAT12, FAT16 or FAT32; absent when there is no volume. */
  readonly type?: string;
  readonly files: number;
  readonly directories: number;
  readonly clustersUsed: number;
  readonly clusters: number;
  /** One sentence each; none: the volume is sound. */
  readonly problems: string[];
  /** What a mount that recovers cannot repair; some of `problems`. */
  readonly damage: string[];
}

export function check(device: BlockDevice): CheckReport {
  const nothing = { files: 0, directories: 0, clustersUsed: 0, clusters: 0, damage: [] };
  const geometry = device.length < 512 ? 'it is smaller than a sector' : readGeometry(device.sector(0), device.length);
  if (typeof geometry === 'string') return { ...nothing, problems: [describeDevice(device, geometry)] };
  const io = new VolumeIo(device, geometry, () => {});
  io.setReadOnly();
  const volume = new Volume(io, () => 0);
  const findings = scanTree(volume);
  const clusters = geometry.lastCluster - 1;
  return {
    type: volume.type,
    files: findings.files,
    directories: findings.directories,
    clusters,
    clustersUsed: clusters - volume.table.countFree(geometry.lastCluster),
    problems: [
      ...dirtyBit(volume),
      ...findings.damage,
      ...summary(findings),
      ...renameMarks(findings),
      ...freeCount(volume),
    ],
    damage: findings.damage,
  };
}

function dirtyBit(volume: Volume): string[] {
  return volume.isDirty ? ['The dirty bit is set: the volume was not properly unmounted'] : [];
}

function renameMarks({ marked }: Findings): string[] {
  return marked.length > 0 ? [`${marked.length} entry(ies) with the mark of a rename`] : [];
}

function freeCount({ geometry, io, table }: Volume): string[] {
  if (geometry.fsInfo === undefined) return [];
  const noted = readField(io.sectorAt(geometry.fsInfo), FSINFO.FSI_Free_Count);
  const free = table.countFree(geometry.lastCluster);
  return noted === free || noted === FSI_UNKNOWN ? [] : [`FSInfo says ${noted} free clusters, the FAT ${free}`];
}
