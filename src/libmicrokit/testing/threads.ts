/** Runs domains with the real WorkerKernel in threads of Node: the bundle that a browser would get, without the browser. */
import { Worker } from 'node:worker_threads';
import { build } from 'vite';
import { type BootInfo, type ChannelBoot, CONTROL_SIZE, type IrqBoot, PPC_PAGE } from '../../protocol/boot';
import { LINE_TX_SIZE } from '../../protocol/line';
import { signal, signalThroughGate } from '../../protocol/notification';
import { TRACE_SIZE } from '../../protocol/trace';
import type { ThreadData } from './bodies';

/** The bodies as one CommonJS script that runs itself, that is the entry's `main`, on its workerData. */
export async function bundle(entry = new URL('./bodies.ts', import.meta.url)): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: 'silent',
    build: {
      write: false,
      minify: false,
      target: 'node20',
      lib: { entry: entry.pathname, formats: ['cjs'], fileName: 'bodies' },
    },
  });
  const [output] = Array.isArray(result) ? result : [result];
  if (!output || !('output' in output)) throw new Error('nothing was built');
  return `${output.output[0].code}\n;exports.main(require('node:worker_threads').workerData);`;
}

interface Link {
  readonly a: readonly [domain: string, id: number];
  readonly b: readonly [domain: string, id: number];
  readonly ppc?: boolean;
}

/** A handful of domains with their control pages, channels and one counter array. */
export class Threads {
  readonly control = new Map<string, SharedArrayBuffer>();
  readonly gate = new SharedArrayBuffer(64);
  readonly debug = new SharedArrayBuffer(LINE_TX_SIZE);
  readonly shared: SharedArrayBuffer;
  readonly counters: Int32Array;
  readonly #boots = new Map<string, BootInfo>();
  readonly #workers: Worker[] = [];

  constructor(
    readonly program: string,
    names: readonly string[],
    links: readonly Link[],
    counters = 16,
    irqs: readonly IrqBoot[] = [],
  ) {
    this.shared = new SharedArrayBuffer(4 * counters);
    this.counters = new Int32Array(this.shared);
    for (const name of names) this.control.set(name, new SharedArrayBuffer(CONTROL_SIZE));
    const channels = links.flatMap((link) => this.#ends(link));
    for (const name of names) {
      const own = channels.filter(({ domain }) => domain === name).map(({ channel }) => channel);
      this.#boots.set(name, this.#boot(name, own, irqs));
    }
  }

  #ends({ a, b, ppc }: Link): { domain: string; channel: ChannelBoot }[] {
    const page = ppc ? new SharedArrayBuffer(PPC_PAGE.SIZE) : undefined;
    const end = ([domain, id]: Link['a'], [peer, peerId]: Link['a'], role: 'caller' | 'callee') => ({
      domain,
      channel: {
        id,
        symbol: `${id}`,
        peer,
        peerId,
        peerControl: this.control.get(peer)!,
        notify: true,
        ...(page ? { ppc: { page, role } } : {}),
      },
    });
    return [end(a, b, 'caller'), end(b, a, 'callee')];
  }

  #boot(name: string, channels: readonly ChannelBoot[], irqs: readonly IrqBoot[]): BootInfo {
    return {
      name,
      image: name,
      generation: 1,
      control: this.control.get(name)!,
      gate: this.gate,
      trace: new SharedArrayBuffer(TRACE_SIZE),
      debug: this.debug,
      channels,
      irqs,
      regions: {},
      dma: [],
      config: undefined,
      bootTime: performance.timeOrigin,
    };
  }

  words(name: string): Int32Array {
    return new Int32Array(this.control.get(name)!);
  }

  boot(name: string): BootInfo {
    return this.#boots.get(name)!;
  }

  start(name: string, body: ThreadData['body'], argument = 0): void {
    const workerData: ThreadData = { boot: this.boot(name), body, shared: this.shared, argument };
    const worker = new Worker(this.program, { eval: true, workerData });
    this.#workers.push(worker);
    worker.on('error', (error) => {
      throw error;
    });
  }

  signal(name: string, bits: number): void {
    signal(this.words(name), bits);
  }

  /** As the page does it, for bits that pass the gate. */
  urgent(name: string, bits: number): void {
    signalThroughGate(this.words(name), bits);
  }

  /** Fulfilled when a counter has reached `least`. */
  async reaches(counter: number, least: number): Promise<void> {
    for (;;) {
      const now = Atomics.load(this.counters, counter);
      if (now >= least) return;
      const wait = Atomics.waitAsync(this.counters, counter, now);
      if (wait.async) await wait.value;
    }
  }

  async end(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}
