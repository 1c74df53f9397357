/** What grows with the size of the disk and of one file on it: FAT32 with clusters of 4 KiB on an image of up to 4 GiB, kept in OPFS. */
import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '../fixtures';
import { inFolder } from '../images';
import type { Machine } from '../machine';
import { tool } from '../tools';
import { keep, Rounds } from './figures';
import { Processors } from './foreign_load';
import { lookAway } from './looks';
import { PYTHON_ROUND, printedRates } from './python_work';
import { rebootMs } from './reboot_time';

const ROUNDS = Number(process.env.VMFS_BENCH_ROUNDS ?? 5);
const MIB = 2 ** 20;
/** MiB of the image, and of the file. FAT32 ends images at 4 GiB less a sector here. */
const SIZES = [
  [512, 16],
  [1024, 128],
  [2048, 512],
  [4096, 1024],
] as const;

const PYTHON = (file: number) => `
def touch(path): open(path, 'w').close()
def growth():
    global state
    with open('/file', 'r+b') as f:
        def seek():
            global state
            state = (state * 69069 + 12345) & 0x7fffffff
            f.seek(state // 2 % (${file} << 8) * PAGE)
        def one_read():
            seek()
            f.readinto(page)
        def one_write():
            seek()
            f.write(page)
        say('file_${file}_read', rate(one_read))
        say('file_${file}_write', rate(one_write))
    say('image_create', once(100, lambda i: touch('/x%d' % i)))
    say('image_remove', once(100, lambda i: os.remove('/x%d' % i)))
`;

/** Through the view, as a person would: it is read in pieces. */
async function open(machine: Machine, image: number, file: number): Promise<void> {
  await inFolder(async (folder) => {
    const [disk, content] = [join(folder, 'disk.img'), join(folder, 'file')];
    for (const [path, size] of [
      [disk, image * MIB - 512],
      [content, file * MIB],
    ] as const) {
      writeFileSync(path, '');
      truncateSync(path, size);
    }
    tool('mkfs.fat', ['-F', '32', '-s', '8', disk]);
    tool('mcopy', ['-i', disk, content, '::/file']);
    await machine.page.getByRole('tab', { name: 'Disk' }).click();
    await machine.page.getByRole('tab', { name: 'Images' }).click();
    await machine.page.locator('input[type=file]').setInputFiles(disk);
    await expect(machine.page.locator('.outcome')).toContainText('The system runs on disk.img now.', {
      timeout: 300_000,
    });
  });
  await machine.ready();
}

test('growth of the disk', async ({ machine, profileFolder }) => {
  test.setTimeout(1_200_000);
  const rounds = new Rounds();
  const processors = new Processors(profileFolder);
  for (const [image, file] of SIZES) {
    await open(machine, image, file);
    await lookAway(machine);
    await machine.run(PYTHON_ROUND + PYTHON(file));
    for (let round = 0; round <= ROUNDS; round++) {
      const rates = printedRates(await machine.run('growth()'));
      await machine.settled();
      const clean = await rebootMs(machine, '/file');
      await machine.run('touch("/in use")');
      const recovery = await rebootMs(machine, '/file');
      // The first round warms the code up.
      if (round === 0) continue;
      for (const [work, value] of Object.entries(rates))
        rounds.add('opfs', work.replace(/^image/, `image_${image}`), value);
      rounds.add('opfs', `image_${image}_reboot`, clean);
      rounds.add('opfs', `image_${image}_recovery`, recovery);
    }
  }
  keep(
    'images',
    processors.used().foreign,
    rounds.figures((work) => (/_(reboot|recovery)$/.test(work) ? 'ms' : '/s')),
  );
});
