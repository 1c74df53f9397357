/**
 * Layout tables: one description of a C struct drives the code that reads and writes it, the inspectors that show it and the docs.
 * All fields are little-endian, at the offsets gcc gives on LP64.
 */
export type FieldType = 'u8' | 'u16' | 'u32' | 'i32' | 'u64' | 'i64' | 'bytes';

export interface Field {
  readonly type: FieldType;
  readonly offset: number;
  /** Length in bytes of a `bytes` field, which `read` leaves out: it is data, not a number. */
  readonly length?: number;
}

export type Fields = Readonly<Record<string, Field>>;

export interface Struct<F extends Fields = Fields> {
  readonly name: string;
  readonly size: number;
  readonly fields: F;
}

export type Values<F extends Fields> = { [K in keyof F]: number };

export const u8 = (offset: number): Field => ({ type: 'u8', offset });
export const u16 = (offset: number): Field => ({ type: 'u16', offset });
export const u32 = (offset: number): Field => ({ type: 'u32', offset });
export const i32 = (offset: number): Field => ({ type: 'i32', offset });
export const u64 = (offset: number): Field => ({ type: 'u64', offset });
export const i64 = (offset: number): Field => ({ type: 'i64', offset });
export const bytes = (offset: number, length: number): Field => ({ type: 'bytes', offset, length });

export function struct<F extends Fields>(name: string, size: number, fields: F): Struct<F> {
  return { name, size, fields };
}

/** A u64 as a number; NaN where a number cannot hold it, so that every comparison with it is false. */
export function readU64(view: DataView, at: number): number {
  const value = view.getUint32(at + 4, true) * 0x1_0000_0000 + view.getUint32(at, true);
  return value <= Number.MAX_SAFE_INTEGER ? value : Number.NaN;
}

/** An i64 likewise. */
export function readI64(view: DataView, at: number): number {
  const value = Number(view.getBigInt64(at, true));
  return Number.isSafeInteger(value) ? value : Number.NaN;
}

/** Writes a non-negative integer below 2^53; anything else is our own mistake. */
export function writeU64(view: DataView, at: number, value: number): void {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`${value} is not a u64`);
  view.setUint32(at, value % 0x1_0000_0000, true);
  view.setUint32(at + 4, Math.floor(value / 0x1_0000_0000), true);
}

function readField(view: DataView, at: number, field: Field): number {
  switch (field.type) {
    case 'u8':
      return view.getUint8(at + field.offset);
    case 'u16':
      return view.getUint16(at + field.offset, true);
    case 'u32':
      return view.getUint32(at + field.offset, true);
    case 'i32':
      return view.getInt32(at + field.offset, true);
    case 'u64':
      return readU64(view, at + field.offset);
    case 'i64':
      return readI64(view, at + field.offset);
    case 'bytes':
      return 0;
  }
}

function writeField(view: DataView, at: number, field: Field, value: number): void {
  switch (field.type) {
    case 'u8':
      return view.setUint8(at + field.offset, value);
    case 'u16':
      return view.setUint16(at + field.offset, value, true);
    case 'u32':
      return view.setUint32(at + field.offset, value, true);
    case 'i32':
      return view.setInt32(at + field.offset, value, true);
    case 'u64':
      return writeU64(view, at + field.offset, value);
    case 'i64':
      return view.setBigInt64(at + field.offset, BigInt(value), true);
    case 'bytes':
      return;
  }
}

/** A private copy of the struct at `at`: what is validated afterwards can no longer change. */
export function readStruct<F extends Fields>(view: DataView, at: number, { fields }: Struct<F>): Values<F> {
  const copy = {} as Values<F>;
  for (const name in fields) copy[name] = readField(view, at, fields[name]!);
  return copy;
}

/** Writes the fields named in `values`; others keep what was there. */
export function writeStruct<F extends Fields>(
  view: DataView,
  at: number,
  { fields }: Struct<F>,
  values: Partial<Values<F>>,
): void {
  for (const name in values) writeField(view, at, fields[name]!, values[name]!);
}
