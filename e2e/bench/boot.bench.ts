/**
 * From navigation to the prompt, warm, against MicroPython alone in one worker, in the same browser and run: rounds alternate, and
 * the ratio of the medians is what counts. Then file throughput from Python, against Python on its interpreter's own memory files.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Page } from '@playwright/test';
import { test } from '../fixtures';

const ROUNDS = 9;
const PACKAGE = dirname(
  createRequire(import.meta.url).resolve('@micropython/micropython-webassembly-pyscript/micropython.mjs'),
);

const PEER_PAGE = '<!doctype html><title>peer</title><script type="module" src="peer.mjs"></script>';
const PEER_SCRIPT = `
const worker = new Worker('peer_worker.mjs', { type: 'module' });
worker.onmessage = ({ data }) => { if (data === 'prompt') window.promptAt = performance.now(); else window.result = data; };
window.ask = (code) => { window.result = undefined; worker.postMessage(code); };`;
const PEER_WORKER = `
import { loadMicroPython } from './micropython.mjs';
let out = '';
const mp = await loadMicroPython({ url: new URL('micropython.wasm', import.meta.url).href, heapsize: 16 << 20, linebuffer: false,
  stdout: (bytes) => { out += String.fromCharCode(...bytes); if (out.endsWith('>>> ')) { postMessage('prompt'); out = ''; } } });
onmessage = ({ data }) => { out = ''; mp.runPython(data); postMessage(out); };
mp.replInit();`;

const HEADERS = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };

async function servePeer(page: Page): Promise<void> {
  const files: Record<string, [type: string, body: string | Buffer]> = {
    'index.html': ['text/html', PEER_PAGE],
    'peer.mjs': ['text/javascript', PEER_SCRIPT],
    'peer_worker.mjs': ['text/javascript', PEER_WORKER],
    'micropython.mjs': ['text/javascript', readFileSync(join(PACKAGE, 'micropython.mjs'))],
    'micropython.wasm': ['application/wasm', readFileSync(join(PACKAGE, 'micropython.wasm'))],
  };
  await page.context().route('**/peer/*', (route) => {
    const [contentType, body] = files[new URL(route.request().url()).pathname.split('/').pop()!]!;
    return route.fulfill({ contentType, body, headers: HEADERS });
  });
}

const median = (values: number[]) => [...values].sort((a, b) => a - b)[values.length >> 1]!;

const FILE_BENCH = `
import time
def bench(path):
    b = bytearray(32768)
    def mib(f, mode):
        t = time.ticks_us()
        with open(path, mode) as h:
            for i in range(256): f(h)
        return 8e6 / max(1, time.ticks_diff(time.ticks_us(), t))
    w = mib(lambda h: h.write(b), 'wb')
    r = mib(lambda h: h.readinto(b), 'rb')
    return (w, r)
`;

test('boot and files', async ({ machine }) => {
  test.setTimeout(300_000);
  const { page } = machine;
  const ours = page.url();
  const peer = new URL('peer/index.html', ours).href;
  await servePeer(page);
  const times = { ours: [] as number[], peer: [] as number[] };
  for (let round = 0; round <= ROUNDS; round++) {
    await page.goto(peer);
    const peerTime = await page
      .waitForFunction(() => (window as { promptAt?: number }).promptAt)
      .then((h) => h.jsonValue());
    await page.goto(ours);
    await page.evaluate(() => window.lionsos.ready);
    const ourTime = await page.evaluate(() => performance.getEntriesByName('vmfs-prompt')[0]!.startTime);
    if (round === 0) continue; // warms the HTTP and code caches
    times.peer.push(peerTime!);
    times.ours.push(ourTime);
  }
  const [ms, peerMs] = [median(times.ours), median(times.peer)];
  console.log(
    `boot to prompt: ${ms.toFixed(0)} ms, MicroPython alone: ${peerMs.toFixed(0)} ms, ratio ${(ms / peerMs).toFixed(2)} (bar: 5)`,
  );

  await machine.run(FILE_BENCH);
  const [w, r] = (await machine.run('print(*bench("bench.bin"))')).trim().split(' ').map(Number) as [number, number];
  await page.goto(peer);
  await page.waitForFunction(() => (window as { promptAt?: number }).promptAt);
  await page.evaluate(
    (code) => (window as unknown as { ask(code: string): void }).ask(code),
    `${FILE_BENCH}\nprint(*bench("bench.bin"))`,
  );
  const answer = await page.waitForFunction(() => (window as { result?: string }).result).then((h) => h.jsonValue());
  const [peerW, peerR] = answer!.trim().split(' ').map(Number) as [number, number];
  console.log(
    `write 32 KiB: ${w.toFixed(0)} MB/s, ratio ${(w / peerW).toFixed(3)} to Python's own memory files (${peerW.toFixed(0)})`,
  );
  console.log(
    `read 32 KiB: ${r.toFixed(0)} MB/s, ratio ${(r / peerR).toFixed(3)} to Python's own memory files (${peerR.toFixed(0)})`,
  );
});
