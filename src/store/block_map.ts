/**
 * Which 4096-byte blocks of a hosted disk are here, because they were fetched or written: one bit each, behind a header that names the
 * image. On the store a bit is set only after the block itself is; a bit that was lost costs one fetch, or the write that was never flushed.
 */
import type { Identity } from './hosted_image';
import type { SyncFile } from './opfs';

export const BLOCK = 4096;
const HEADER = 4096;
const MAGIC = 'vmfs hosted image 1';

export class BlockMap {
  readonly #bits: Uint8Array;
  /** Bytes of the bits that differ from the file: [from, to). */
  #changed: readonly [number, number] | undefined;

  private constructor(
    readonly file: SyncFile,
    readonly identity: Identity,
    bits: Uint8Array,
  ) {
    this.#bits = bits;
  }

  /** For a new image, of which nothing is here, or all. Written when this returns, but not flushed. */
  static create(file: SyncFile, identity: Identity, isWhole: boolean): BlockMap {
    const header = new Uint8Array(HEADER);
    const text = new TextEncoder().encode(`${MAGIC}\n${JSON.stringify(identity)}\n`);
    if (text.length > HEADER) throw new RangeError('The address of this image is too long.');
    header.set(text);
    const bits = new Uint8Array(Math.ceil(identity.size / BLOCK / 8)).fill(isWhole ? 0xff : 0);
    file.truncate(0);
    put(file, header, 0);
    put(file, bits, HEADER);
    return new BlockMap(file, identity, bits);
  }

  /** Throws when the file is no such map: a guess could put the server's bytes over what was written. */
  static read(file: SyncFile): BlockMap {
    const header = new Uint8Array(HEADER);
    const got = file.read(header, { at: 0 });
    const [magic, json] = new TextDecoder().decode(header).split('\n');
    if (got !== HEADER || magic !== MAGIC)
      throw new Error('the note of which blocks of the image are here cannot be read');
    const identity = JSON.parse(json!) as Identity;
    const bits = new Uint8Array(Math.ceil(identity.size / BLOCK / 8));
    // A shorter file has lost bits that said nothing yet.
    file.read(bits, { at: HEADER });
    return new BlockMap(file, identity, bits);
  }

  has(block: number): boolean {
    return (this.#bits[block >> 3]! & (1 << (block & 7))) !== 0;
  }

  add(block: number): void {
    if (this.has(block)) return;
    const byte = block >> 3;
    this.#bits[byte]! |= 1 << (block & 7);
    const [from, to] = this.#changed ?? [byte, byte + 1];
    this.#changed = [Math.min(from, byte), Math.max(to, byte + 1)];
  }

  get isChanged(): boolean {
    return this.#changed !== undefined;
  }

  /** The blocks must have been flushed before. */
  save(): void {
    if (!this.#changed) return;
    const [from, to] = this.#changed;
    put(this.file, this.#bits.subarray(from, to), HEADER + from);
    this.file.flush();
    this.#changed = undefined;
  }
}

function put(file: SyncFile, bytes: Uint8Array, at: number): void {
  if (file.write(bytes, { at }) !== bytes.length) throw new Error("the browser's storage is full");
}
