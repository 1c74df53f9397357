import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
// @ts-expect-error: a script of the build, without types
import { patchMicroPython } from '../../scripts/patch_micropython.mjs';
import { Machine } from './testing/machine';

const wasm = new WebAssembly.Module(readFileSync(await patchMicroPython()));

test('x', async () => {
  const m = new Machine(wasm);
  const out = await m.run(
    'import os\r',
    'os.listdir()\r',
    "os.mkdir('hello world')\r",
    "f=open('a','w')\r",
    "f.write('hi')\r",
    'f.close()\r',
    "open('a').read()\r",
    'os.listdir()\r',
    '\x04',
    '1+1\r',
  );
  console.log(out, m.server.log.join(' '));
  expect(1).toBe(1);
});
