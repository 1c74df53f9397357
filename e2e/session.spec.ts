/** The session printed in the README of LionsOS's example, typed key by key, line for line. */
import { BOARDS } from '../src/boards';
import { formatFat } from '../src/specs/fat_format';
import { expect, test } from './fixtures';
import { fsck, mkfs, mtoolsTree, partition } from './images';
import type { Machine } from './machine';

const SESSION = [
  ['import os', '>>> import os'],
  ['os.listdir()', '>>> os.listdir()\n[]'],
  ['os.mkdir("hello world")', '>>> os.mkdir("hello world")'],
  ['os.listdir()', ">>> os.listdir()\n['hello world']"],
  ['with open("sel4.txt", "w") as f:', '>>> with open("sel4.txt", "w") as f:'],
  ['    f.write("Formally verified!")', '...     f.write("Formally verified!")'],
  ['', '...\n18'],
  ['os.listdir()', ">>> os.listdir()\n['hello world', 'sel4.txt']"],
  ['with open("sel4.txt", "r") as f:', '>>> with open("sel4.txt", "r") as f:'],
  ['    print(f.readlines())', '...     print(f.readlines())'],
  ['', "...\n['Formally verified!']"],
] as const;

/** The screen without the spaces that a terminal keeps at line ends. */
const trimmed = (screen: string) =>
  screen
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');

/** A volume made by our own formatter, where mkfs.fat would put it: from the first sector of the disk. */
function ours(bits: 12 | 16 | 32, sectors: number): Buffer {
  const image = Buffer.alloc(sectors * 512);
  for (const { offset, bytes } of formatFat({ bits, sectors, serial: 1, label: 'OURS' })) image.set(bytes, offset);
  return image;
}

/** Types the session and compares the screen; then reloads, and lets dosfstools and mtools judge the disk. */
async function runSession(machine: Machine): Promise<void> {
  for (const [typed] of SESSION) {
    await machine.send(`${typed}\r`);
    await machine.waitFor(/(>>>|\.\.\.) *$/);
  }
  const expected = `${SESSION.map(([, shown]) => shown).join('\n')}\n>>>`;
  expect(trimmed(await machine.screen()).trimEnd()).toContain(expected);

  await machine.reload();
  expect(await machine.run('import os\nprint(os.listdir())')).toBe("['hello world', 'sel4.txt']\r\n");
  expect(await machine.run('print(open("sel4.txt").read())')).toBe('Formally verified!\r\n');

  const volume = partition(await machine.export());
  expect(fsck(volume)).toBe('');
  expect(mtoolsTree(volume)).toEqual([
    { path: '/hello world', bytes: undefined },
    { path: '/sel4.txt', bytes: Buffer.from('Formally verified!') },
  ]);
}

for (const board of BOARDS.map(({ name }) => name)) {
  test.describe(`on ${board}`, () => {
    test.use({ parameters: { board } });

    test('the session of the original README runs line for line on the default disk, and its files survive a reload', async ({
      machine,
    }) => {
      expect(await machine.mount()).toMatchObject({ state: 'mounted', type: 'FAT12' });
      await runSession(machine);
    });
  });
}

const SIZES = { 12: 30712, 16: 65536, 32: 131072 } as const;

for (const type of [12, 16, 32] as const) {
  const makers = {
    'mkfs.fat': () => mkfs(type, SIZES[type], ...(type === 32 ? ['-s', '1'] : [])),
    us: () => ours(type, SIZES[type]),
  };
  for (const [maker, make] of Object.entries(makers)) {
    test(`the session runs on a FAT${type} volume made by ${maker}`, async ({ machine }) => {
      await machine.import(make());
      expect(await machine.mount()).toMatchObject({ state: 'mounted', type: `FAT${type}` });
      await runSession(machine);
    });
  }
}

test('a file with a long name and 25 KB is the same for mtools while the system runs', async ({ machine }) => {
  await machine.run(`
import os
os.mkdir('A folder')
with open('A folder/Résumé with a long name.txt', 'wb') as f:
    for i in range(100): f.write(bytes(range(256)))
`);
  const volume = partition(await machine.export());
  expect(fsck(volume)).toBe('');
  const bytes = Buffer.alloc(
    25_600,
    Uint8Array.from({ length: 256 }, (_, i) => i),
  );
  expect(mtoolsTree(volume)).toEqual([
    { path: '/A folder', bytes: undefined },
    { path: '/A folder/Résumé with a long name.txt', bytes },
  ]);
});

test('a disk that cannot be mounted gets one sentence, a prompt, and ENODEV', async ({ machine }) => {
  await machine.import(Buffer.alloc(1 << 20, 'this is not a file system. '));
  expect(await machine.mount()).toMatchObject({ state: 'refused' });
  expect(await machine.run('import os\ntry:\n    os.listdir()\nexcept OSError as e:\n    print(e.errno)')).toBe(
    '19\r\n',
  );
});
