/** The session printed in the README of LionsOS's example, typed key by key, line for line. */
import { expect, test } from './fixtures';
import { fsck, mkfs, mtoolsTree, partition } from './images';

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

test('the session of the original README runs line for line, and its files survive a reload', async ({ machine }) => {
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
});

const SIZES = { 12: 30712, 16: 65536, 32: 131072 } as const;

for (const type of [12, 16, 32] as const) {
  test(`a FAT${type} volume made by mkfs.fat is mounted, written and read back by mtools`, async ({ machine }) => {
    await machine.import(mkfs(type, SIZES[type], ...(type === 32 ? ['-s', '1'] : [])));
    expect(await machine.mount()).toMatchObject({ state: 'mounted', type: `FAT${type}` });
    await machine.run(`
import os
os.mkdir('A folder')
with open('A folder/Résumé with a long name.txt', 'wb') as f:
    for i in range(100): f.write(bytes(range(256)))
`);
    const volume = partition(await machine.export());
    expect(fsck(volume)).toBe('');
    expect(mtoolsTree(volume)).toEqual([
      { path: '/A folder', bytes: undefined },
      {
        path: '/A folder/Résumé with a long name.txt',
        bytes: Buffer.alloc(
          25_600,
          Uint8Array.from({ length: 256 }, (_, i) => i),
        ),
      },
    ]);
  });
}

test('a disk that cannot be mounted gets one sentence, a prompt, and ENODEV', async ({ machine }) => {
  await machine.import(Buffer.alloc(1 << 20, 'this is not a file system. '));
  expect(await machine.mount()).toMatchObject({ state: 'refused' });
  expect(await machine.run('import os\ntry:\n    os.listdir()\nexcept OSError as e:\n    print(e.errno)')).toBe(
    '19\r\n',
  );
});
