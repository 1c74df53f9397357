/** A frame taken apart: layers of fields, each with the bytes it stands in, and what a list says of it. */
import { hexByte } from '../byte_words';

export interface PacketField {
  readonly label: string;
  readonly value: string;
  /** Bytes of the frame. */
  readonly at: number;
  readonly length: number;
  /** What is wrong with it, in words. */
  readonly wrong?: string;
}

export interface Layer {
  readonly name: string;
  readonly fields: readonly PacketField[];
}

/** The frame cannot be taken apart further; the message says why. */
export class Malformed extends Error {}

export const hex = (value: number, digits: number): string => `0x${value.toString(16).padStart(digits, '0')}`;

/** Fields of one layer as they are read; offsets count from its first byte. */
export class LayerReader implements Layer {
  readonly fields: PacketField[] = [];

  constructor(
    readonly name: string,
    readonly view: DataView,
    readonly at: number,
    public end: number,
  ) {}

  get length(): number {
    return this.end - this.at;
  }

  /** An unsigned big-endian number of 1, 2 or 4 bytes, shown as `say` has it. */
  number(label: string, offset: number, size: 1 | 2 | 4, say: (value: number) => string = String): number {
    const value = this.peek(label, offset, size);
    this.fields.push({ label, value: say(value), at: this.at + offset, length: size });
    return value;
  }

  /** A number that is not a field by itself. */
  peek(label: string, offset: number, size: 1 | 2 | 4): number {
    this.#require(label, offset, size);
    const at = this.at + offset;
    return size === 1 ? this.view.getUint8(at) : size === 2 ? this.view.getUint16(at) : this.view.getUint32(at);
  }

  /** Bytes, shown as `say` has them. */
  bytes(label: string, offset: number, length: number, say: (bytes: Uint8Array) => string): Uint8Array {
    this.#require(label, offset, length);
    const at = this.at + offset;
    const bytes = new Uint8Array(this.view.buffer, this.view.byteOffset + at, length);
    this.fields.push({ label, value: say(bytes), at, length });
    return bytes;
  }

  /** What is wrong with the field read last. */
  wrong(why: string): void {
    this.fields.push({ ...this.fields.pop()!, wrong: why });
  }

  /** The last field makes no sense, and nothing behind it can be told. */
  give(why: string): never {
    this.wrong(why);
    throw new Malformed(why);
  }

  /** What begins at `offset` makes no sense, and nothing behind it can be told. */
  fail(label: string, offset: number, why: string): never {
    const at = Math.min(this.at + offset, this.end);
    this.fields.push({ label, value: '', at, length: this.end - at, wrong: why });
    throw new Malformed(why);
  }

  #require(label: string, offset: number, length: number): void {
    const left = Math.max(0, this.end - this.at - offset);
    if (length > left)
      this.fail(label, offset, `${this.name} ends inside "${label}": ${left} of ${length} bytes are there`);
  }
}

export class Packet {
  readonly layers: LayerReader[] = [];
  /** The innermost protocol that is known here. */
  protocol = '';
  /** One line. */
  info = '';
  source = '';
  destination = '';
  /** MAC and IP addresses in it, and ports. */
  readonly hosts = new Set<string>();
  readonly ports = new Set<number>();
  readonly #view: DataView;
  #text: string | undefined;

  constructor(readonly bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  layer(name: string, at: number, end: number): LayerReader {
    const layer = new LayerReader(name, this.#view, at, end);
    this.layers.push(layer);
    this.protocol = name;
    return layer;
  }

  between(source: string, destination: string): void {
    this.source = source;
    this.destination = destination;
    this.hosts.add(source).add(destination);
  }

  /** What is wrong with it, in the order of its bytes. */
  get wrongs(): string[] {
    return this.layers.flatMap(({ fields }) => fields.flatMap(({ wrong }) => wrong ?? []));
  }

  /** What a filter's words are looked for in: small letters. */
  get text(): string {
    const names = this.layers.map(({ name }) => name);
    this.#text ??= [...names, this.source, this.destination, this.info].join(' ').toLowerCase();
    return this.#text;
  }
}

const PREVIEW = 32;

/** A few bytes for a field's value. */
export function preview(bytes: Uint8Array): string {
  const shown = Array.from(bytes.subarray(0, PREVIEW), hexByte).join(' ');
  return bytes.length > PREVIEW ? `${shown} and ${bytes.length - PREVIEW} more` : shown;
}
