/** The peer of the network benchmark: the stack in two workers over the wire's rings, without the machine between them, in a page of its own. */
import type { BrowserContext, Page } from '@playwright/test';
import { WIRE_SIZE } from '../../src/protocol/wire';
import type { Done, Moved, Task } from './net_peer_messages';
import { bundled, openPeerPage } from './peer_page';

const PAGE = '<!doctype html><title>peer</title><script type="module" src="page.js"></script>';
const SCRIPT = `
const rings = { out: new SharedArrayBuffer(${WIRE_SIZE}), into: new SharedArrayBuffer(${WIRE_SIZE}) };
const [near, far] = ['near.js', 'far.js'].map((name) => new Worker(name, { type: 'module' }));
for (const worker of [near, far]) worker.postMessage(rings);
window.ask = (task) => new Promise((resolve) => { near.onmessage = ({ data }) => resolve(data); near.postMessage(task); });`;

export class NetPeer {
  private constructor(readonly page: Page) {}

  /** Beside the machine's page at `url`, in the same browser. */
  static async open(context: BrowserContext, url: string): Promise<NetPeer> {
    const workers = await bundled({ near: 'net_peer_near.ts', far: 'net_peer_far.ts' });
    const files = new Map([['index.html', PAGE] as const, ['page.js', SCRIPT] as const, ...workers]);
    return new NetPeer(await openPeerPage(context, url, 'net_peer', files));
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
