/** MicroPython alone in one worker, on its interpreter's own files in memory: what its users have without the machine. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { BrowserContext, Page } from '@playwright/test';
import { openPeerPage } from './peer_page';

const PACKAGE = dirname(
  createRequire(import.meta.url).resolve('@micropython/micropython-webassembly-pyscript/micropython.mjs'),
);

const PAGE = '<!doctype html><title>peer</title><script type="module" src="peer.mjs"></script>';
const SCRIPT = `
const worker = new Worker('peer_worker.mjs', { type: 'module' });
window.prompt = new Promise((resolve) => { worker.onmessage = () => resolve(performance.now()); });
window.ask = (code) => new Promise((resolve) => { worker.onmessage = ({ data }) => resolve(data); worker.postMessage(code); });`;
const WORKER = `
import { loadMicroPython } from './micropython.mjs';
let out = '';
const mp = await loadMicroPython({ url: new URL('micropython.wasm', import.meta.url).href, heapsize: 16 << 20, linebuffer: false,
  stdout: (bytes) => { out += String.fromCharCode(...bytes); if (out.endsWith('>>> ')) { postMessage('prompt'); out = ''; } } });
onmessage = ({ data }) => { out = ''; try { mp.runPython(data); } catch (error) { out = 'failed: ' + error; } postMessage(out); };
mp.replInit();`;

interface PeerWindow {
  readonly prompt: unknown;
  ask(code: string): Promise<string>;
}

export class PythonPeer {
  private constructor(readonly page: Page) {}

  static async open(context: BrowserContext, url: string): Promise<PythonPeer> {
    const files = new Map<string, string | Buffer>([
      ['index.html', PAGE],
      ['peer.mjs', SCRIPT],
      ['peer_worker.mjs', WORKER],
      ...['micropython.mjs', 'micropython.wasm'].map((name) => [name, readFileSync(join(PACKAGE, name))] as const),
    ]);
    return new PythonPeer(await openPeerPage(context, url, 'python_peer', files));
  }

  /** Milliseconds from navigation to its prompt. */
  promptMs(): Promise<number> {
    return this.page.evaluate(() => (window as unknown as PeerWindow).prompt as Promise<number>);
  }

  /** What the program printed. */
  async run(code: string): Promise<string> {
    const printed = await this.page.evaluate((source) => (window as unknown as PeerWindow).ask(source), code);
    if (printed.startsWith('failed: ')) throw new Error(printed);
    return printed;
  }
}
