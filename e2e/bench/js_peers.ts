/** The peers and ceilings that are written in JavaScript, each in a worker of a page of theirs. */
import type { BrowserContext, Page } from '@playwright/test';
import { bundled, openPeerPage } from './peer_page';
import type { Rates } from './peers/round';

export const JS_PEERS = ['fatfs', 'zenfs', 'zenfs_port', 'opfs', 'ceilings'] as const;
export type JsPeerName = (typeof JS_PEERS)[number];

const PAGE = '<!doctype html><title>peers</title><script type="module" src="page.js"></script>';
/** A worker says when it listens: what is sent before is lost. The workers that it needs are made here, where their requests are answered. */
const SCRIPT = `
const answer = (worker) => new Promise((resolve, reject) => {
  worker.onmessage = ({ data }) => {
    if (!data.spawn) return resolve(data);
    const { spawn, message, transfer } = data;
    new Worker(spawn + '.js', { type: 'module' }).postMessage(message, transfer);
  };
  worker.onerror = ({ message }) => reject(new Error(message));
});
const workers = new Map();
window.round = async (name) => {
  if (!workers.has(name)) {
    const worker = new Worker(name + '.js', { type: 'module' });
    await answer(worker);
    workers.set(name, worker);
  }
  const worker = workers.get(name);
  worker.postMessage('round');
  return answer(worker);
};`;

export class JsPeers {
  private constructor(readonly page: Page) {}

  static async open(context: BrowserContext, url: string): Promise<JsPeers> {
    const workers = await bundled(
      Object.fromEntries([...JS_PEERS, 'zenfs_server', 'stage'].map((name) => [name, `peers/${name}.ts`])),
    );
    const files = new Map([['index.html', PAGE] as const, ['page.js', SCRIPT] as const, ...workers]);
    return new JsPeers(await openPeerPage(context, url, 'js_peers', files));
  }

  async round(peer: JsPeerName): Promise<Rates> {
    const answer = await this.page.evaluate(
      (name) => (window as unknown as { round(name: string): Promise<Rates | { failed: string }> }).round(name),
      peer,
    );
    if ('failed' in answer) throw new Error(`${peer}: ${answer.failed}`);
    return answer as Rates;
  }
}
