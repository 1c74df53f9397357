/** A disk that begins as an image on the page's own server, over real HTTP: read in ranges, written in this browser. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test as base, expect } from './fixtures';
import { ImageHost } from './image_host';
import { fsck, inFolder, mkfs, mtoolsTree } from './images';
import type { Machine } from './machine';
import { tool } from './tools';

const IMAGE = 'images/class one.img';
const MIB = 2 ** 20;
const SIZE = 32 * MIB;

function classImage(hello: string): Buffer {
  return inFolder((folder) => {
    const file = join(folder, 'class.img');
    writeFileSync(file, mkfs(16, SIZE / 512));
    tool('mcopy', ['-i', file, '-', '::/hello.txt'], hello);
    tool('mcopy', ['-i', file, '-', '::/other.txt'], 'not touched');
    return readFileSync(file);
  });
}

const test = base.extend<{ host: ImageHost }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of fixtures from the pattern
  host: async ({}, use) => {
    const host = await ImageHost.start();
    host.images.set(IMAGE, { bytes: classImage('from the server'), etag: '"1"' });
    await use(host);
    await host.stop();
  },
  baseURL: async ({ host }, use) => use(host.url),
});

test.use({ parameters: { disk: IMAGE } });

const hello = (machine: Machine) => machine.run('print(open("/hello.txt").read())');
const write = (machine: Machine, text: string) =>
  machine.run(`f = open("/hello.txt", "w"); f.write("${text}"); f.close()`);
async function openDisk({ page }: Machine): Promise<void> {
  await page.getByRole('tab', { name: 'Disk' }).click();
  await page.getByRole('tab', { name: 'Images' }).click();
}
const storage = ({ page }: Machine) => page.locator('.panel .storage');
const outcome = ({ page }: Machine) => page.locator('.outcome');
const files = (image: Buffer) => new Map(mtoolsTree(image).map(({ path, bytes }) => [path, String(bytes)]));

test('is fetched in parts, keeps what is written over a reload, and resets to the image, with undo', async ({
  machine,
  host,
}) => {
  expect(await machine.mount()).toMatchObject({ state: 'mounted', type: 'FAT16' });
  expect(await hello(machine)).toBe('from the server\r\n');
  expect(host.fetched(IMAGE)).toBeLessThan(4 * MIB);
  await write(machine, 'mine');
  await machine.settled();
  const before = host.fetched(IMAGE);
  await machine.reload();
  expect(await hello(machine)).toBe('mine\r\n');
  expect(host.fetched(IMAGE) - before, 'little is asked for twice').toBeLessThan(2 * MIB);
  const merged = await machine.export();
  expect(merged).toHaveLength(SIZE);
  expect(fsck(merged)).toBe('');
  expect(Object.fromEntries(files(merged))).toEqual({ '/hello.txt': 'mine', '/other.txt': 'not touched' });
  await openDisk(machine);
  await expect(storage(machine)).toContainText('Saved in this browser');
  await machine.page.getByRole('button', { name: 'Reset the disk' }).click();
  await expect(outcome(machine)).toContainText('The disk was reset.');
  expect(await hello(machine)).toBe('from the server\r\n');
  await machine.page.getByRole('button', { name: 'Undo' }).click();
  await expect(outcome(machine)).toContainText('The old disk is back.');
  expect(await hello(machine)).toBe('mine\r\n');
});

test('is the same disk on the other board, and not the one kept without an image', async ({ machine, host }) => {
  await write(machine, 'mine');
  await machine.page.evaluate(() => window.lionsos.reboot({ board: 'maaxboard' }));
  expect(await hello(machine)).toBe('mine\r\n');
  await machine.page.goto(host.url);
  await machine.ready();
  expect(await machine.run('import os; print(os.listdir("/"))')).toBe('[]\r\n');
});

test('when the server has another image by now, nothing is lost, and one can start anew', async ({ machine, host }) => {
  await write(machine, 'mine');
  await machine.settled();
  host.images.set(IMAGE, { bytes: classImage('second edition'), etag: '"2"' });
  await machine.reload();
  expect(await hello(machine)).toBe('mine\r\n');
  await openDisk(machine);
  await expect(storage(machine)).toContainText('Changed on the server');
  await machine.page.getByRole('button', { name: 'Start on the new image' }).click();
  await expect(outcome(machine)).toContainText('The disk was reset.');
  expect(await hello(machine)).toBe('second edition\r\n');
  await machine.page.getByRole('button', { name: 'Undo' }).click();
  await expect(outcome(machine)).toContainText('The old disk is back.');
  expect(await hello(machine)).toBe('mine\r\n');
});

test('a server that knows no ranges sends it whole, once', async ({ profile, host, baseURL }) => {
  host.ranges = false;
  host.images.set(IMAGE, { bytes: classImage('whole'), etag: '"1"' });
  const page = profile.pages()[0]!;
  await page.goto(`${baseURL}?disk=${encodeURIComponent(IMAGE)}`);
  await page.evaluate(() => window.lionsos.ready);
  expect(await page.evaluate(() => window.lionsos.run('print(open("/hello.txt").read())'))).toBe('whole\r\n');
  expect(host.asked).toEqual([`${IMAGE} bytes=0-511`, IMAGE]);
});

test('a second tab works on a copy of its own', async ({ machine, profile }) => {
  await write(machine, 'mine');
  const second = await profile.newPage();
  await second.goto(machine.url.href);
  await second.evaluate(() => window.lionsos.ready);
  const run = (python: string) => second.evaluate((source) => window.lionsos.run(source), python);
  expect(await run('print(open("/hello.txt").read())')).toBe('from the server\r\n');
  expect(await run('f = open("/b", "w"); f.write("b"); f.close(); print(open("/b").read())')).toBe('b\r\n');
  await second.getByRole('tab', { name: 'Disk' }).click();
  await second.getByRole('tab', { name: 'Images' }).click();
  await expect(second.locator('.panel .storage')).toContainText('Another tab has this disk');
  await second.close();
  expect(await hello(machine)).toBe('mine\r\n');
});

test.describe('through the service worker', () => {
  test.use({ serviceWorkers: 'allow' });

  test('ranges stay ranges', async ({ machine, host }) => {
    await machine.page.evaluate(() => navigator.serviceWorker.ready.then(() => {}));
    host.asked.length = 0;
    host.images.set(IMAGE, { bytes: classImage('from the server'), etag: '"3"' });
    await machine.reload();
    expect(await machine.page.evaluate(() => navigator.serviceWorker.controller !== null)).toBe(true);
    await openDisk(machine);
    await machine.page.getByRole('button', { name: 'Start on the new image' }).click();
    await expect(outcome(machine)).toContainText('The disk was reset.');
    expect(await hello(machine)).toBe('from the server\r\n');
    expect(host.asked.length).toBeGreaterThan(2);
    expect(host.asked.every((line) => line.includes(' bytes='))).toBe(true);
  });
});

test.describe('an address of nothing', () => {
  test.use({ parameters: { disk: 'images/none.img' }, expectedErrors: [/404/] });

  test('is a sentence, and a fresh disk in memory', async ({ machine }) => {
    await openDisk(machine);
    await expect(storage(machine)).toContainText('Image not opened');
    await expect(machine.page.locator('.panel')).toContainText('/images/none.img is not on this server.');
    expect(await machine.run('print(1)')).toBe('1\r\n');
  });
});

test('an image of another server is refused before anything starts', async ({ profile, baseURL }) => {
  const page = profile.pages()[0]!;
  await page.goto(`${baseURL}?disk=https://example.com/a.img`);
  await expect(page.getByText('is on another server')).toBeVisible();
});
