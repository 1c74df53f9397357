/** The wire format of Protocol Buffers, as far as a trace needs it: varints, 64-bit numbers, strings, messages in messages. */

const WIRE = { VARINT: 0, FIXED64: 1, LENGTH: 2 } as const;
const encoder = new TextEncoder();

/** One message, put together field by field. Numbers are non-negative and below 2^53. */
export class Message {
  #bytes = new Uint8Array(64);
  #length = 0;

  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }

  number(field: number, value: number): this {
    return this.#tag(field, WIRE.VARINT).#varint(value);
  }

  fixed64(field: number, value: number): this {
    this.#tag(field, WIRE.FIXED64);
    for (let i = 0, rest = value; i < 8; i++, rest = Math.floor(rest / 256)) this.#byte(rest % 256);
    return this;
  }

  string(field: number, value: string): this {
    return this.#block(field, encoder.encode(value));
  }

  message(field: number, { bytes }: Message): this {
    return this.#block(field, bytes);
  }

  #block(field: number, bytes: Uint8Array): this {
    this.#tag(field, WIRE.LENGTH).#varint(bytes.length);
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
    return this;
  }

  #tag(field: number, type: number): this {
    return this.#varint(field * 8 + type);
  }

  /** Seven bits a byte, the lowest first; all but the last have the top bit. */
  #varint(value: number): this {
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.#byte((rest % 128) + 128);
    this.#byte(rest);
    return this;
  }

  #byte(value: number): void {
    this.#room(1);
    this.#bytes[this.#length++] = value;
  }

  #room(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + more));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}
