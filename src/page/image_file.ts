/** Disk images as files: in, a piece at a time and unpacked where they are packed; out, as a stream. Memory use does not grow with the image. */

/** What is written or read at once. */
export const CHUNK = 1 << 20;
const SECTOR = 512;
const GZIP = [0x1f, 0x8b];

export interface Piece {
  /** In shared memory, so that a worker can be shown it; the next piece takes its place. A multiple of 512 bytes, padded with zeros. */
  readonly bytes: Uint8Array<SharedArrayBuffer>;
  readonly offset: number;
  /** How much of the file has been read, from 0 to 1. */
  readonly share: number;
}

export async function isGzip(file: Blob): Promise<boolean> {
  const start = new Uint8Array(await file.slice(0, GZIP.length).arrayBuffer());
  return GZIP.every((byte, i) => start[i] === byte);
}

/** The image in `file`. Throws when a packed file is damaged, and the signal's reason when that is aborted. */
export async function* pieces(file: Blob, signal?: AbortSignal): AsyncGenerator<Piece> {
  let read = 0;
  const counted = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform(bytes, controller) {
      read += bytes.length;
      controller.enqueue(bytes);
    },
  });
  const raw = file.stream().pipeThrough(counted, signal ? { signal } : {});
  const image = (await isGzip(file)) ? raw.pipeThrough(new DecompressionStream('gzip')) : raw;
  let offset = 0;
  const share = () => (file.size === 0 ? 1 : read / file.size);
  const gathered = new Gathered();
  for await (const bytes of each(image)) {
    signal?.throwIfAborted();
    for (let rest = bytes; rest.length > 0; ) {
      rest = gathered.add(rest);
      if (!gathered.full) continue;
      yield { bytes: gathered.bytes, offset, share: share() };
      offset += CHUNK;
      gathered.length = 0;
    }
  }
  if (gathered.length > 0) yield { bytes: gathered.padded, offset, share: 1 };
}

/** One piece in the making. */
class Gathered {
  readonly bytes = new Uint8Array(new SharedArrayBuffer(CHUNK));
  length = 0;

  /** What does not fit. */
  add(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    const taken = bytes.subarray(0, CHUNK - this.length);
    this.bytes.set(taken, this.length);
    this.length += taken.length;
    return bytes.subarray(taken.length);
  }

  get full(): boolean {
    return this.length === CHUNK;
  }

  get padded(): Uint8Array<SharedArrayBuffer> {
    const padded = this.bytes.subarray(0, Math.ceil(this.length / SECTOR) * SECTOR);
    padded.fill(0, this.length);
    return padded;
  }
}

/** Not every browser can iterate over a stream by itself. */
async function* each(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const reader = stream.getReader();
  try {
    for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) yield value!;
  } finally {
    // Whoever stopped listening has the reason; a damaged file has told it already.
    await reader.cancel().catch(() => {});
  }
}

/** A stream of `size` bytes that are fetched when they are wanted. */
export function imageStream(
  size: number,
  fetch: (offset: number, length: number) => Promise<Uint8Array<ArrayBuffer>>,
  signal?: AbortSignal,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let offset = 0;
  return new ReadableStream({
    async pull(controller) {
      signal?.throwIfAborted();
      if (offset === size) return controller.close();
      const bytes = await fetch(offset, Math.min(CHUNK, size - offset));
      offset += bytes.length;
      controller.enqueue(bytes);
    },
  });
}

/** The stream as a file, packed if wanted. The browser keeps it where it likes; large ones on disk. */
export function asFile(stream: ReadableStream<Uint8Array<ArrayBuffer>>, packed: boolean): Promise<Blob> {
  const out = packed ? stream.pipeThrough(new CompressionStream('gzip')) : stream;
  return new Response(out, {
    headers: { 'content-type': packed ? 'application/gzip' : 'application/octet-stream' },
  }).blob();
}
