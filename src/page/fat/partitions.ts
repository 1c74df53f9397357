/**
 * Where the partitions of a disk lie, for showing them: a damaged table gives what can be read of it, and one sentence. Whether the file
 * system VM gets one of them is for blk_virt to say.
 */
import { SECTOR_SIZE } from '../../specs/fat';
import { GPT_ENTRY, GPT_ENTRY_SIZE, GPT_HEADER, GPT_HEADER_LBA, GPT_SIGNATURE } from '../../specs/gpt';
import { MBR_ENTRY_COUNT, MBR_EXTENDED_TYPES, MBR_STATUSES, MBR_TYPE, type MbrEntry, readMbr } from '../../specs/mbr';
import { isFatBoot } from './geometry';
import { readBytes, type SectorSource } from './source';

export interface Partition {
  /** From 0, as the system's parameter counts; logical ones are 4 and up. */
  readonly index: number;
  readonly startSector: number;
  readonly sectors: number;
  /** The type byte of an MBR's entry. */
  readonly type?: number;
}

export interface PartitionTable {
  readonly kind: 'none' | 'mbr' | 'gpt';
  /** In the order of the disk. */
  readonly partitions: readonly Partition[];
  /** The first sector that is not the table's own. */
  readonly firstSector: number;
  /** What is wrong with the table. */
  readonly problem?: string;
}

const MOST_LOGICAL = 60;
const MOST_GPT_ENTRIES = 1024;

export async function readPartitions(source: SectorSource): Promise<PartitionTable> {
  const whole: PartitionTable = {
    kind: 'none',
    partitions: [{ index: 0, startSector: 0, sectors: source.sectors }],
    firstSector: 0,
  };
  if (source.sectors === 0) return { ...whole, partitions: [], problem: 'The disk is smaller than a sector.' };
  const sector0 = await source.read(0, 1);
  const entries = isFatBoot(sector0) ? undefined : readMbr(sector0);
  const isTable = entries?.every(({ status }) => MBR_STATUSES.includes(status!));
  if (!entries || !isTable || entries.every(({ type }) => type === MBR_TYPE.EMPTY)) return whole;
  if (entries[0]!.type === MBR_TYPE.GPT_PROTECTIVE) return readGpt(source);
  const logical = await readLogical(source, entries);
  const primary = entries.flatMap(({ type, startSector, sectors }, index) =>
    type === MBR_TYPE.EMPTY || MBR_EXTENDED_TYPES.includes(type) ? [] : { index, startSector, sectors, type },
  );
  return onDisk({ kind: 'mbr', partitions: [...primary, ...logical], firstSector: 1 }, source.sectors);
}

/** The chain of extended boot records; one that is damaged or turns back ends there. */
async function readLogical(source: SectorSource, primary: readonly MbrEntry[]): Promise<Partition[]> {
  const extended = primary.find(({ type }) => MBR_EXTENDED_TYPES.includes(type));
  const found: Partition[] = [];
  let at = extended?.startSector ?? 0;
  for (let records = 0; at > 0 && at < source.sectors && records < MOST_LOGICAL; records++) {
    const [own, link] = readMbr(await source.read(at, 1)) ?? [];
    if (own && own.type !== MBR_TYPE.EMPTY)
      found.push({
        index: MBR_ENTRY_COUNT + found.length,
        startSector: at + own.startSector,
        sectors: own.sectors,
        type: own.type,
      });
    const next = extended!.startSector + (link?.startSector ?? 0);
    at = link && MBR_EXTENDED_TYPES.includes(link.type) && next > at ? next : 0;
  }
  return found;
}

/** The first table. Its copy at the end is not looked at, as blk_virt does not. */
async function readGpt(source: SectorSource): Promise<PartitionTable> {
  const header = await readBytes(source, GPT_HEADER_LBA * SECTOR_SIZE, SECTOR_SIZE);
  const broken = (problem: string): PartitionTable => ({ kind: 'gpt', partitions: [], firstSector: 2, problem });
  if (header.length < SECTOR_SIZE || String.fromCharCode(...header.subarray(0, 8)) !== GPT_SIGNATURE)
    return broken(`Sector ${GPT_HEADER_LBA} has no GPT header, though the MBR says there is one.`);
  const view = new DataView(header.buffer, header.byteOffset);
  const size = view.getUint32(GPT_HEADER.entrySize, true);
  const count = Math.min(MOST_GPT_ENTRIES, view.getUint32(GPT_HEADER.entryCount, true));
  const lba = u64(view, GPT_HEADER.entriesLba);
  if (size < GPT_ENTRY_SIZE || size > SECTOR_SIZE || !(lba < source.sectors))
    return broken(`The GPT header names entries of ${size} bytes at sector ${lba}.`);
  const table = await readBytes(source, lba * SECTOR_SIZE, size * count);
  const partitions: Partition[] = [];
  for (let index = 0; (index + 1) * size <= table.length; index++) {
    const entry = table.subarray(index * size, (index + 1) * size);
    const type = entry.subarray(GPT_ENTRY.typeGuid, GPT_ENTRY.uniqueGuid);
    if (type.every((byte) => byte === 0)) continue;
    const fields = new DataView(entry.buffer, entry.byteOffset, size);
    const startSector = u64(fields, GPT_ENTRY.startLba);
    partitions.push({ index, startSector, sectors: u64(fields, GPT_ENTRY.endLba) - startSector + 1 });
  }
  const firstSector = lba + Math.ceil((size * count) / SECTOR_SIZE);
  return onDisk({ kind: 'gpt', partitions, firstSector }, source.sectors);
}

/** In the order of the disk, without what is not on it. */
function onDisk(table: PartitionTable, sectors: number): PartitionTable {
  const fits = ({ startSector, sectors: length }: Partition) =>
    length > 0 && startSector < sectors && length <= sectors - startSector;
  const out = table.partitions.filter((partition) => !fits(partition));
  const partitions = table.partitions.filter(fits).sort((a, b) => a.startSector - b.startSector);
  if (out.length === 0) return { ...table, partitions };
  const which = out.map(({ index }) => index).join(', ');
  const problem = `${out.length === 1 ? `Partition ${which} does` : `Partitions ${which} do`} not fit on the disk.`;
  return { ...table, partitions, problem };
}

/** Numbers that no disk has become NaN, and fit nowhere. */
function u64(view: DataView, at: number): number {
  const value = view.getBigUint64(at, true);
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : Number.NaN;
}
