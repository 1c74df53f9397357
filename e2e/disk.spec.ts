/** Disks in and out of the page as files: packed and not, large, dropped, cancelled, brought back. */
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { expect, test } from './fixtures';
import { fsck, inFolder, mkfs, mtoolsTree, partition } from './images';
import type { Machine } from './machine';
import { rendererMemory } from './renderer_memory';
import { tool } from './tools';

const MIB = 2 ** 20;
/** The largest that was asked for takes a minute. */
const LARGE = process.env.NIGHTLY ? 4096 : 640;
async function openDisk({ page }: Machine): Promise<void> {
  await page.getByRole('tab', { name: 'Disk' }).click();
  await page.getByRole('tab', { name: 'Images' }).click();
}
const choose = ({ page }: Machine, path: string) => page.locator('input[type=file]').setInputFiles(path);
const outcome = ({ page }: Machine) => page.locator('.outcome');

async function download({ page }: Machine, button: string): Promise<Buffer> {
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: button }).click()]);
  return readFileSync(await file.path());
}

test('a packed image is unpacked, runs, and comes out again packed and not', async ({ machine }) => {
  const volume = mkfs(16, 65_536);
  await inFolder(async (folder) => {
    const path = join(folder, 'class.img.gz');
    writeFileSync(path, gzipSync(volume));
    await openDisk(machine);
    await choose(machine, path);
    await expect(outcome(machine)).toContainText('The system runs on class.img.gz now.');
  });
  await machine.ready();
  expect(await machine.mount()).toMatchObject({ state: 'mounted', type: 'FAT16' });
  await machine.run('f = open("a.txt", "w"); f.write("packed"); f.close()');
  await machine.settled();
  const [plain, packed] = [
    await download(machine, 'Download the disk'),
    await download(machine, 'Download it as .img.gz'),
  ];
  expect(plain).toHaveLength(volume.length);
  expect(Buffer.compare(gunzipSync(packed), plain)).toBe(0);
  expect(packed.length).toBeLessThan(plain.length / 20);
  expect(fsck(plain)).toBe('');
  expect(mtoolsTree(plain)).toEqual([{ path: '/a.txt', bytes: Buffer.from('packed') }]);
});

test('the disk before an opened one comes back by Undo', async ({ machine }) => {
  await machine.run('f = open("mine", "w"); f.write("1"); f.close()');
  await inFolder(async (folder) => {
    const path = join(folder, 'other.img');
    writeFileSync(path, mkfs(12, 4096));
    await openDisk(machine);
    await choose(machine, path);
    await expect(outcome(machine)).toContainText('runs on other.img');
  });
  expect(await machine.run('import os; print(os.listdir("/"))')).toBe('[]\r\n');
  await machine.page.getByRole('button', { name: 'Undo' }).click();
  await expect(outcome(machine)).toContainText('The old disk is back.');
  expect(await machine.run('import os; print(os.listdir("/"))')).toBe("['mine']\r\n");
});

test('a damaged packed image is refused with a reason, and the disk is as it was', async ({ machine }) => {
  await machine.run('f = open("mine", "w"); f.write("1"); f.close()');
  await inFolder(async (folder) => {
    const path = join(folder, 'cut.img.gz');
    const whole = gzipSync(mkfs(12, 4096));
    writeFileSync(path, whole.subarray(0, whole.length - 20));
    await openDisk(machine);
    await choose(machine, path);
    await expect(outcome(machine).locator('.failed')).toContainText('cut.img.gz cannot be unpacked: ');
  });
  expect(await machine.run('import os; print(os.listdir("/"))')).toBe("['mine']\r\n");
});

test(`an image of ${LARGE} MiB opens with memory that does not grow with it, and can be cancelled on the way`, async ({
  machine,
  profileFolder,
}) => {
  test.setTimeout(300_000);
  await inFolder(async (folder) => {
    const path = join(folder, 'big.img');
    writeFileSync(path, '');
    truncateSync(path, LARGE * MIB - 512);
    tool('mkfs.fat', ['-F', '32', path]);
    tool('mcopy', ['-i', path, '-', '::/hello.txt'], 'from a large disk');
    await openDisk(machine);
    await choose(machine, path);
    await expect(outcome(machine)).toContainText(/Reading big\.img, [1-9]\d? %/, { timeout: 60_000 });
    await machine.page.getByRole('button', { name: 'Cancel' }).click();
    await expect(outcome(machine)).toContainText('Cancelled: the disk is as it was.');
    expect(await machine.mount()).toMatchObject({ type: 'FAT12' });

    const before = rendererMemory(profileFolder);
    let most = before;
    await choose(machine, path);
    await expect(async () => {
      most = Math.max(most, rendererMemory(profileFolder));
      await expect(outcome(machine)).toContainText('The system runs on big.img now.', { timeout: 50 });
    }).toPass({ timeout: 240_000, intervals: [200] });
    await machine.ready();
    expect(await machine.mount()).toMatchObject({ state: 'mounted', type: 'FAT32' });
    expect(await machine.run('print(open("hello.txt").read())')).toBe('from a large disk\r\n');
    await machine.run('f = open("b", "wb"); f.write(bytes(100000)); f.close()');
    // On the way there is an eighth of it, which nobody holds any more; afterwards nothing is left.
    expect(most - before).toBeLessThan(768 * MIB);
    expect(rendererMemory(profileFolder) - before).toBeLessThan(150 * MIB);
  });
});

test('an image dropped on the window is opened, whatever panel is shown', async ({ machine }) => {
  const data = await machine.page.evaluateHandle((base64) => {
    const transfer = new DataTransfer();
    const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
    transfer.items.add(new File([bytes], 'dropped.img'));
    return transfer;
  }, mkfs(12, 4096).toString('base64'));
  await machine.page.dispatchEvent('body', 'dragenter', { dataTransfer: data });
  await expect(machine.page.getByText('Drop a disk image')).toBeVisible();
  await machine.page.dispatchEvent('body', 'drop', { dataTransfer: data });
  await expect(outcome(machine)).toContainText('The system runs on dropped.img now.');
  expect((await machine.mount()).state).toBe('mounted');
  expect(partition(await machine.export())).toHaveLength(4096 * 512);
});
