/** One round of the same work for every peer that is written in JavaScript; the Python programs in ../python_work.ts do the same. */

/** A file system as its users have it. What is asynchronous there is awaited, and what is not is not. */
export interface FileApi<Handle> {
  open(path: string, mode: 'r' | 'w' | 'r+'): Handle | Promise<Handle>;
  read(handle: Handle, into: Uint8Array, at: number): unknown;
  write(handle: Handle, bytes: Uint8Array, at: number): unknown;
  /** What was written is as durable as the peer makes it. */
  close(handle: Handle): unknown;
  stat(path: string): unknown;
  remove(path: string): unknown;
}

/** By the name of the work: MiB/s, or operations per second. */
export type Rates = Readonly<Record<string, number>>;

const MIB = 2 ** 20;
const CHUNK = 65_536;
const CHUNKS = 32;
const BIG = 8 * MIB;
const PAGE = 4096;
const SMALL_FILES = 1000;
/** As long as one figure takes at least, unless the work is done once: in milliseconds. */
const MIN_MS = 100;

async function settled(result: unknown): Promise<void> {
  if (result instanceof Promise) await result;
}

/** How often in a second `work` can be done. */
async function rate(work: () => unknown): Promise<number> {
  const started = performance.now();
  for (let n = 1; ; n++) {
    await settled(work());
    const ms = performance.now() - started;
    if (ms >= MIN_MS) return (n * 1000) / ms;
  }
}

/** Operations per second of `count` that can be done once only. */
async function once(count: number, work: (i: number) => unknown): Promise<number> {
  const started = performance.now();
  for (let i = 0; i < count; i++) await settled(work(i));
  return (count * 1000) / (performance.now() - started);
}

/** Positions of pages in the big file, the same ones for everybody. */
function* positions(): Generator<number, never> {
  for (let state = 1; ; state = (state * 69_069 + 12_345) % 0x1_0000) yield (state % (BIG / PAGE)) * PAGE;
}

export async function round<Handle>(api: FileApi<Handle>): Promise<Rates> {
  return { ...(await sequential(api)), ...(await random(api)), ...(await small(api)) };
}

async function whole<Handle>(api: FileApi<Handle>, path: string, mode: 'r' | 'w', pieces: number, piece: Uint8Array) {
  const handle = await api.open(path, mode);
  for (let i = 0; i < pieces; i++) {
    const at = i * piece.length;
    await settled(mode === 'r' ? api.read(handle, piece, at) : api.write(handle, piece, at));
  }
  await settled(api.close(handle));
}

async function sequential<Handle>(api: FileApi<Handle>): Promise<Rates> {
  const [chunk, large, buffer] = [CHUNK, MIB, CHUNK / 2].map((size) => new Uint8Array(size).fill(35));
  const chunks = (CHUNKS * CHUNK) / MIB;
  const write64k = chunks * (await rate(() => whole(api, 'bench.dat', 'w', CHUNKS, chunk!)));
  const read64k = chunks * (await rate(() => whole(api, 'bench.dat', 'r', CHUNKS, chunk!)));
  const write8m = (BIG / MIB) * (await rate(() => whole(api, 'big.dat', 'w', BIG / MIB, large!)));
  const read32k = (BIG / MIB) * (await rate(() => whole(api, 'big.dat', 'r', BIG / buffer!.length, buffer!)));
  return { write64k, read64k, write8m, read32k };
}

async function random<Handle>(api: FileApi<Handle>): Promise<Rates> {
  const page = new Uint8Array(PAGE);
  const at = positions();
  const handle = await api.open('big.dat', 'r+');
  const random_read = await rate(() => api.read(handle, page, at.next().value));
  const random_write = await rate(() => api.write(handle, page, at.next().value));
  await settled(api.close(handle));
  const log = await api.open('log.txt', 'w');
  const line = page.subarray(0, 10);
  let end = 0;
  const write10 = await rate(() => {
    end += line.length;
    return api.write(log, line, end - line.length);
  });
  await settled(api.close(log));
  return { random_read, random_write, write10 };
}

async function small<Handle>(api: FileApi<Handle>): Promise<Rates> {
  const bytes = new Uint8Array(1024);
  const name = (i: number) => `small${i}.dat`;
  const create = await once(SMALL_FILES, (i) => whole(api, name(i), 'w', 1, bytes));
  let i = 0;
  const next = () => name(i++ % SMALL_FILES);
  const stat = await rate(() => api.stat(next()));
  const open_close = await rate(async () => settled(api.close(await api.open(next(), 'r'))));
  const read_small = await rate(() => whole(api, next(), 'r', 1, bytes));
  const remove = await once(SMALL_FILES, (n) => api.remove(name(n)));
  return { create, stat, open_close, read_small, remove };
}

/** Another worker, which is sent the message. */
export function spawn(name: string, message: unknown, transfer: Transferable[] = []): void {
  self.postMessage({ spawn: name, message, transfer }, { transfer });
}

/** Says that it is there, and does a round for the page whenever it asks. */
export function serveRounds(work: () => Promise<Rates>): void {
  self.onmessage = async () => {
    try {
      self.postMessage(await work());
    } catch (error) {
      self.postMessage({ failed: String(error) });
    }
  };
  self.postMessage('here');
}
