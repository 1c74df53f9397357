/** Bytes of the disk with the names of their fields: a directory entry, entries of both FATs, a boot sector, a partition table. */
import {
  BOOT_SIGNATURE,
  BPB,
  BPB16,
  BPB32,
  DIR,
  DIR_ENTRY_SIZE,
  type Field,
  fatEntryOffset,
  LDIR,
  readField,
  SECTOR_SIZE,
} from '../../specs/fat';
import { GPT_ENTRY, GPT_ENTRY_SIZE, GPT_HEADER, GPT_HEADER_LBA } from '../../specs/gpt';
import { MBR_ENTRIES_OFFSET, MBR_ENTRY, MBR_ENTRY_COUNT, MBR_ENTRY_SIZE, MBR_SIGNATURE_OFFSET } from '../../specs/mbr';
import { ascii } from '../byte_words';
import { isLong } from '../fat/directory';
import type { FatNode } from '../fat/node';
import { slotOffset, type Volume } from '../fat/volume';
import { fieldMeaning } from './field_meaning';
import { hex, linkWords } from './map_words';

export interface BlockField {
  readonly name: string;
  /** In the block's bytes. */
  readonly at: number;
  readonly length: number;
  readonly value: string;
  readonly meaning: string;
}

export interface Block {
  readonly title: string;
  /** Of its first byte, on the disk. */
  readonly offset: number;
  readonly bytes: Uint8Array;
  readonly fields: readonly BlockField[];
  /** The field that is marked at first. */
  readonly marked?: string;
  /** Offsets in it that are not as in the other copy. */
  readonly differs?: ReadonlySet<number>;
}

/** Whether they say the same. */
export function areSame(some: readonly Block[], others: readonly Block[]): boolean {
  return (
    some.length === others.length &&
    some.every((a, i) => {
      const b = others[i]!;
      return (
        a.offset === b.offset &&
        a.marked === b.marked &&
        a.bytes.length === b.bytes.length &&
        a.bytes.every((byte, at) => byte === b.bytes[at]) &&
        a.fields.length === b.fields.length &&
        a.fields.every(({ name, value }, n) => name === b.fields[n]!.name && value === b.fields[n]!.value) &&
        a.differs?.size === b.differs?.size
      );
    })
  );
}

/** Reads bytes of the disk. */
export type ReadBytes = (offset: number, length: number) => Promise<Uint8Array>;

type Layout = Readonly<Record<string, Field>>;

/** Numbers as such, and text where the field holds more than a number can be. */
export function fieldsOf(bytes: Uint8Array, layout: Layout, base = 0): BlockField[] {
  return Object.entries(layout).map(([name, [at, length]]) => {
    const isText = length > 4;
    const part = bytes.subarray(base + at, base + at + length);
    const number = isText ? 0 : readField(bytes, [at, length], base);
    const value = isText ? ascii(part).trimEnd() : hex(number, length * 2);
    return { name, at: base + at, length, value, meaning: fieldMeaning(name, part, number) };
  });
}

/** All entries of one name: the long ones in front, last one first. */
export async function entryBlocks(volume: Volume, node: FatNode, read: ReadBytes): Promise<Block[]> {
  if (node.kind === 'root') return [];
  const directory = volume.nodes[node.parent]!;
  const blocks: Block[] = [];
  for (let slot = node.slot - node.longSlots; slot <= node.slot; slot++) {
    const offset = slotOffset(volume, directory, slot);
    if (offset === undefined) continue;
    const bytes = await read(offset, DIR_ENTRY_SIZE);
    const long = isLong(bytes);
    const title = long ? `Entry ${slot}, a part of the long name` : `Entry ${slot}`;
    blocks.push({ title, offset, bytes, fields: fieldsOf(bytes, long ? LDIR : DIR), ...(long ? {} : MARKED) });
  }
  return blocks;
}

/** Where the chain begins. */
const MARKED = { marked: 'DIR_FstClusLO' } as const;

/** Rows of 16 bytes around the entry of a cluster, in each FAT. */
export function fatBlocks(volume: Volume, cluster: number): Block[] {
  const { geometry, fats, partition } = volume;
  const { bits, fatStart, fatLength, activeFat } = geometry;
  const at = fatEntryOffset(bits, cluster);
  const from = Math.max(0, at - (at % 16) - 16);
  const to = Math.min(fatLength, from + 48);
  const numbers = fats.map((_, i) => (i === 0 ? activeFat : activeFat === 0 ? 1 : 0));
  const parts = fats.map((fat) => fat.subarray(from, to));
  const differs = new Set([...(parts[0] ?? [])].flatMap((byte, i) => (parts[1] && parts[1][i] !== byte ? [i] : [])));
  return parts.map((bytes, i) => ({
    title: `FAT ${numbers[i]! + 1}${fats.length > 1 ? ` of ${geometry.fats}` : ''}`,
    offset: partition.startSector * SECTOR_SIZE + fatStart + numbers[i]! * fatLength + from,
    bytes,
    fields: i === 0 ? fatFields(volume, from, to) : [],
    marked: `entry ${cluster}`,
    differs,
  }));
}

function fatFields(volume: Volume, from: number, to: number): BlockField[] {
  const { bits, clusters } = volume.geometry;
  const fields: BlockField[] = [];
  const length = bits === 32 ? 4 : 2;
  for (let cluster = Math.floor((from * 8) / bits); cluster < clusters + 2; cluster++) {
    const at = fatEntryOffset(bits, cluster) - from;
    if (at < 0) continue;
    if (at + length > to - from) break;
    const value = hex(volume.links[cluster]!, bits === 12 ? 3 : bits / 4);
    fields.push({ name: `entry ${cluster}`, at, length, value, meaning: linkWords(volume, cluster) });
  }
  return fields;
}

export function bootBlocks({ boot, geometry, partition }: Volume): Block[] {
  const layout: Layout = { ...BPB, ...(geometry.bits === 32 ? BPB32 : BPB16), signature: BOOT_SIGNATURE };
  const offset = partition.startSector * SECTOR_SIZE;
  return [{ title: 'Boot sector', offset, bytes: boot, fields: fieldsOf(boot, layout) }];
}

export async function tableBlocks(kind: 'none' | 'mbr' | 'gpt', read: ReadBytes): Promise<Block[]> {
  if (kind === 'none') return [];
  const mbr = await read(0, SECTOR_SIZE);
  const entries = Array.from({ length: MBR_ENTRY_COUNT }, (_, i) => {
    const named = prefixed(`entry ${i} `, layoutOf(MBR_ENTRY, MBR_ENTRY_SIZE));
    return fieldsOf(mbr, named, MBR_ENTRIES_OFFSET + i * MBR_ENTRY_SIZE);
  }).flat();
  const signature = fieldsOf(mbr, { signature: [MBR_SIGNATURE_OFFSET, 2] });
  const blocks: Block[] = [{ title: 'Master boot record', offset: 0, bytes: mbr, fields: [...entries, ...signature] }];
  if (kind === 'mbr') return blocks;
  const header = await read(GPT_HEADER_LBA * SECTOR_SIZE, SECTOR_SIZE);
  const at = readField(header, [GPT_HEADER.entriesLba, 4]) * SECTOR_SIZE;
  const first = await read(at, 4 * GPT_ENTRY_SIZE);
  const names = Array.from({ length: Math.floor(first.length / GPT_ENTRY_SIZE) }, (_, i) =>
    fieldsOf(first, prefixed(`entry ${i} `, layoutOf(GPT_ENTRY, GPT_ENTRY_SIZE)), i * GPT_ENTRY_SIZE),
  );
  return [
    ...blocks,
    {
      title: 'GPT header',
      offset: GPT_HEADER_LBA * SECTOR_SIZE,
      bytes: header.subarray(0, 96),
      fields: fieldsOf(header, layoutOf(GPT_HEADER, 92)),
    },
    { title: 'Its first entries', offset: at, bytes: first, fields: names.flat() },
  ];
}

/** Fields that reach from one offset to the next, at most eight bytes of them. */
function layoutOf(offsets: Readonly<Record<string, number>>, end: number): Layout {
  const sorted = Object.entries(offsets).sort(([, a], [, b]) => a - b);
  return Object.fromEntries(
    sorted.map(([name, at], i) => [name, [at, Math.min(lengthOf(name), (sorted[i + 1]?.[1] ?? end) - at)]]),
  );
}

/** What the tables of src/specs/mbr.ts and gpt.ts leave to the manual. */
const lengthOf = (name: string): number =>
  ({ status: 1, type: 1, typeGuid: 16, uniqueGuid: 16, name: 72, attributes: 8 })[name] ?? (/lba$/i.test(name) ? 8 : 4);

const prefixed = (prefix: string, layout: Layout): Layout =>
  Object.fromEntries(Object.entries(layout).map(([name, field]) => [prefix + name, field]));
