/**
 * Logical partitions: a chain of extended boot records inside the extended partition, each with one partition and the way to the next. Index
 * 4 is the first, as Linux's sda5 is. The chain may be damaged or a loop: it ends there, and what was found before counts.
 */
import { BLK_TRANSFER_SIZE } from '../../src/protocol/blk_queue';
import { MBR_ENTRY_COUNT, MBR_EXTENDED_TYPES, MBR_TYPE, type MbrEntry, readMbr } from '../../src/specs/mbr';
import type { Partition, Partitions } from './partitions';

const SECTOR = 512;

/** Linux gives out no more either; a loop ends here at the latest. */
const MAX_LOGICAL = 60;

export interface LogicalWalk {
  readonly primary: Partitions;
  /** The extended partition: every record lies in it, and their links count from its start. */
  readonly extended: Partition;
  readonly found: readonly Partition[];
  /** Where the next record is. */
  readonly sector: number;
}

/** The first step, or undefined for a table without an extended partition that lies on the disk. */
export function logicalWalk(
  primary: Partitions,
  entries: readonly MbrEntry[],
  diskSectors: number,
): LogicalWalk | undefined {
  const extended = entries.find(({ type }) => MBR_EXTENDED_TYPES.includes(type));
  if (!extended || extended.sectors === 0 || extended.startSector >= diskSectors) return undefined;
  const { startSector } = extended;
  // A link that leaves the disk leaves this, too.
  const onDisk = { startSector, sectors: Math.min(extended.sectors, diskSectors - startSector) };
  return { primary, extended: onDisk, found: [], sector: startSector };
}

export function recordBlock({ sector }: LogicalWalk): number {
  return Math.floor((sector * SECTOR) / BLK_TRANSFER_SIZE);
}

/** One record further: the whole table, or the walk's next step. `block`: the 4096 bytes of recordBlock. */
export function readRecord(walk: LogicalWalk, block: Uint8Array): Partitions | { readonly logical: LogicalWalk } {
  const offset = (walk.sector * SECTOR) % BLK_TRANSFER_SIZE;
  const [partition, link] = readMbr(block.subarray(offset, offset + SECTOR)) ?? [];
  const isPartition = partition && partition.type !== MBR_TYPE.EMPTY && partition.sectors > 0;
  const found = isPartition
    ? [...walk.found, { startSector: walk.sector + partition.startSector, sectors: partition.sectors }]
    : walk.found;
  const { startSector, sectors } = walk.extended;
  const goesOn =
    link &&
    MBR_EXTENDED_TYPES.includes(link.type) &&
    link.startSector > 0 &&
    link.startSector < sectors &&
    found.length < MAX_LOGICAL;
  // A chain leads onwards; one that turns back would never end.
  const next = startSector + (link?.startSector ?? 0);
  if (goesOn && next > walk.sector) return { logical: { ...walk, found, sector: next } };
  const { primary } = walk;
  return { ...primary, partitions: [...primary.partitions.slice(0, MBR_ENTRY_COUNT), ...found] };
}
