/** The peer of the network benchmark: the stack in two workers over the wire's rings, without the machine between them, in a page of its own. */
import { fileURLToPath } from 'node:url';
import type { BrowserContext, Page } from '@playwright/test';
import { build, type Rolldown } from 'vite';
import { WIRE_SIZE } from '../../src/protocol/wire';
import type { Done, Moved, Task } from './net_peer_messages';

const PAGE = '<!doctype html><title>peer</title><script type="module" src="page.js"></script>';
const SCRIPT = `
const rings = { out: new SharedArrayBuffer(${WIRE_SIZE}), into: new SharedArrayBuffer(${WIRE_SIZE}) };
const [near, far] = ['near.js', 'far.js'].map((name) => new Worker(name, { type: 'module' }));
for (const worker of [near, far]) worker.postMessage(rings);
window.ask = (task) => new Promise((resolve) => { near.onmessage = ({ data }) => resolve(data); near.postMessage(task); });`;

const HEADERS = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };

export class NetPeer {
  private constructor(readonly page: Page) {}

  /** Beside the machine's page at `url`, in the same browser. */
  static async open(context: BrowserContext, url: string): Promise<NetPeer> {
    const files = new Map([['index.html', PAGE], ['page.js', SCRIPT], ...(await workers())]);
    await context.route('**/net_peer/*', (route) => {
      const name = new URL(route.request().url()).pathname.split('/').pop()!;
      const contentType = name.endsWith('.html') ? 'text/html' : 'text/javascript';
      return route.fulfill({ contentType, body: files.get(name)!, headers: HEADERS });
    });
    const page = await context.newPage();
    await page.goto(new URL('net_peer/index.html', url).href);
    return new NetPeer(page);
  }

  async move(what: 'download' | 'upload', size: number): Promise<Moved> {
    const done = await this.#ask({ what, size });
    if (!('bytes' in done)) throw new Error(`The peer answered ${JSON.stringify(done)}.`);
    return done;
  }

  /** In microseconds. */
  async roundTrips(count: number): Promise<readonly number[]> {
    const done = await this.#ask({ what: 'echo', count });
    if (!('roundTrips' in done)) throw new Error(`The peer answered ${JSON.stringify(done)}.`);
    return done.roundTrips;
  }

  #ask(task: Task): Promise<Done> {
    return this.page.evaluate((asked) => (window as unknown as { ask(task: Task): Promise<Done> }).ask(asked), task);
  }
}

/** Name and code of each, bundled as the page's own are. */
async function workers(): Promise<[name: string, code: string][]> {
  const path = (name: string) => fileURLToPath(new URL(`net_peer_${name}.ts`, import.meta.url));
  const built = (await build({
    configFile: false,
    logLevel: 'warn',
    build: {
      write: false,
      target: 'es2022',
      modulePreload: false,
      rolldownOptions: {
        input: { near: path('near'), far: path('far') },
        output: { entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
      },
    },
  })) as Rolldown.RolldownOutput;
  return built.output.flatMap((file) => (file.type === 'chunk' ? [[file.fileName, file.code]] : []));
}
