/** Disks that the page makes, disks that it cannot mount, and any disk as bytes. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from './fixtures';
import { fsck, inFolder, mtoolsTree, partition } from './images';
import type { Machine } from './machine';
import { tool } from './tools';

async function openDisk({ page }: Machine): Promise<void> {
  await page.getByRole('tab', { name: 'Disk' }).click();
  await page.getByRole('tab', { name: 'Images' }).click();
}
const outcome = ({ page }: Machine) => page.locator('.outcome');
const sector = ({ page }: Machine) => page.locator('.sector');

async function make(machine: Machine, name: string): Promise<void> {
  await openDisk(machine);
  await machine.page.getByRole('button', { name }).click();
  await expect(outcome(machine)).toContainText(`The system runs on ${name} now.`);
  await machine.ready();
}

test('demo files: every program runs', async ({ machine }) => {
  await make(machine, 'Demo files');
  expect(await machine.mount()).toMatchObject({ state: 'mounted', type: 'FAT12' });
  const run = (program: string) => machine.run(`exec(open("/${program}").read())`);
  expect(await run('hello.py')).toContain('readme.txt begins: This disk holds');
  expect(await run('tree.py')).toContain('What a file is.txt');
  expect(await run('space.py')).toContain('in all');
  expect(await run('speed.py')).toContain('read  256 KiB in');
  expect(await run('words.py')).toMatch(/^ +\d+ {2}the\r\n/);
  expect(await run('life.py')).toMatch(/^(\.{24}\r\n)+/);
  expect(await run('journal.py')).toBe('visit 1\r\n');
  expect(await run('journal.py')).toBe('visit 1\r\nvisit 2\r\n');
  expect(await machine.run('import words')).toContain('the');
  await machine.settled();
  const volume = partition(await machine.export());
  expect(fsck(volume)).toBe('');
  expect(mtoolsTree(volume).map(({ path }) => path)).toContain('/journal.txt');
});

test('nearly full: a file that does not fit ends with ENOSPC', async ({ machine }) => {
  await make(machine, 'Nearly full');
  expect(await machine.run('import os; print(os.statvfs("/")[3])')).toBe('3\r\n');
  const write =
    'f = open("/more", "wb")\ntry:\n f.write(bytes(100000))\n f.close()\nexcept OSError as e:\n print(e.errno)';
  expect(await machine.run(write)).toBe('28\r\n');
});

test('fragmented, GPT and damaged: mounted, the last one read-only', async ({ machine }) => {
  await make(machine, 'Fragmented');
  expect(await machine.run('print(len(open("/long.txt").read()))')).toBe('81920\r\n');
  await make(machine, 'GPT');
  expect(await machine.mount()).toMatchObject({ state: 'mounted', type: 'FAT32' });
  await make(machine, 'Damaged');
  expect(await machine.run('print(open("/sound.txt").read())')).toContain('Nothing is wrong');
  expect(await machine.run('try:\n open("/x", "w")\nexcept OSError as e:\n print(e.errno)')).toBe('30\r\n');
});

for (const [type, megabytes, table] of [
  [12, 8, 'none'],
  [16, 64, 'MBR'],
  [32, 256, 'GPT'],
] as const) {
  test(`a fresh FAT${type} of ${megabytes} MiB runs, and fsck.fat finds nothing in it`, async ({ machine }) => {
    const { page } = machine;
    await openDisk(machine);
    await page.getByLabel('Type').selectOption(`FAT${type}`);
    await page.getByLabel('Size in MiB').fill(String(megabytes));
    await page.getByLabel('Partition table').selectOption(table);
    await page.getByRole('button', { name: 'Make a fresh disk' }).click();
    await expect(outcome(machine)).toContainText(`The system runs on a fresh FAT${type} of ${megabytes} MiB now.`);
    await machine.ready();
    expect(await machine.mount()).toMatchObject({ state: 'mounted', type: `FAT${type}` });
    await machine.run('f = open("x", "w"); f.write("fresh"); f.close()');
    await machine.settled();
    const disk = await machine.export();
    const volume = table === 'GPT' ? disk.subarray(1 << 20, (1 + megabytes) << 20) : partition(disk);
    expect(volume).toHaveLength(megabytes << 20);
    expect(fsck(volume)).toBe('');
    expect(mtoolsTree(volume)).toEqual([{ path: '/x', bytes: Buffer.from('fresh') }]);
  });
}

test('what no FAT can be is refused in a sentence', async ({ machine }) => {
  await openDisk(machine);
  await machine.page.getByLabel('Size in MiB').fill('4');
  await expect(machine.page.locator('.fresh .failed')).toContainText('FAT16 has 4085 to 65524 clusters');
  await expect(machine.page.getByRole('button', { name: 'Make a fresh disk' })).toBeDisabled();
});

test('an ext4 image is named, and can be looked at byte by byte', async ({ machine }) => {
  const { page } = machine;
  const image = inFolder((folder) => {
    const file = join(folder, 'x.img');
    writeFileSync(file, Buffer.alloc(8 << 20));
    tool('mkfs.ext4', ['-q', file]);
    return readFileSync(file);
  });
  await machine.import(image);
  expect(await machine.mount()).toEqual({
    state: 'refused',
    reason: 'The device holds an ext4 file system, not a FAT file system.',
  });
  await openDisk(machine);
  await page.getByRole('button', { name: 'Look at the sectors' }).click();
  await page.getByLabel(/^Sector, of 16384/).fill('0x2');
  await page.getByRole('button', { name: 'Go', exact: true }).click();
  await expect(sector(machine)).toContainText('00000400');
  await expect(sector(machine)).toContainText('53 ef');
  await page.getByRole('button', { name: 'Next' }).click();
  await expect(sector(machine)).toContainText('00000600');
  await page.getByRole('button', { name: 'Previous' }).click();
  await expect(sector(machine)).toContainText('00000400');
  await page.getByLabel(/^Sector, of/).fill('16384');
  await page.getByRole('button', { name: 'Go', exact: true }).click();
  await expect(page.getByText('This disk ends with sector 16383.')).toBeVisible();
  expect(Buffer.compare(await machine.export(), image), 'nothing was written').toBe(0);
});

test('the preview server answers with parts of files', async ({ request }) => {
  const page = await (await request.get('./')).body();
  const part = await request.get('./index.html', { headers: { range: 'bytes=10-19' } });
  expect([part.status(), part.headers()['content-range']]).toEqual([206, `bytes 10-19/${page.length}`]);
});
