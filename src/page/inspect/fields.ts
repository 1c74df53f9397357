/** Memory by a layout table: each field's place, its value, and what the value means. The table is whatever the caller has. */
import type { Field, Struct } from '../../protocol/struct';
import { hexByte } from '../byte_words';

export type Value = number | bigint;
export type ValuesByName = Readonly<Record<string, Value>>;

/** What a field's value says in words; undefined when the number says it all. */
export type Meaning = (field: string, value: Value, all: ValuesByName) => string | undefined;

export interface ShownField {
  readonly name: string;
  /** Of its first byte in the memory given. */
  readonly at: number;
  readonly length: number;
  /** Undefined for bytes that are no number. */
  readonly value: Value | undefined;
  readonly text: string;
  readonly words: string;
}

const LENGTHS = { u8: 1, u16: 2, u32: 4, i32: 4, u64: 8, i64: 8 } as const;
/** Bytes of a field that is no number that are written out. */
const BYTES_SHOWN = 8;
/** From here on a number is more likely an address or a set of bits. */
const HEX_FROM = 0x1_0000;

export const lengthOfField = ({ type, length }: Field): number => (type === 'bytes' ? (length ?? 0) : LENGTHS[type]);

/** The fields of the struct at `at`, in the order of their offsets. */
export function fieldsOf(table: Struct, memory: Uint8Array, at: number, meaning?: Meaning): ShownField[] {
  // Copied once: the words must be those of the numbers.
  const copy = new Uint8Array(table.size);
  copy.set(memory.subarray(at, at + table.size));
  const view = new DataView(copy.buffer);
  const fields = Object.entries(table.fields).sort(([, a], [, b]) => a.offset - b.offset);
  const values: Record<string, Value> = {};
  for (const [name, field] of fields) {
    const value = fieldValue(view, field);
    if (value !== undefined) values[name] = value;
  }
  return fields.map(([name, field]) => {
    const value = values[name];
    const length = lengthOfField(field);
    const raw = copy.subarray(field.offset, field.offset + length);
    const words = value === undefined ? '' : (meaning?.(name, value, values) ?? '');
    const text = value === undefined ? bytesText(raw) : numberText(value);
    return { name, at: at + field.offset, length, value, text, words };
  });
}

/** The field that holds the byte at `offset` of the struct, by name. */
export function fieldAt({ fields }: Struct, offset: number): string | undefined {
  return Object.keys(fields).find((name) => {
    const field = fields[name]!;
    return offset >= field.offset && offset < field.offset + lengthOfField(field);
  });
}

/** As the name in a table of numbers, if it has one. */
export function nameIn(table: Readonly<Record<string, number>>, value: Value): string | undefined {
  return Object.keys(table).find((name) => table[name] === Number(value));
}

export function numberText(value: Value): string {
  return value >= HEX_FROM ? `0x${value.toString(16)}` : value.toString();
}

export function bytesText(bytes: Uint8Array): string {
  const shown = Array.from(bytes.subarray(0, BYTES_SHOWN), hexByte).join(' ');
  return bytes.length > BYTES_SHOWN ? `${shown} \u2026` : shown;
}

function fieldValue(view: DataView, { type, offset }: Field): Value | undefined {
  switch (type) {
    case 'u8':
      return view.getUint8(offset);
    case 'u16':
      return view.getUint16(offset, true);
    case 'u32':
      return view.getUint32(offset, true);
    case 'i32':
      return view.getInt32(offset, true);
    case 'u64':
      return whole(view.getBigUint64(offset, true));
    case 'i64':
      return whole(view.getBigInt64(offset, true));
    case 'bytes':
      return undefined;
  }
}

/** A number where one holds it. */
export function whole(value: bigint): Value {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
