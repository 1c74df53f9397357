/** Made once: to make one costs more than to decode a path. */
const decoder = new TextDecoder();

/** The interpreter's memory. Views are made anew when it has grown; nothing outside may keep one across a call into it. */
export class WasmMemory {
  #memory: WebAssembly.Memory | undefined;
  #view = new DataView(new ArrayBuffer(0));
  #bytes = new Uint8Array(0);

  attach(memory: WebAssembly.Memory): void {
    this.#memory = memory;
  }

  get view(): DataView {
    this.#refresh();
    return this.#view;
  }

  get bytes(): Uint8Array {
    this.#refresh();
    return this.#bytes;
  }

  /** A C string. */
  string(at: number): string {
    const { bytes } = this;
    const end = bytes.indexOf(0, at >>> 0);
    return decoder.decode(bytes.subarray(at >>> 0, end < 0 ? bytes.length : end));
  }

  /** The pieces of an iovec array, as views. */
  pieces(iovec: number, count: number): Uint8Array[] {
    const { view, bytes } = this;
    return Array.from({ length: count }, (_, i) => {
      const start = view.getUint32(iovec + 8 * i, true);
      return bytes.subarray(start, start + view.getUint32(iovec + 8 * i + 4, true));
    });
  }

  #refresh(): void {
    // Memory that grows leaves its old buffer detached, and views of that are empty; to ask for the buffer itself is slow.
    if (this.#bytes.length > 0) return;
    const { buffer } = this.#memory!;
    this.#bytes = new Uint8Array(buffer);
    this.#view = new DataView(buffer);
  }
}
