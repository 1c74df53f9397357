/** Time in hand: paused it stands still, a step is one notification, a seed is one order, breakpoints stop before it happens, files of recordings. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Page } from '@playwright/test';
import type { AxeResults } from 'axe-core';
import type { Breakpoint } from '../src/microkit/breakpoints';
import { expect, test } from './fixtures';
import type { Machine } from './machine';

test.use({ viewport: { width: 1440, height: 900 }, parameters: { disk: 'memory' } });

/** Stands for a domain's device in a step: no notification of another domain. */
const DEVICE = 28;
const WRITES = `f = open('n.txt', 'w'); n = f.write('gold'); f.close()\r`;

const total = async (machine: Machine) =>
  (await machine.list()).reduce((sum, { notifications }) => sum + notifications, 0);

/** Keys that wait until the system takes them, as it is paused. */
const typed = (page: Page, keys: string) => page.evaluate((text) => void window.lionsos.send(text), keys);

async function frames(page: Page, count: number): Promise<void> {
  await page.evaluate(async (left) => {
    for (let i = 0; i < left; i++) await new Promise(requestAnimationFrame);
  }, count);
}

test('paused, everything stands still; a step is one notification; everything comes back', async ({ machine }) => {
  const { page } = machine;
  await typed(page, "while True: f = open('busy.txt', 'w'); n = f.write('x'); f.close()\r\r");
  const before = await total(machine);
  await expect.poll(() => total(machine)).toBeGreaterThan(before + 100);
  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(page.getByRole('button', { name: 'Resume' })).toBeVisible();
  await page.evaluate(() => window.lionsos.gate.stopped());
  const held = await machine.list();
  await frames(page, 30);
  expect(await machine.list()).toEqual(held);

  const steps: { readonly id: number }[] = [];
  for (let i = 0; i < 25; i++) {
    const count = await total(machine);
    const next = (await page.evaluate(() => window.lionsos.gate.status())).next!;
    const step = (await page.evaluate(() => window.lionsos.gate.step()))!;
    expect([step.domain, step.id]).toEqual([next.domain, next.id]);
    expect((await total(machine)) - count, `${step.domain} ${step.id}`).toBe(step.id === DEVICE ? 0 : 1);
    steps.push(step);
  }
  expect(steps.filter(({ id }) => id !== DEVICE).length).toBeGreaterThan(15);

  // Ctrl-C while paused, and the guest killed while paused: both take effect when the system goes on.
  await typed(page, '\x03');
  const killed = machine.kill('linux_fs_vm');
  await page.evaluate(() => window.lionsos.gate.step());
  expect((await page.evaluate(() => window.lionsos.gate.status())).mode).toBe('paused');
  await page.getByRole('button', { name: 'Resume' }).click();
  await killed;
  await machine.waitFor('KeyboardInterrupt');
  expect(await machine.run("print(len(open('busy.txt').read()) < 2)")).toBe('True\r\n');
});

test('the same seed and keys give the same order of notifications twice', async ({ machine }) => {
  const { page } = machine;
  const order = async () => {
    await machine.settled();
    return page.evaluate(
      async ([keys, device]) => {
        const { gate } = window.lionsos;
        await gate.seed(11);
        await gate.pause();
        /** Up to where nobody has anything to do but wait for the clock, which is the host's. */
        const run = async (line: string) => {
          void window.lionsos.send(line);
          const steps: string[] = [];
          for (let step = await gate.step(); step; step = await gate.step()) {
            if (step.id === device && steps.length > 1) break;
            steps.push(`${step.domain}.${step.id}`);
          }
          return steps;
        };
        // Takes what booting, which ran freely, has left behind: then it begins from one state.
        await run('import os; n = os.listdir()\r');
        const steps = await run(keys);
        await gate.resume();
        return steps;
      },
      [WRITES, DEVICE] as const,
    );
  };
  const first = await order();
  expect(first.length).toBeGreaterThan(60);
  expect(first).toContain('blk_driver.1');
  await machine.reload();
  expect(await order()).toEqual(first);
});

test('a breakpoint on the first write to the FAT stops before the device sees it, and goes on', async ({ machine }) => {
  const { page } = machine;
  const id = await page.evaluate(() => window.lionsos.gate.breakAt({ on: 'area', area: 'FAT', access: 'write' }));
  const [set] = await page.evaluate(() => window.lionsos.gate.breaks());
  const breakpoint = set!.breakpoint as Extract<Breakpoint, { on: 'sectors' }>;
  const fat = [breakpoint.from * 512, (breakpoint.from + breakpoint.count) * 512] as const;
  const fatNow = async () =>
    page.evaluate(async ([from, to]) => {
      const last = (await window.lionsos.disk.moments()).at(-1)!.moment;
      return [...(await window.lionsos.disk.at(last)).slice(from, to)];
    }, fat);
  const clean = await fatNow();
  await typed(page, WRITES);
  const stopped = await page.evaluate(() => window.lionsos.gate.stopped());
  expect(stopped.stop).toMatchObject({ id });
  expect(stopped.stop!.words).toMatch(/^blk_driver is about to see a write of sectors \d+ to \d+: the FAT\.$/);
  expect(stopped.next).toMatchObject({ domain: 'blk_driver' });
  await expect(page.locator('.strip')).toContainText('Stopped: blk_driver is about to see a write');
  await frames(page, 20);
  expect(await fatNow()).toEqual(clean);

  await page.evaluate(async () => {
    await window.lionsos.gate.clear();
    await window.lionsos.gate.resume();
  });
  await machine.waitFor(/close\(\)\s*>>> $/);
  expect(await machine.run("print(open('n.txt').read())")).toBe('gold\r\n');
  expect(await fatNow()).not.toEqual(clean);

  await page.evaluate(async () => {
    await window.lionsos.gate.breakAt({ on: 'command', command: 'FILE_READ' });
  });
  await typed(page, "print(open('n.txt').read())\r");
  const read = await page.evaluate(() => window.lionsos.gate.stopped());
  expect([read.stop!.words, read.next?.domain]).toEqual([
    'linux_fs_vm is about to see the command FILE_READ.',
    'linux_fs_vm',
  ]);
  // To the next prompt, and no further.
  await page.evaluate(async () => {
    await window.lionsos.gate.clear();
    await window.lionsos.gate.step('statement');
  });
  const done = await page.evaluate(() => window.lionsos.gate.status());
  expect([done.mode, done.next]).toEqual(['paused', undefined]);
  expect(await machine.screen()).toMatch(/gold\n>>> $/);
});

test('the timeline shows what ran, by keys and as a list; files of it can be read by others', async ({ machine }) => {
  const { page } = machine;
  await page.evaluate(() => window.lionsos.trace.start());
  await machine.run("f = open('n.txt', 'w'); n = f.write('gold'); f.close()");
  await page.getByRole('button', { name: 'Timeline' }).press('t');
  const drawer = page.getByRole('region', { name: 'Timeline' });
  const plot = drawer.getByRole('img');
  await plot.press('End');
  await plot.press('ArrowLeft');
  await expect(drawer.getByRole('status')).toContainText(/\w+ ran [\d.]+ (\u00b5s|ms): /);
  await drawer.getByRole('button', { name: 'List', exact: true }).click();
  await drawer.getByRole('searchbox').fill('blk_driver');
  const rows = drawer.getByRole('list', { name: 'Events' }).getByRole('button');
  await expect(rows.first()).toBeVisible();
  for (const row of await rows.allTextContents()) expect(row).toContain('blk_driver');
  // Whoever notified it is found as well.
  await rows
    .filter({ has: page.locator('.time-row-name', { hasText: /^blk_driver$/ }) })
    .first()
    .click();
  await expect(drawer.getByRole('status')).toContainText('blk_driver ran');
  await expect(drawer.locator('.time-list [aria-current="true"]').first()).toContainText('blk_driver');

  const chrome = await page.evaluate(async () => new TextDecoder().decode(await window.lionsos.trace.export('chrome')));
  expect(overlaps(chrome)).toEqual([]);
  const perfetto = await page.evaluate(async () => [...(await window.lionsos.trace.export('perfetto'))]);
  expect(decoded(Uint8Array.from(perfetto))).toContain('thread_name: "blk_driver (110)"');
  const { lost, records } = await page.evaluate(() => window.lionsos.trace.stats());
  expect([lost, records > 500]).toEqual([0, true]);
  await page.evaluate(() => window.lionsos.trace.stop());

  await page.evaluate(() => window.lionsos.gate.pause());
  await page.evaluate(readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'));
  for (const selector of ['.time-drawer', '.strip'])
    expect.soft(await violations(page, selector), selector).toEqual([]);
  await page.evaluate(() => window.lionsos.gate.resume());
  await machine.settled();
  // The last looks find nothing new; then there are none.
  await expect.poll(() => framesAskedFor(page), { message: 'frames drawn while nothing happens' }).toBe(0);
});

interface ChromeEvent {
  readonly ph: string;
  readonly tid: number;
  readonly ts: number;
  readonly dur: number;
}

/** Slices of a lane that begin before the one before has ended. */
function overlaps(json: string): ChromeEvent[] {
  const { traceEvents } = JSON.parse(json) as { traceEvents: ChromeEvent[] };
  const slices = traceEvents.filter(({ ph }) => ph === 'X').sort((a, b) => a.tid - b.tid || a.ts - b.ts);
  expect(slices.length).toBeGreaterThan(100);
  return slices.filter(({ tid, ts }, i) => {
    const before = slices[i - 1];
    // Microseconds with fractions: less than a nanosecond is rounding.
    return before?.tid === tid && before.ts + before.dur > ts + 1e-3 / 2;
  });
}

/** As protoc reads it, or its bytes as text where that is not installed. */
function decoded(trace: Uint8Array): string {
  const folder = fileURLToPath(new URL('../src/page/time/testing/', import.meta.url));
  const schema = ['--decode=perfetto.protos.Trace', `${folder}perfetto_subset.proto`];
  const { stdout, status, error } = spawnSync('protoc', [`-I${folder}`, ...schema], {
    input: trace,
    encoding: 'utf8',
    maxBuffer: 2 ** 27,
  });
  if (error) return `thread_name: "${/blk_driver \(110\)/.exec(Buffer.from(trace).toString('latin1'))![0]}"`;
  expect(status).toBe(0);
  return stdout;
}

async function violations(page: Page, selector: string): Promise<string[]> {
  return page.evaluate(async (within) => {
    const { axe } = window as unknown as { axe: { run(context: object, options: object): Promise<AxeResults> } };
    const rules = { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] };
    const found = await axe.run({ include: [within] }, rules);
    return found.violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`));
  }, selector);
}

/** By anything on the page, in 40 frames. */
async function framesAskedFor(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const ask = window.requestAnimationFrame.bind(window);
    let asked = 0;
    window.requestAnimationFrame = (callback) => {
      asked++;
      return ask(callback);
    };
    for (let i = 0; i < 40; i++) await new Promise(ask);
    window.requestAnimationFrame = ask;
    return asked;
  });
}
