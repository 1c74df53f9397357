/**
 * Register tables: what the registers of a device are called, where they are and what their bits mean. Made from the same numbers that
 * the device's model and its driver are written with; the inspector reads registers by them.
 */

/** Bits of a register that mean something together. */
export interface BitField {
  readonly name: string;
  /** Lowest bit. */
  readonly shift: number;
  readonly width: number;
  /** What its values are called. */
  readonly values?: Readonly<Record<string, number>>;
}

/**
 * How a register can be looked at. `r`, `rw`: reading it changes nothing. `w`: it cannot be read, and what was last written is kept.
 * `data`: reading it takes something away, and what was last read or written is kept.
 */
export type RegisterAccess = 'r' | 'rw' | 'w' | 'data';

export interface Register {
  readonly name: string;
  readonly offset: number;
  /** In bits, a multiple of 8. */
  readonly width: number;
  readonly access: RegisterAccess;
  readonly fields: readonly BitField[];
  /** What the whole value is called. */
  readonly values?: Readonly<Record<string, number>>;
  /** Bytes one after the other, not a number. */
  readonly bytes?: boolean;
  /** It never changes, or only with the table's `generation`. */
  readonly seldom?: boolean;
}

/** Registers of which there are several, and another one selects which: what was last written for each is kept behind the others. */
export interface RegisterBank {
  readonly select: number;
  /** A register; writing 0 to it clears the bank. */
  readonly reset: number;
  /** Offsets of the registers, in the order in which they are kept. */
  readonly registers: readonly number[];
  /** Where the bank is kept: `count` times all its registers, a word each. */
  readonly at: number;
  readonly count: number;
}

export interface RegisterTable {
  readonly name: string;
  /** In bytes, with what is kept behind the registers. */
  readonly size: number;
  readonly registers: readonly Register[];
  /** Offset of a register that changes whenever one does that seldom changes. */
  readonly generation?: number;
  readonly bank?: RegisterBank;
}

export interface RegisterDetail {
  /** `rw` when absent. */
  readonly access?: RegisterAccess;
  /** Masks by name: bits side by side, lowest first. */
  readonly masks?: Readonly<Record<string, number>>;
  /** Names of the values of a mask. */
  readonly valuesOf?: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly values?: Readonly<Record<string, number>>;
  readonly width?: number;
  readonly bytes?: boolean;
  readonly seldom?: boolean;
}

/** The field that a mask stands for. */
export function bitField(name: string, mask: number, values?: Readonly<Record<string, number>>): BitField {
  const shift = 31 - Math.clz32(mask & -mask);
  const width = 32 - Math.clz32(mask >>> shift);
  return { name, shift, width, ...(values ? { values } : {}) };
}

/** Registers in the order of their offsets. */
export function registers<N extends string>(
  offsets: Readonly<Record<N, number>>,
  details: Readonly<Partial<Record<NoInfer<N>, RegisterDetail>>>,
): Register[] {
  return (Object.entries(offsets) as [N, number][])
    .map(([name, offset]) => register(name, offset, details[name]))
    .sort((a, b) => a.offset - b.offset);
}

export function register(name: string, offset: number, detail: RegisterDetail = {}): Register {
  const { access = 'rw', masks = {}, valuesOf = {}, values, width = 32, bytes, seldom } = detail;
  const fields = Object.entries(masks).map(([field, mask]) => bitField(field, mask, valuesOf[field]));
  return {
    name,
    offset,
    width,
    access,
    fields: fields.sort((a, b) => a.shift - b.shift),
    ...(values ? { values } : {}),
    ...(bytes ? { bytes } : {}),
    ...(seldom ? { seldom } : {}),
  };
}
