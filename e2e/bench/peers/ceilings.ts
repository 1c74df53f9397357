/**
 * What nobody over the same rings can exceed: an echo server, which has the data in its cache, and a chain of four workers like client,
 * file system, virtualiser and driver. There is no file system in either, and no Python. Also the copy by itself.
 */
import { CONTROL_SIZE } from '../../../src/protocol/boot';
import { asker, type Link, makeLink, PIECE, PIECES, REQUEST, sleep } from './chain';
import { type Rates, serveRounds, spawn } from './round';
import type { StageConfig } from './stage';

const MIN_MS = 100;
const MIB = 2 ** 20;

/** The client of a chain. `copies`: which of the stages below it copy. */
class Client {
  readonly #words: Int32Array;
  readonly #next: ReturnType<typeof asker>;
  readonly #own = new Uint8Array(PIECE * PIECES);

  constructor(copies: readonly boolean[]) {
    const word = new SharedArrayBuffer(CONTROL_SIZE);
    this.#words = new Int32Array(word);
    const links: Link[] = [];
    for (const _ of copies) links.push(makeLink(links.at(-1)?.answerer ?? word));
    for (const [i, up] of links.entries()) {
      const down = links[i + 1];
      const config: StageConfig = { up, copies: copies[i]!, ...(down ? { down } : {}) };
      spawn('stage', config);
    }
    this.#next = asker(links[0]!);
  }

  /** Requests per second, so many of them on their way at a time. */
  rate(type: number, length: number, depth = 1): number {
    let [id, inFlight] = [0, 0];
    this.#request(id++, type, length);
    this.#next.wake();
    this.#answers(type, length);
    const started = performance.now();
    for (let done = 0; ; ) {
      for (; inFlight < depth; inFlight++) this.#request(id++, type, length);
      this.#next.wake();
      const answers = this.#answers(type, length);
      inFlight -= answers;
      done += answers;
      const ms = performance.now() - started;
      if (ms < MIN_MS) continue;
      while (inFlight > 0) inFlight -= this.#answers(type, length);
      return (done * 1000) / ms;
    }
  }

  #request(id: number, type: number, length: number): void {
    const at = (id % PIECES) * PIECE;
    if (type === REQUEST.WRITE) this.#next.share.set(this.#own.subarray(at, at + length), at);
    this.#next.commands.enqueue({ id, type, p0: at, p1: length, p2: 0, p3: 0, p4: 0, p5: 0 });
  }

  /** Takes what has been answered, which is at least one. */
  #answers(type: number, length: number): number {
    for (;;) {
      let count = 0;
      for (let done = this.#next.completions.dequeue(); done; done = this.#next.completions.dequeue()) {
        const at = (done.id % PIECES) * PIECE;
        if (type === REQUEST.READ) this.#own.set(this.#next.share.subarray(at, at + length), at);
        count++;
      }
      if (count > 0) return count;
      sleep(this.#words);
    }
  }
}

const echo = new Client([true]);
const chain = new Client([true, false, true]);

function memcpy(): number {
  const [from, to] = [new Uint8Array(new SharedArrayBuffer(PIECE)), new Uint8Array(new SharedArrayBuffer(PIECE))];
  const started = performance.now();
  for (let n = 1; ; n++) {
    to.set(from);
    const ms = performance.now() - started;
    if (ms >= MIN_MS) return (n * PIECE * 1000) / MIB / ms;
  }
}

const mib = (requests: number, length: number) => (requests * length) / MIB;

/** Named as what they are compared with; `echo:` and `chain:` say which of the two. */
async function ceilings(): Promise<Rates> {
  const [{ NOTHING, READ, WRITE }, half] = [REQUEST, PIECE / 2];
  const ask = echo.rate(NOTHING, 0);
  return {
    'echo:read64k': mib(echo.rate(READ, PIECE), PIECE),
    'echo:read32k': mib(echo.rate(READ, half), half),
    'echo:random_read': echo.rate(READ, 4096),
    'echo:random_write': echo.rate(WRITE, 4096),
    'echo:stat': ask,
    'echo:open_close': ask / 2,
    'chain:write64k': mib(chain.rate(WRITE, PIECE), PIECE),
    'chain:write8m': mib(chain.rate(WRITE, PIECE, 8), PIECE),
    'chain:cold_read': mib(chain.rate(READ, PIECE), PIECE),
    'chain of 8 in flight:cold_read': mib(chain.rate(READ, PIECE, 8), PIECE),
    'memcpy:read64k': memcpy(),
  };
}

serveRounds(ceilings);
