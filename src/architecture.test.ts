/** Who may import whom, who alone may do what, and how files look. The rules are also seen to catch planted cheats. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { breaches, codeOf, isTest, roomOf, type Tree } from './architecture_rules';
import { BOARDS } from './boards';
import { vmfs } from './boards/vmfs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const NOT_OURS = ['node_modules', '.git', '.cache', 'dist', 'test-results', 'playwright-report'];
const TEXT = /\.(tsx?|mjs|mts|json|md|html|css)$|^\.ci\/run$/;
const LIMIT = 250;
/** Tables and lists of cases, not logic. */
const TABLE_LIMIT = 400;
const TABLES = ['src/boards/vmfs.ts'];
const MAIN = `import { start } from '../../src/libmicrokit/start';
import { program } from './pd';

start(program);
`;

function read(folder: string): [string, string][] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return NOT_OURS.includes(entry.name) ? [] : read(path);
    const name = relative(ROOT, path).split(sep).join('/');
    return TEXT.test(name) && name !== 'package-lock.json'
      ? [[name, readFileSync(path, 'utf8')] as [string, string]]
      : [];
  });
}

const tree: Tree = new Map(read(ROOT));
const paths = [...tree.keys()];
const workers = [...new Set(paths.filter((path) => path.startsWith('workers/')).map((path) => path.split('/')[1]!))];

test('imports keep to the table of rooms; workers, blocking, messages, clocks and dice have single owners', () => {
  expect(codeOf(tree).length).toBeGreaterThan(50);
  expect(breaches(tree)).toEqual([]);
});

test('every folder under workers/ is one program: the same three lines, and pd.ts', () => {
  for (const worker of workers) {
    expect(tree.get(`workers/${worker}/main.ts`), worker).toBe(MAIN);
    expect(tree.get(`workers/${worker}/pd.ts`), worker).toMatch(/export const program\b|export \{[^}]*\bprogram\b/);
  }
});

test.each(BOARDS)('every image that $name names is a folder under workers/', (board) => {
  const images = vmfs(board, { disk: { store: 'memory', name: 'test' } }).domains.map(({ image }) => image);
  expect(workers).toEqual(expect.arrayContaining(images));
});

test('files are short', () => {
  const long = paths
    .filter((path) => /\.(tsx?|mjs)$/.test(path))
    .flatMap((path) => {
      const lines = tree.get(path)!.split('\n').length - 1;
      const limit = TABLES.includes(path) || isTest(path) ? TABLE_LIMIT : LIMIT;
      return lines > limit ? [`${path}: ${lines}`] : [];
    });
  expect(long).toEqual([]);
});

test('every file opens with a sentence on what it is', () => {
  const silent = codeOf(tree).filter(([path, text]) => !path.endsWith('/main.ts') && !text.startsWith('/**'));
  expect(silent.map(([path]) => path)).toEqual([]);
});

test('names are in snake_case', () => {
  const names = paths.filter((path) => /^(src|workers|e2e|scripts)\//.test(path));
  expect(
    names.filter(
      (path) => !/^[a-z0-9_/]+(\.(test|spec|bench|shot|d))?\.\w+$/.test(path) && !path.endsWith('/README.md'),
    ),
  ).toEqual([]);
});

test('nothing is left to do, and nothing knows the machine it was written on', () => {
  const marks = new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX', 'HA' + 'CK'].join('|')})\\b`);
  const machine = new RegExp(`(^|[\\s'"\`(=])/(${['work', 'home', 'root', 'Users'].join('|')})/`, 'm');
  const found = [...tree].filter(([, text]) => marks.test(text) || machine.test(text));
  expect(found.map(([path]) => path)).toEqual([]);
});

test('every test expects something', () => {
  const tests = paths.filter((path) => /\.(test|spec)\.tsx?$/.test(path));
  expect(tests.filter((path) => !/\bexpect\b|\w+Conformance\(/.test(tree.get(path)!))).toEqual([]);
});

describe('the rules catch', () => {
  const caught = (path: string, text: string) => breaches(new Map([[path, text]]));
  const BLK_VIRT = 'workers/blk_virt/virt.ts';

  test.each([
    ['a worker that imports another', BLK_VIRT, `import { x } from '../micropython/files';`],
    ['a worker that imports the page', BLK_VIRT, `import { x } from '../../src/page/console';`],
    ['a worker that imports the tool', BLK_VIRT, `import type { X } from '../../src/microkit/sdf';`],
    ['a virtualiser that imports a device', 'workers/blk_virt/pd.ts', `import { X } from '../../src/hw/device';`],
    [
      'a driver class that imports a device',
      'workers/blk_driver_virtio/driver.ts',
      `import { X } from '../../src/hw/device';`,
    ],
    ['a worker that imports a package', BLK_VIRT, `import * as Comlink from 'comlink';`],
    ['a page that imports a component', 'src/page/a.ts', `export { X } from '../../workers/blk_virt/virt';`],
    ['a page that imports a device', 'src/page/a.tsx', `const x = await import('../hw/device');`],
    ['a device that imports a protocol', 'src/hw/a.ts', `import { X } from '../protocol/region';`],
    ['a protocol that imports a specification', 'src/protocol/a.ts', `import { X } from '../specs/fat';`],
    ['a specification that imports a protocol', 'src/specs/a.ts', `import\n  { X }\n  from\n  '../protocol/region';`],
    ['a protocol that imports a package', 'src/protocol/a.ts', `import 'react';`],
    ['a tool that imports the kernel', 'src/microkit/a.ts', `import { X } from '../libmicrokit/run';`],
    ['a board that imports the page', 'src/boards/a.ts', `import { X } from '../page/a';`],
    ['code that imports a test', BLK_VIRT, `import { X } from './virt.test';`],
    ['code that imports test support', BLK_VIRT, `import { X } from './testing/machine';`],
    ['a glob over components', 'src/page/a.ts', `import.meta.glob('../../workers/*/pd.ts')`],
    ['a worker by URL', 'src/page/a.ts', `const u = new URL('../../workers/blk_virt/main.ts', import.meta.url);`],
    ['a file from elsewhere', BLK_VIRT, `import w from '../../.cache/micropython.wasm?url';`],
    ['a worker started elsewhere', 'src/page/a.ts', 'new Worker(url)'],
    ['a shared worker', BLK_VIRT, 'new SharedWorker(url)'],
    ['a worker import elsewhere', 'src/page/a.ts', `import.meta.glob('./x.ts', { query: '?worker' })`],
    ['blocking elsewhere', BLK_VIRT, 'Atomics.wait(words, 0, 0);'],
    ['blocking on the page', 'src/page/a.ts', 'Atomics . wait(words, 0, 0);'],
    ['waiting elsewhere', 'src/microkit/layout.ts', 'Atomics.waitAsync(words, 0, 0);'],
    ['messages elsewhere', BLK_VIRT, 'self.postMessage(1);'],
    ['a clock in a device', 'src/hw/a.ts', 'const t = performance.now();'],
    ['a date in a component', BLK_VIRT, 'const t = Date.now();'],
    ['dice in a component', BLK_VIRT, 'const r = Math.random();'],
    ['a timer in a component', BLK_VIRT, 'setTimeout(f, 1);'],
    ['module state', BLK_VIRT, 'let count = 0;'],
    ['exported module state', BLK_VIRT, 'export let count = 0;'],
    ['an enum', BLK_VIRT, 'export const enum A { B }'],
    ['a default export', BLK_VIRT, 'export default class A {}'],
    ['inheritance', BLK_VIRT, 'class A extends B {}'],
    ['generic inheritance', BLK_VIRT, 'class A<T> extends Map<string, T> {}'],
    ['a swallowed error', BLK_VIRT, 'try { f(); } catch {}'],
  ])('%s', (_, path, text) => {
    expect(caught(path, text)).toHaveLength(1);
  });

  test.each([
    ['a driver that wires its device', 'workers/blk_driver_virtio/pd.ts', `import { X } from '../../src/hw/device';`],
    [
      'the monitor, made of devices',
      'workers/fs_driver_vmm/virtio_blk.ts',
      `import { X } from '../../src/hw/virtq_device';`,
    ],
    ['a worker that imports its own', 'workers/linux_fs_vm/kernel/fat/a.ts', `import { X } from '../vfs';`],
    ['a worker that uses protocols', BLK_VIRT, `import { X } from '../../src/protocol/region';`],
    [
      'the loader, which starts workers',
      'src/microkit/loader.ts',
      `import.meta.glob('../../workers/*/main.ts', { query: '?worker' })`,
    ],
    ['words in a comment', BLK_VIRT, '// differs: no Atomics.wait(here), no Date.now()\n/* new Worker */'],
    ['an error of its own kind', BLK_VIRT, 'class Refused extends Error {}'],
    ['a variable in a function', BLK_VIRT, 'function f() {\n  let count = 0;\n}'],
  ])('nothing in %s', (_, path, text) => {
    expect(caught(path, text)).toEqual([]);
  });

  test('rooms by path', () => {
    expect(['src/page/a.ts', 'workers/x/y/z.ts', '.cache/m.wasm'].map(roomOf)).toEqual(['page', 'workers/x', '.cache']);
  });
});
