/** The view "Files": in, out, and around on the mounted disk, beside a Python that works on the same files. Judged by mtools and fsck.fat. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { unzipSync } from 'fflate';
import { expect, test } from './fixtures';
import { fsck, inFolder, mkfs, mtoolsTree, partition } from './images';
import type { Machine } from './machine';

const MIB = 2 ** 20;
const LONG = 120_000;
const MANY = process.env.NIGHTLY ? 20_000 : 5000;

async function openFiles({ page }: Machine): Promise<void> {
  await page.getByRole('tab', { name: 'Files' }).click();
  await expect(page.getByRole('meter')).toBeVisible();
}

const largeDisk = (machine: Machine) => machine.import(mkfs(16, (64 * MIB) / 512));

const row = ({ page }: Machine, name: string) =>
  page.locator('.files-body .files-row').filter({ has: page.getByRole('button', { name, exact: true }) });
const work = ({ page }: Machine, name: string) => page.locator('.files-row.work').filter({ hasText: name });
const grid = ({ page }: Machine) => page.getByRole('grid');
const toast = ({ page }: Machine) => page.locator('.toast');
const pick = async (machine: Machine, name: string, ...modifiers: ('Control' | 'Shift')[]) =>
  row(machine, name).locator('.changed').click({ modifiers });

const upload = ({ page }: Machine, ...files: { name: string; buffer: Buffer }[]) =>
  page.locator('input[type=file][multiple]').setInputFiles(files.map((file) => ({ ...file, mimeType: '' })));

/** Playwright hands over little by value; files of any size go by path. */
const uploadPath = ({ page }: Machine, path: string) => page.locator('input[type=file][multiple]').setInputFiles(path);

async function downloaded({ page }: Machine, act: () => Promise<void>): Promise<{ name: string; bytes: Buffer }> {
  const [file] = await Promise.all([page.waitForEvent('download', { timeout: LONG }), act()]);
  return { name: file.suggestedFilename(), bytes: readFileSync(await file.path()) };
}

async function volume(machine: Machine): Promise<Buffer> {
  await machine.settled();
  return partition(await machine.export());
}

function write(folder: string, path: string, bytes: Buffer): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), bytes);
}

/** A handle that nobody closes keeps a file's clusters when it is replaced. */
const readBy = (machine: Machine, path: string) => machine.run(`with open("${path}") as f: print(f.read(), end="")`);
const writeBy = (machine: Machine, path: string, text: string) =>
  machine.run(`with open("${path}", "w") as f: f.write("${text}")`);

test('files of 0 B, 1 B, 1 MiB + 1 and 20 MiB go in and come out byte for byte', async ({ machine }) => {
  test.setTimeout(240_000);
  await largeDisk(machine);
  await openFiles(machine);
  const files = [0, 1, MIB + 1, 20 * MIB].map((length) => ({ name: `${length}.bin`, bytes: randomBytes(length) }));
  await inFolder(async (folder) => {
    for (const { name, bytes } of files) {
      write(folder, name, bytes);
      await uploadPath(machine, join(folder, name));
    }
    for (const { name } of files) await expect(row(machine, name)).toBeVisible({ timeout: LONG });
  });
  await expect(machine.page.locator('.files-work')).toBeHidden();
  for (const { name, bytes } of files) {
    const back = await downloaded(machine, () =>
      machine.page.getByRole('button', { name: `Download ${name}` }).click(),
    );
    expect(back.name).toBe(name);
    expect(Buffer.compare(back.bytes, bytes), name).toBe(0);
  }
  const image = await volume(machine);
  expect(fsck(image)).toBe('');
  const tree = mtoolsTree(image);
  expect(tree.map(({ path }) => path).sort()).toEqual(files.map(({ name }) => `/${name}`).sort());
  for (const { name, bytes } of files)
    expect(Buffer.compare(tree.find(({ path }) => path === `/${name}`)!.bytes!, bytes), name).toBe(0);
});

test('a tree of 500 files with long and Unicode names goes in as a folder and comes out as a .zip', async ({
  machine,
}) => {
  test.setTimeout(300_000);
  await largeDisk(machine);
  await openFiles(machine);
  const names = (i: number) =>
    [
      `plain-${i}.txt`,
      `données été ${i}.csv`,
      `${'long '.repeat(40)}${i}.md`,
      `日本語 ☃ ${i}`,
      `MiXed Case.${i}.tar.gz`,
    ][i % 5]!;
  const tree = new Map(
    Array.from({ length: 500 }, (_, i): [string, Buffer] => [
      `tree/part ${i % 7}/${i % 3 === 0 ? 'deeper/' : ''}${names(i)}`,
      randomBytes((i * 37) % 3000),
    ]),
  );
  await inFolder(async (folder) => {
    for (const [path, bytes] of tree) write(folder, path, bytes);
    const began = Date.now();
    await machine.page.locator('input[type=file]:not([multiple])').setInputFiles(join(folder, 'tree'));
    await expect(row(machine, 'tree')).toBeVisible({ timeout: LONG });
    await expect(machine.page.locator('.files-work')).toBeHidden({ timeout: LONG });
    console.log(`500 files were uploaded in ${((Date.now() - began) / 1000).toFixed(1)} s`);
  });
  await pick(machine, 'tree');
  const { name, bytes } = await downloaded(machine, () =>
    machine.page.getByRole('button', { name: 'Download', exact: true }).click(),
  );
  expect(name).toBe('tree.zip');
  const unpacked = Object.entries(unzipSync(bytes)).filter(([path]) => !path.endsWith('/'));
  expect(unpacked.map(([path]) => path).sort()).toEqual([...tree.keys()].sort());
  for (const [path, contents] of unpacked) expect(Buffer.compare(tree.get(path)!, contents), path).toBe(0);
  const image = await volume(machine);
  expect(fsck(image)).toBe('');
  const onDisk = new Map(mtoolsTree(image).flatMap(({ path, bytes }) => (bytes ? [[path.slice(1), bytes]] : [])));
  expect([...onDisk.keys()].sort()).toEqual([...tree.keys()].sort());
  for (const [path, contents] of tree) expect(Buffer.compare(onDisk.get(path)!, contents), path).toBe(0);
});

test('Python and the view see what the other does at once', async ({ machine }) => {
  await openFiles(machine);
  await expect(machine.page.getByText('This disk is empty.')).toBeVisible();
  await writeBy(machine, '/from python.txt', 'hello');
  await expect(row(machine, 'from python.txt')).toContainText('5');
  await upload(machine, { name: 'from page 😀.txt', buffer: Buffer.from('hi there') });
  await expect(row(machine, 'from page 😀.txt')).toBeVisible();
  expect(await readBy(machine, '/from page 😀.txt')).toBe('hi there');
  await pick(machine, 'from page 😀.txt');
  await machine.run('import os\nos.mkdir("/a")\nos.remove("/from python.txt")');
  await expect(row(machine, 'a')).toBeVisible();
  await expect(row(machine, 'from python.txt')).toBeHidden();
  await expect(row(machine, 'from page 😀.txt')).toHaveAttribute('aria-selected', 'true');
  await row(machine, 'a').getByRole('button', { name: 'a', exact: true }).click();
  await expect(grid(machine)).toHaveAccessibleName('Files in /a');
  await machine.run('os.rmdir("/a")');
  await expect(toast(machine)).toContainText('a is not there any more.');
  await expect(grid(machine)).toHaveAccessibleName('Files in /');
});

test('new folder, rename, delete and Undo, by keys alone; mtools sees the same', async ({ machine }) => {
  const { page } = machine;
  await openFiles(machine);
  await upload(
    machine,
    { name: 'one.txt', buffer: Buffer.from('1') },
    { name: 'two.txt', buffer: Buffer.from('2') },
    { name: 'three.txt', buffer: Buffer.from('3') },
  );
  await expect(row(machine, 'two.txt')).toBeVisible();
  await page.getByRole('button', { name: 'New folder' }).focus();
  await page.keyboard.press('Enter');
  await page.keyboard.type('Ordner ä');
  await page.keyboard.press('Enter');
  await expect(row(machine, 'Ordner ä')).toHaveAttribute('aria-selected', 'true');
  await expect(grid(machine)).toBeFocused();
  await page.keyboard.press('End');
  await page.keyboard.press('F2');
  await page.keyboard.type('a:b');
  await page.keyboard.press('Enter');
  await expect(toast(machine)).toContainText('FAT has no : in names');
  await page.keyboard.press('Control+A');
  await page.keyboard.type('zwei.txt');
  await page.keyboard.press('Enter');
  await expect(row(machine, 'zwei.txt')).toHaveAttribute('aria-selected', 'true');
  await expect(grid(machine)).toBeFocused();
  await page.keyboard.press('Shift+ArrowUp');
  await page.keyboard.press('Delete');
  await expect(toast(machine)).toContainText('2 entries were deleted');
  await expect(row(machine, 'zwei.txt')).toBeHidden();
  const paths = async () => mtoolsTree(await volume(machine)).map(({ path }) => path);
  expect(await paths()).toEqual(['/Ordner ä', '/one.txt']);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(row(machine, 'zwei.txt')).toBeVisible();
  expect((await paths()).sort()).toEqual(['/Ordner ä', '/one.txt', '/three.txt', '/zwei.txt']);
  await grid(machine).focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('Enter');
  await expect(grid(machine)).toHaveAccessibleName('Files in /Ordner ä');
  await page.keyboard.press('Backspace');
  await expect(grid(machine)).toHaveAccessibleName('Files in /');
  expect(fsck(await volume(machine))).toBe('');
});

test('a name that is there asks, one that cannot be and a file that does not fit say why, the others go on', async ({
  machine,
}) => {
  const { page } = machine;
  await openFiles(machine);
  await writeBy(machine, '/Notes.txt', 'old');
  await upload(
    machine,
    { name: 'notes.txt', buffer: Buffer.from('new') },
    { name: 'what?.txt', buffer: Buffer.from('x') },
    { name: 'large.bin', buffer: Buffer.alloc(20 * MIB) },
    { name: 'fine.txt', buffer: Buffer.from('fine') },
  );
  await expect(row(machine, 'fine.txt')).toBeVisible();
  await expect(work(machine, 'what?.txt')).toContainText('FAT has no ? in names');
  await expect(work(machine, 'large.bin')).toContainText(/does not fit: 20 MiB, 1\d\.\d MiB free/);
  expect(await readBy(machine, '/notes.txt')).toBe('old');
  await page.getByRole('button', { name: 'Keep both: notes.txt' }).click();
  await expect(row(machine, 'notes (2).txt')).toBeVisible();
  await upload(machine, { name: 'NOTES.TXT', buffer: Buffer.from('newest') });
  await page.getByRole('button', { name: 'Replace: NOTES.TXT' }).click();
  await expect(work(machine, 'NOTES.TXT')).toBeHidden();
  expect([await readBy(machine, '/notes.txt'), await readBy(machine, '/notes (2).txt')]).toEqual(['newest', 'new']);
  await page.getByRole('button', { name: 'Dismiss what?.txt' }).click();
  await page.getByRole('button', { name: 'Dismiss large.bin' }).click();
  await expect(page.locator('.files-work')).toBeHidden();
  const image = await volume(machine);
  expect(fsck(image)).toBe('');
  expect(mtoolsTree(image)).toHaveLength(3);
});

test('a drop on the view is an upload, a disk image too', async ({ machine }) => {
  const { page } = machine;
  await openFiles(machine);
  const dataTransfer = await page.evaluateHandle(() => {
    const transfer = new DataTransfer();
    transfer.items.add(new File(['no disk'], 'floppy.img'));
    transfer.items.add(new File(['text'], 'e\u0301.txt'));
    return transfer;
  });
  await page.dispatchEvent('body', 'dragenter', { dataTransfer });
  await expect(page.getByText('Drop to upload into /, disk images too')).toBeVisible();
  await page.dispatchEvent('body', 'drop', { dataTransfer });
  await expect(row(machine, 'floppy.img')).toBeVisible();
  await expect(row(machine, '\u00e9.txt')).toBeVisible();
  expect(await readBy(machine, '/\u00e9.txt')).toBe('text');
  await page.getByRole('tab', { name: 'System' }).click();
  await page.dispatchEvent('body', 'dragenter', { dataTransfer });
  await expect(page.getByText('Drop a disk image')).toBeVisible();
});

/** An upload of 30 MiB to `old.bin`, which is there, on its way. */
async function underWay(machine: Machine, folder: string): Promise<Buffer> {
  const bytes = randomBytes(30 * MIB);
  await largeDisk(machine);
  await openFiles(machine);
  await upload(machine, { name: 'old.bin', buffer: Buffer.from('the old one') });
  await expect(row(machine, 'old.bin')).toBeVisible();
  write(folder, 'old.bin', bytes);
  await uploadPath(machine, join(folder, 'old.bin'));
  await machine.page.getByRole('button', { name: 'Replace: old.bin' }).click();
  await expect(work(machine, 'old.bin')).toContainText(/[1-9][\d.]* MiB of 30 MiB/);
  return bytes;
}

test('leaving the page in the middle of an upload leaves a clean disk and the old file', async ({ machine }) => {
  test.setTimeout(240_000);
  await inFolder(async (folder) => {
    await underWay(machine, folder);
    await machine.reload();
  });
  const image = await volume(machine);
  expect(fsck(image)).toBe('');
  const tree = mtoolsTree(image);
  expect(tree.find(({ path }) => path === '/old.bin')?.bytes).toEqual(Buffer.from('the old one'));
  await openFiles(machine);
  await expect(row(machine, '~upload-2.tmp')).toContainText('left by an upload that was cut short');
});

test('cancelling an upload leaves the old file and nothing else', async ({ machine }) => {
  test.setTimeout(240_000);
  await inFolder(async (folder) => {
    await underWay(machine, folder);
    await machine.page.getByRole('button', { name: 'Cancel old.bin' }).click();
    await expect(work(machine, 'old.bin')).toBeHidden();
  });
  const image = await volume(machine);
  expect(fsck(image)).toBe('');
  expect(mtoolsTree(image)).toEqual([{ path: '/old.bin', bytes: Buffer.from('the old one') }]);
});

test('the FS VM is killed three times during an upload, which goes on, byte for byte', async ({ machine }) => {
  test.setTimeout(240_000);
  await inFolder(async (folder) => {
    const bytes = await underWay(machine, folder);
    for (let kill = 0; kill < 3; kill++) await machine.kill('linux_fs_vm');
    await expect(work(machine, 'old.bin')).toBeHidden({ timeout: LONG });
    const image = await volume(machine);
    expect(fsck(image)).toBe('');
    const tree = mtoolsTree(image);
    expect(tree.map(({ path }) => path)).toEqual(['/old.bin']);
    expect(Buffer.compare(tree[0]!.bytes!, bytes)).toBe(0);
  });
});

test('a Python program is edited, saved, run at the prompt; Python writes it too, and nobody loses anything', async ({
  machine,
}) => {
  const { page } = machine;
  const editor = page.locator('.cm-content');
  await openFiles(machine);
  await upload(machine, { name: 'blink.py', buffer: Buffer.from('for i in range(2):\n    print("on", i)\n') });
  await row(machine, 'blink.py').getByRole('button', { name: 'blink.py', exact: true }).click();
  await editor.click();
  await page.keyboard.press('Control+End');
  await page.keyboard.type('print("typed", 6 * 7)');
  await expect(page.getByText('Edited, not saved')).toBeVisible();
  await page.getByRole('button', { name: 'Run' }).click();
  await machine.waitFor(/exec\(open\('\/blink\.py'\)\.read\(\)\)\s+on 0\s+on 1\s+typed 42/);
  await expect(page.getByText('As it is on the disk')).toBeVisible();

  await writeBy(machine, '/blink.py', 'print(1)');
  await expect(editor).toHaveText('print(1)');
  await editor.click();
  await page.keyboard.press('Control+End');
  await page.keyboard.type('  # mine');
  await writeBy(machine, '/blink.py', 'print(2)');
  await expect(page.getByText('Somebody else wrote this file')).toBeVisible();
  await expect(editor).toHaveText('print(1)  # mine');
  await page.getByRole('button', { name: 'Keep mine' }).click();
  await editor.click();
  await page.keyboard.press('Control+S');
  await expect(page.getByText('As it is on the disk')).toBeVisible();
  expect(await readBy(machine, '/blink.py')).toBe('print(1)  # mine');
});

test('text, bytes and a picture are shown', async ({ machine }) => {
  const { page } = machine;
  await openFiles(machine);
  const gif = Buffer.from('R0lGODlhAQABAIAAAP8AAP///yH5BAAAAAAALAAAAAABAAEAAAICRAEAOw==', 'base64');
  await upload(
    machine,
    { name: 'dot.gif', buffer: gif },
    { name: 'long.log', buffer: Buffer.from(`\x1b[1mline\x07 of text\n`.repeat(40_000)) },
    { name: 'raw.bin', buffer: Buffer.from(Array.from({ length: 100_000 }, (_, i) => i & 255)) },
  );
  const open = (name: string) => row(machine, name).getByRole('button', { name, exact: true }).click();
  await open('dot.gif');
  await expect
    .poll(() => page.getByRole('img', { name: 'dot.gif' }).evaluate((image: HTMLImageElement) => image.naturalWidth))
    .toBe(1);
  await page.getByRole('button', { name: 'Back' }).click();
  await open('long.log');
  await expect(page.locator('.files-text pre')).toContainText('␛[1mline␇ of text');
  await expect(page.getByText(/262\s144 of 720\s000 bytes are shown\./)).toBeVisible();
  await page.getByRole('button', { name: 'More' }).click();
  await expect(page.getByText(/524\s288 of 720\s000 bytes are shown\./)).toBeVisible();
  await page.getByRole('button', { name: 'Back' }).click();
  await open('raw.bin');
  const hex = page.locator('.files-hex');
  await expect(hex).toContainText('00000040  40 41 42 43 44 45 46 47  48 49 4a 4b 4c 4d 4e 4f  |@ABCDEFGHIJKLMNO|');
  await hex.focus();
  await page.keyboard.press('End');
  await expect(hex).toContainText('00018690  90 91 92 93 94 95 96 97  98 99 9a 9b 9c 9d 9e 9f  |................|');
  await page.keyboard.press('Escape');
  await expect(grid(machine)).toBeVisible();
});

test('lionsos.files: whole files and folders in one call, errors with path and errno', async ({ machine }) => {
  const said = await machine.page.evaluate(async () => {
    const { files } = window.lionsos;
    const errno = (work: Promise<unknown>) =>
      work.then(
        () => 'done',
        (error) => `${error.errno} ${error.message}`,
      );
    await files.mkdir('/d');
    await files.write('/d/a', new TextEncoder().encode('one'));
    await files.write('/d/a', new Blob(['two']));
    await files.rename('/d/a', '/d/b');
    return {
      list: (await files.list('/d')).map(({ name, size, folder }) => ({ name, size, folder })),
      read: new TextDecoder().decode(await files.read('/d/b')),
      missing: await errno(files.read('/nix')),
      full: await errno(files.remove('/d')),
      gone: await errno(files.remove('/d/b').then(() => files.remove('/d'))),
    };
  });
  expect(said).toEqual({
    list: [{ name: 'b', size: 3, folder: false }],
    read: 'two',
    missing: 'ENOENT /nix: It is not there any more.',
    full: 'ENOTEMPTY /d: The folder is not empty.',
    gone: 'done',
  });
});

test(`${MANY} entries scroll and answer keys, drawn a screenful at a time`, async ({ machine }) => {
  test.setTimeout(300_000);
  await largeDisk(machine);
  await machine.run(`import os\nos.mkdir("/many")\nfor i in range(${MANY}):\n    open("/many/%05d" % i, "w").close()`);
  await openFiles(machine);
  const began = Date.now();
  await row(machine, 'many').getByRole('button', { name: 'many', exact: true }).click();
  await expect(row(machine, '00000')).toBeVisible({ timeout: LONG });
  console.log(`${MANY} entries were listed in ${Date.now() - began} ms`);
  await grid(machine).focus();
  await machine.page.keyboard.press('End');
  await expect(row(machine, String(MANY - 1).padStart(5, '0'))).toBeInViewport();
  expect(await machine.page.locator('.files-body .files-row').count()).toBeLessThan(100);
});
