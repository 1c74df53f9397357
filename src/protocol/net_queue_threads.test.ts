/** A connection between two real threads: what one core, or a simulator, cannot show. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { beforeAll, expect, test } from 'vitest';
import { bundle } from '../libmicrokit/testing/threads';
import { NET_QUEUE_REGION_SIZE } from './net_queue';
import { OUTCOME, type ThreadData } from './testing/net_queue_bodies';

let script: string;
beforeAll(async () => {
  script = await bundle(new URL('./testing/net_queue_bodies.ts', import.meta.url));
});

test.each([1, 3, 64, 512])('%d buffers go round: every frame once and in order, no signal lost', async (buffers) => {
  const outcome = new SharedArrayBuffer(OUTCOME.SIZE);
  const frames = { 1: 20_000, 3: 70_000 }[buffers] ?? 200_000;
  const [free, active] = [0, 1].map(() => new SharedArrayBuffer(NET_QUEUE_REGION_SIZE)) as [
    SharedArrayBuffer,
    SharedArrayBuffer,
  ];
  const threads = (['receiver', 'sender'] as const).map((body) => {
    const workerData: ThreadData = { body, free, active, outcome, buffers, frames };
    return new Worker(script, { eval: true, workerData });
  });
  await Promise.all(threads.map((thread) => once(thread, 'exit')));
  const words = new Int32Array(outcome);
  expect([words[OUTCOME.RECEIVED], words[OUTCOME.WRONG], words[OUTCOME.LOST_SIGNALS]]).toEqual([frames, 0, 0]);
  expect(words[OUTCOME.BELLS]).toBeLessThanOrEqual(2 * frames);
});
