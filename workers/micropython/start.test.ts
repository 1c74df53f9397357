import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { patchMicroPython } from '../../scripts/patch_micropython.mjs';
import { Machine } from './testing/machine';

const wasm = new WebAssembly.Module(readFileSync(await patchMicroPython()));
const BANNER = 'MicroPython v1.27.0 on 2025-12-10; QEMU virt AArch64 with Cortex A53\r\n';

describe('start', () => {
  test('says that it initialises, mounts, and gives the prompt', async () => {
    const machine = new Machine(wasm);
    expect(await machine.run()).toBe(`MP|INFO: initialising!\r\n${BANNER}>>> `);
    expect(machine.server.log[0]).toBe('INITIALISE');
  });

  test('runs boot.py and main.py in __main__ before the prompt', async () => {
    const machine = new Machine(wasm);
    machine.server.put('/boot.py', 'a = 1\nprint("boot")');
    machine.server.put('/main.py', 'print("main", a, __name__)');
    expect(await machine.run('a\r')).toBe(
      `MP|INFO: initialising!\r\nboot\r\nmain 1 __main__\r\n${BANNER}>>> a\r\n1\r\n>>> `,
    );
    expect(machine.server.open.size).toBe(0);
  });

  test('shows the traceback of a start file that fails, and gives the prompt', async () => {
    const machine = new Machine(wasm);
    machine.server.put('/boot.py', 'x = 1\n1 / 0');
    machine.server.put('/main.py', 'def f(: pass');
    expect(await machine.run()).toBe(
      [
        'MP|INFO: initialising!',
        'Traceback (most recent call last):',
        '  File "boot.py", line 2, in <module>',
        'ZeroDivisionError: divide by zero',
        'Traceback (most recent call last):',
        '  File "main.py", line 1',
        'SyntaxError: invalid syntax',
        `${BANNER}>>> `,
      ].join('\r\n'),
    );
  });

  test('goes on to the prompt when a start file raises SystemExit', async () => {
    const machine = new Machine(wasm);
    machine.server.put('/main.py', 'import sys\nprint("out")\nsys.exit()');
    expect(await machine.run('1\r')).toBe(`MP|INFO: initialising!\r\nout\r\n${BANNER}>>> 1\r\n1\r\n>>> `);
  });

  test('a server that does not answer INITIALISE is given up with Ctrl-C, and asked again by the next call', async () => {
    const machine = new Machine(wasm);
    machine.server.intercept = (name) => (name === 'INITIALISE' ? 'hold' : undefined);
    const answer = () => {
      machine.server.release();
      machine.bits |= 1 << 5;
    };
    const shown = await machine.run(
      { waiting: '\x03' },
      { waiting: '\x03' },
      'import os\r',
      { waiting: '\x03' },
      answer,
    );
    expect(shown).toContain('KeyboardInterrupt');
    expect(await machine.run('import os; os.listdir()\r')).toMatch(/>>> import os; os.listdir\(\)\r\n\[\]\r\n>>> $/);
  });
});

describe('soft reset', () => {
  test('Ctrl-D on an empty line forgets names, keeps the disk, closes files and mounts once', async () => {
    const machine = new Machine(wasm);
    machine.server.put('/main.py', 'print("main")');
    const shown = await machine.run(
      'x = 5; f = open("f", "w"); f.write("text")\r',
      '\x04',
      'x\r',
      'open("f").read()\r',
    );
    const [, after] = shown.split('\r\nMPY: soft reboot\r\n');
    expect(after).toBe(
      [
        'main',
        `${BANNER}>>> x`,
        'Traceback (most recent call last):',
        '  File "<stdin>", line 1, in <module>',
        "NameError: name 'x' isn't defined",
        '>>> open("f").read()',
        "'text'",
        '>>> ',
      ].join('\r\n'),
    );
    expect(machine.server.log.filter((name) => name === 'INITIALISE')).toHaveLength(1);
    expect(machine.server.open.size).toBe(0);
  });

  test('closes every file once', async () => {
    const machine = new Machine(wasm);
    await machine.run('open("a", "w").close(); f = open("b", "w")\r', '\x04');
    expect(machine.server.log.filter((name) => name === 'FILE_CLOSE')).toHaveLength(2);
  });

  test('SystemExit resets too', async () => {
    const machine = new Machine(wasm);
    expect(await machine.run('raise SystemExit\r', '2+2\r')).toContain(`MPY: soft reboot\r\n${BANNER}>>> 2+2\r\n4`);
  });

  test('a refused disk is asked for again', async () => {
    const machine = new Machine(wasm);
    machine.server.refuse = 'ERROR';
    const repaired = () => {
      machine.server.refuse = undefined;
    };
    expect(await machine.run(repaired, '\x04', 'import os; os.listdir()\r')).toMatch(/\r\n\[\]\r\n>>> $/);
  });

  test('twenty in a row leave a working prompt', async () => {
    const machine = new Machine(wasm);
    const shown = await machine.run(...Array.from({ length: 20 }, () => '\x04'), '3*3\r');
    expect(shown.split('MPY: soft reboot')).toHaveLength(21);
    expect(shown).toMatch(/>>> 3\*3\r\n9\r\n>>> $/);
  });

  test('an interpreter that breaks is replaced', async () => {
    const machine = new Machine(wasm);
    const shown = await machine.run('import uctypes\r', 'uctypes.bytearray_at(0xfffffff0, 8)[0]\r', '1+1\r');
    expect(shown).toMatch(/MPY: fatal: .*\r\nMPY: soft reboot\r\n.*\r\n>>> 1\+1\r\n2\r\n>>> $/);
  });
});

/** Ctrl-D as it is written down, so that expressions can name it. */
const visible = (text: string) => text.replaceAll('\x04', '^D');

describe('the raw REPL', () => {
  const FRAME = '\r\nraw REPL; CTRL-B to exit\r\n>';

  test('frames output and traceback with Ctrl-D', async () => {
    const machine = new Machine(wasm);
    const shown = visible(await machine.run('\x01', 'print("é")\nprint(2)\x04', '1/0\x04', '\x02'));
    expect(shown.slice(shown.indexOf('>>> ') + 4)).toBe(
      `${FRAME}OKé\r\n2\r\n^D^D>OK^DTraceback (most recent call last):\r\n  File "<stdin>", line 1, in <module>\r\n` +
        `ZeroDivisionError: divide by zero\r\n^D>\r\nMicroPython v1.27.0 on 2025-12-10; QEMU virt AArch64 with Cortex A53\r\n` +
        '>>> ',
    );
  });

  test('takes programs of 100 KB', async () => {
    const machine = new Machine(wasm);
    const code = `n = 0\n${'n += len("0123456789")\n'.repeat(4500)}print(n)`;
    expect(visible(await machine.run(`\x01${code}\x04`))).toMatch(/>OK45000\r\n\^D\^D>$/);
  });

  test('stays raw over a soft reset', async () => {
    const machine = new Machine(wasm);
    expect(visible(await machine.run('\x01', '\x04', 'print(1)\x04'))).toMatch(
      />OK\r\nMPY: soft reboot\r\n\r\nraw REPL; CTRL-B to exit\r\n>OK1\r\n\^D\^D>$/,
    );
  });

  test('is interrupted by Ctrl-C', async () => {
    const machine = new Machine(wasm);
    expect(visible(await machine.run('\x01while True: pass\x04', { busy: '\x03' }, 'print(1)\x04'))).toMatch(
      />OK\^DTraceback[\s\S]*KeyboardInterrupt: \r\n\^D>OK1\r\n\^D\^D>$/,
    );
  });
});

describe('authority', () => {
  test.each([
    'import js',
    'import jsffi',
    'import _s',
    'import _sffi',
    '__import__("js")',
    'import sys; sys.modules["js"]',
    'import sys; [m for m in sys.modules.values() if hasattr(m, "create_proxy")][0]',
  ])('%s fails', async (code) => {
    const shown = visible(await new Machine(wasm).run(`\x01${code}\x04`));
    expect(shown).toMatch(/OK\^DTraceback[\s\S]*(ImportError|KeyError|IndexError)[\s\S]*\^D>$/);
  });
});
