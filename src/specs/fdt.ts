/**
 * The flattened device tree, Devicetree Specification v0.4 chapter 5: a writer, and a reader that believes nothing.
 *   header  0 magic  4 totalsize  8 off_dt_struct  12 off_dt_strings  16 off_mem_rsvmap  20 version  24 last_comp_version
 *           28 boot_cpuid_phys  32 size_dt_strings  36 size_dt_struct       all big-endian u32
 */
export const FDT_MAGIC = 0xd00dfeed;
export const FDT_HEADER_SIZE = 40;
export const FDT_TOKEN = { BEGIN_NODE: 1, END_NODE: 2, PROP: 3, NOP: 4, END: 9 } as const;
const VERSION = 17;
const LAST_COMPATIBLE_VERSION = 16;
const RESERVE_ENTRY = 16;
const MAX_DEPTH = 16;
const MAX_NODES = 4096;

export interface FdtNode {
  readonly name: string;
  readonly properties: ReadonlyMap<string, Uint8Array>;
  readonly children: readonly FdtNode[];
}

/** A property value to write: cells, strings (each NUL-terminated), or nothing. */
export type FdtValue = readonly number[] | string | readonly string[] | true;
export interface FdtSource {
  readonly name: string;
  readonly properties: Readonly<Record<string, FdtValue>>;
  readonly children?: readonly FdtSource[];
}

export function encodeFdt(root: FdtSource): Uint8Array {
  const strings = new Map<string, number>();
  const structure: number[] = [];
  writeNode(structure, strings, root);
  pushU32(structure, FDT_TOKEN.END);
  const names = [...strings.keys()].flatMap(cString);
  const structureAt = FDT_HEADER_SIZE + RESERVE_ENTRY;
  const stringsAt = structureAt + structure.length;
  const header: number[] = [];
  for (const word of [
    FDT_MAGIC,
    stringsAt + names.length,
    structureAt,
    stringsAt,
    FDT_HEADER_SIZE,
    VERSION,
    LAST_COMPATIBLE_VERSION,
    0,
    names.length,
    structure.length,
  ]) {
    pushU32(header, word);
  }
  return Uint8Array.from([...header, ...new Array<number>(RESERVE_ENTRY).fill(0), ...structure, ...names]);
}

function writeNode(out: number[], strings: Map<string, number>, { name, properties, children }: FdtSource): void {
  pushU32(out, FDT_TOKEN.BEGIN_NODE);
  pushPadded(out, cString(name));
  for (const [property, value] of Object.entries(properties)) {
    const bytes = encodeValue(value);
    pushU32(out, FDT_TOKEN.PROP);
    pushU32(out, bytes.length);
    pushU32(out, stringOffset(strings, property));
    pushPadded(out, bytes);
  }
  for (const child of children ?? []) writeNode(out, strings, child);
  pushU32(out, FDT_TOKEN.END_NODE);
}

function encodeValue(value: FdtValue): number[] {
  if (value === true) return [];
  if (typeof value === 'string') return cString(value);
  const out: number[] = [];
  for (const item of value) {
    if (typeof item === 'number') pushU32(out, item);
    else out.push(...cString(item));
  }
  return out;
}

function stringOffset(strings: Map<string, number>, name: string): number {
  const known = strings.get(name);
  if (known !== undefined) return known;
  const offset = [...strings.keys()].reduce((total, key) => total + key.length + 1, 0);
  strings.set(name, offset);
  return offset;
}

const cString = (text: string): number[] => [...text].map((c) => c.charCodeAt(0) & 0x7f).concat(0);

function pushU32(out: number[], value: number): void {
  out.push((value >>> 24) & 0xff, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff);
}

function pushPadded(out: number[], bytes: readonly number[]): void {
  out.push(...bytes);
  while (out.length % 4 !== 0) out.push(0);
}

/** The tree, or undefined when the blob breaks a rule. `blob` must be a private copy. */
export function decodeFdt(blob: Uint8Array): FdtNode | undefined {
  if (blob.length < FDT_HEADER_SIZE) return undefined;
  const view = new DataView(blob.buffer, blob.byteOffset, blob.byteLength);
  const header = (offset: number) => view.getUint32(offset);
  const total = header(4);
  if (header(0) !== FDT_MAGIC || total > blob.length || header(24) > VERSION || header(20) < VERSION) return undefined;
  const strings = slice(blob, total, header(12), header(32));
  const structure = slice(blob, total, header(8), header(36));
  if (!strings || !structure || header(8) % 4 !== 0) return undefined;
  return new Reader(structure, strings).root();
}

function slice(blob: Uint8Array, total: number, offset: number, size: number): Uint8Array | undefined {
  return offset <= total && size <= total - offset ? blob.subarray(offset, offset + size) : undefined;
}

class Reader {
  readonly #view: DataView;
  #at = 0;
  #nodes = 0;

  constructor(
    readonly structure: Uint8Array,
    readonly strings: Uint8Array,
  ) {
    this.#view = new DataView(structure.buffer, structure.byteOffset, structure.byteLength);
  }

  root(): FdtNode | undefined {
    if (this.#token() !== FDT_TOKEN.BEGIN_NODE) return undefined;
    const node = this.#node(0);
    return node && this.#token() === FDT_TOKEN.END ? node : undefined;
  }

  #node(depth: number): FdtNode | undefined {
    const name = this.#name();
    if (name === undefined || depth === MAX_DEPTH || this.#nodes++ === MAX_NODES) return undefined;
    const properties = new Map<string, Uint8Array>();
    const children: FdtNode[] = [];
    for (;;) {
      const token = this.#token();
      if (token === FDT_TOKEN.END_NODE) return { name, properties, children };
      if (token === FDT_TOKEN.PROP) {
        const property = this.#property();
        if (!property) return undefined;
        properties.set(...property);
      } else if (token === FDT_TOKEN.BEGIN_NODE) {
        const child = this.#node(depth + 1);
        if (!child) return undefined;
        children.push(child);
      } else return undefined;
    }
  }

  /** The next token that is not NOP; undefined past the end. */
  #token(): number | undefined {
    for (;;) {
      const token = this.#u32();
      if (token !== FDT_TOKEN.NOP) return token;
    }
  }

  #property(): [string, Uint8Array] | undefined {
    const length = this.#u32();
    const nameAt = this.#u32();
    if (length === undefined || nameAt === undefined || length > this.structure.length - this.#at) return undefined;
    const name = terminated(this.strings, nameAt);
    const value = this.structure.slice(this.#at, this.#at + length);
    this.#at = (this.#at + length + 3) & ~3;
    return name === undefined ? undefined : [name, value];
  }

  #name(): string | undefined {
    const name = terminated(this.structure, this.#at);
    if (name !== undefined) this.#at = (this.#at + name.length + 4) & ~3;
    return name;
  }

  #u32(): number | undefined {
    if (this.#at > this.structure.length - 4) return undefined;
    this.#at += 4;
    return this.#view.getUint32(this.#at - 4);
  }
}

function terminated(bytes: Uint8Array, at: number): string | undefined {
  const end = bytes.indexOf(0, at);
  return at > bytes.length || end < 0 ? undefined : String.fromCharCode(...bytes.subarray(at, end));
}

/** A property as big-endian cells; empty when it is missing or not whole. */
export function fdtCells(node: FdtNode, property: string): number[] {
  const bytes = node.properties.get(property);
  if (!bytes || bytes.length % 4 !== 0) return [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.length >> 2 }, (_, i) => view.getUint32(4 * i));
}

/** A property as a list of strings. */
export function fdtStrings(node: FdtNode, property: string): string[] {
  const bytes = node.properties.get(property);
  if (bytes?.at(-1) !== 0) return [];
  const text = Array.from(bytes.subarray(0, -1), (byte) => String.fromCharCode(byte)).join('');
  return text.split('\0');
}
