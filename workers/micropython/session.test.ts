import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { patchMicroPython } from '../../scripts/patch_micropython.mjs';
import { Machine, type Step } from './testing/machine';

const wasm = new WebAssembly.Module(readFileSync(await patchMicroPython()));
const BANNER = 'MicroPython v1.27.0 on 2025-12-10; QEMU virt AArch64 with Cortex A53\r\n>>> ';
const START = `MP|INFO: initialising!\r\n${BANNER}`;

/** What the terminal shows after the first prompt. */
async function typed(machine: Machine, ...steps: Step[]): Promise<string> {
  const output = await machine.run(...steps);
  expect(output.slice(0, START.length)).toBe(START);
  return output.slice(START.length);
}

describe('the prompt', () => {
  test("the session of the original's README is the same to the byte", async () => {
    const machine = new Machine(wasm);
    const lines = [
      'import os\r',
      'os.listdir()\r',
      'os.mkdir("hello world")\r',
      'os.listdir()\r',
      'with open("sel4.txt", "w") as f:\r',
      '    f.write("Formally verified!")\r',
      '\r',
      'os.listdir()\r',
      'with open("sel4.txt", "r") as f:\r',
      '    print(f.readlines())\r',
      '\r',
    ];
    expect(await typed(machine, ...lines)).toBe(
      [
        'import os',
        '>>> os.listdir()',
        '[]',
        '>>> os.mkdir("hello world")',
        '>>> os.listdir()',
        "['hello world']",
        '>>> with open("sel4.txt", "w") as f:',
        '...     f.write("Formally verified!")',
        '... ',
        '18',
        '>>> os.listdir()',
        "['hello world', 'sel4.txt']",
        '>>> with open("sel4.txt", "r") as f:',
        '...     print(f.readlines())',
        '... ',
        "['Formally verified!']",
        '>>> ',
      ].join('\r\n'),
    );
    expect(machine.server.get('/sel4.txt')).toBe('Formally verified!');
    expect(machine.debug).toBe('');
  });

  test('opening for writing sends the commands that upstream sends', async () => {
    const machine = new Machine(wasm);
    await machine.run('f = open("a", "w")\r', () => machine.server.log.splice(0), 'f = open("b", "w")\r');
    expect(machine.server.log.slice(0, 3)).toEqual(['FILE_OPEN', 'FILE_SIZE', 'FILE_TRUNCATE']);
  });

  test('the up arrow brings back a line, Tab completes a name, Ctrl-E pastes', async () => {
    const machine = new Machine(wasm);
    const shown = await typed(
      machine,
      '40 + 2\r',
      '\u001b[A\r',
      'import sy\t\r',
      'sys.maxs\t\r',
      '\x05if 1:\r  print(7)\r\x04',
    );
    expect(shown).toContain('>>> 40 + 2\r\n42\r\n>>> import sys\r\n>>> sys.maxsize\r\n2147483647\r\n');
    expect(shown).toMatch(/paste mode; .*\r\n=== if 1:\r\n=== {3}print\(7\)\r\n=== \r\n7\r\n>>> $/);
  });

  test('letters beyond ASCII can be typed', async () => {
    const machine = new Machine(wasm);
    await machine.run('open("Größe 語 🙂.txt", "w").close()\r');
    expect(machine.server.get('/Größe 語 🙂.txt')).toBe('');
  });

  test('the control plane gets its turn while the prompt waits', async () => {
    const machine = new Machine(wasm);
    await machine.run(
      () => machine.askControl(),
      '1\r',
      () => machine.askControl(),
    );
    expect(machine.controlTurns).toBe(2);
  });
});

describe('input', () => {
  test('input() edits a line, remembers it, and raises EOFError on Ctrl-D and KeyboardInterrupt on Ctrl-C', async () => {
    const machine = new Machine(wasm);
    const shown = await typed(
      machine,
      'x = input("? ")\r',
      'seL5\x7f4\r',
      'x\r',
      'input()\r',
      '\x04',
      'input()\r',
      { waiting: 'abc\x03' },
      '1+1\r',
    );
    expect(shown).toContain("? seL5\b\u001b[K4\r\n>>> x\r\n'seL4'\r\n");
    expect(shown).toContain('EOFError');
    expect(shown).toContain('KeyboardInterrupt');
    expect(shown).toMatch(/>>> 1\+1\r\n2\r\n>>> $/);
  });

  test('sys.stdin reads lines, and everything up to Ctrl-D', async () => {
    const machine = new Machine(wasm);
    const shown = await typed(
      machine,
      'import sys\r',
      'sys.stdin.readline()\r',
      'a line\r',
      'sys.stdin.read()\r',
      'two\rlines\r\x04',
      'sys.stdin.buffer.read(3)\r',
      'xyz',
    );
    expect(shown).toContain("'a line\\n'\r\n");
    expect(shown).toContain("'two\\nlines\\n'\r\n");
    expect(shown).toContain("b'xyz'\r\n");
  });

  test('100 KB typed ahead while a program works are all read', async () => {
    const machine = new Machine(wasm);
    const lines = Array.from({ length: 1300 }, () => `n += len("${'x'.repeat(68)}")\r`).join('');
    expect(lines.length).toBeGreaterThan(100_000);
    const shown = await typed(machine, `n = 0\r`, 'for i in range(20000): pass\r\r', { busy: `${lines}print(n)\r` });
    expect(shown).toMatch(new RegExp(`\r\n${1300 * 68}\r\n>>> $`));
  });

  test('select.poll tells whether a key waits', async () => {
    const machine = new Machine(wasm);
    const code = 'import select, sys\rp = select.poll(); p.register(sys.stdin, select.POLLIN)\r';
    expect(
      await typed(machine, code, 'print(len(p.poll(0)))\r', 'print(len(p.poll(0)), sys.stdin.read(1))\rk'),
    ).toMatch(/\r\n0\r\n>>> print.*\r\n1 k\r\n>>> $/);
  });
});

describe('output', () => {
  test('a terminal that does not read holds the program up, and nothing is lost', async () => {
    const machine = new Machine(wasm);
    machine.terminalReads = false;
    let most = 0;
    const read = () => {
      most = Math.max(most, machine.tx.length);
      machine.read();
    };
    const shown = await machine.run(
      read,
      'for i in range(2000): print(i)\r\r',
      ...Array.from({ length: 60 }, () => read),
    );
    const numbers = [...shown.matchAll(/^(\d+)\r$/gm)].map(([, n]) => Number(n));
    expect(numbers).toEqual(Array.from({ length: 2000 }, (_, i) => i));
    expect(most).toBeGreaterThan(3000);
    expect(most).toBeLessThanOrEqual(4096);
  });

  test('Ctrl-C stops a program whose output cannot leave', async () => {
    const machine = new Machine(wasm);
    const stop = () => {
      machine.terminalReads = false;
    };
    const go = () => {
      machine.terminalReads = true;
      machine.read();
    };
    const shown = await machine.run('1\r', stop, 'while 1: print("y" * 50)\r\r', { waiting: '\x03' }, go, '5+5\r');
    expect(shown).toMatch(/y\r\n(y*\r\n)*.*Traceback[\s\S]*KeyboardInterrupt: \r\n>>> 5\+5\r\n10\r\n>>> $/);
  });
});

describe('blocked output', () => {
  /** Keys while nobody reads, then somebody does. */
  function unread(machine: Machine, keys: string): Step[] {
    const read = () => {
      machine.terminalReads = true;
      machine.read();
    };
    return [{ waiting: keys }, read];
  }
  const stop = (machine: Machine) => () => {
    machine.terminalReads = false;
  };

  test('of the prompt itself is not a program to interrupt', async () => {
    const machine = new Machine(wasm);
    // Echo and output fill the queue to the byte, so that the prompt finds no room.
    const line = 'print("y"*4077)\r';
    expect(await typed(machine, stop(machine), line, ...unread(machine, '\x03'), '5+5\r')).toMatch(
      /y\r\n>>> \r\n>>> 5\+5\r\n10\r\n>>> $/,
    );
  });

  test('of a traceback is not a program either, and the next line is not interrupted', async () => {
    const machine = new Machine(wasm);
    const line = 'raise ValueError("y" * 9000)\r';
    const next = 'for i in range(1000): pass\r\r';
    expect(await typed(machine, stop(machine), line, ...unread(machine, '\x03'), next, '5+5\r')).toMatch(
      /y{9000}\r\n>>> \r\n>>> for i in range\(1000\): pass\r\n\.\.\. \r\n>>> 5\+5\r\n10\r\n>>> $/,
    );
  });
});

describe('Ctrl-C', () => {
  const cases: readonly [string, string, Step][] = [
    ['an endless loop', 'while True: pass\r\r', { busy: '\x03' }],
    ['a loop of calls', 'f = lambda: 0\rwhile True: f()\r\r', { busy: '\x03' }],
    ['a long sleep', 'import time\rtime.sleep(100)\r', { asleep: '\x03' }],
    ['a loop that writes a file', 'f = open("a", "w")\rwhile True: f.write("x")\r\r', { busy: '\x03' }],
  ];
  for (const [what, code, interrupt] of cases) {
    test(`stops ${what}`, async () => {
      const machine = new Machine(wasm);
      expect(await typed(machine, code, interrupt, '6*7\r')).toMatch(/KeyboardInterrupt: \r\n>>> 6\*7\r\n42\r\n>>> $/);
    });
  }

  test('typed ahead of the program still stops it', async () => {
    const machine = new Machine(wasm);
    expect(await typed(machine, 'while True: pass\r\r\x03')).toMatch(/KeyboardInterrupt: \r\n>>> $/);
  });

  test('typed ahead after keys that were already looked at still stops the next one', async () => {
    const machine = new Machine(wasm);
    const shown = await typed(machine, 'for i in range(20000): pass\r\r', { busy: '1\r' }, 'while True: pass\r\r\x03');
    expect(shown).toMatch(/KeyboardInterrupt: \r\n>>> $/);
  });

  test('at the prompt clears the line', async () => {
    const machine = new Machine(wasm);
    expect(await typed(machine, 'half a li\x03', '1\r')).toBe('half a li\r\n>>> 1\r\n1\r\n>>> ');
  });

  test('can be switched off, and then is data', async () => {
    const machine = new Machine(wasm);
    const code = 'import micropython, sys\rmicropython.kbd_intr(-1); sys.stdin.buffer.read(3)\r';
    expect(await typed(machine, code, 'a\x03\r')).toContain("b'a\\x03\\r'");
  });

  test('during a soft reset loop in main.py leaves the prompt', async () => {
    const machine = new Machine(wasm);
    machine.server.put('/main.py', 'while True: pass');
    const shown = await machine.run({ busy: '\x03' }, '1+1\r');
    expect(shown).toMatch(
      /File "main.py", line 1, in <module>\r\nKeyboardInterrupt: \r\nMicroPython .*\r\n>>> 1\+1\r\n2/,
    );
  });
});

describe('time', () => {
  test('sleep waits for the timer driver and wakes at the right time', async () => {
    const machine = new Machine(wasm);
    const before = machine.nowNs;
    await machine.run('import time\r', 'time.sleep(1.5)\r');
    expect(machine.nowNs - before).toBe(1_500_000_000);
    expect(machine.timeouts).toBe(1);
  });

  test('a stale notification of the timer does not end a sleep', async () => {
    const machine = new Machine(wasm);
    const stale = () => {
      machine.bits |= 1 << 2;
    };
    const before = machine.nowNs;
    await machine.run('import time\r', stale, 'time.sleep_ms(20)\r');
    expect(machine.nowNs - before).toBe(20_000_000);
    expect(machine.timeouts).toBe(2);
  });

  test('time() is Unix seconds, ticks are milliseconds since boot', async () => {
    const machine = new Machine(wasm);
    const shown = await typed(machine, 'import time\r', 'int(time.time()), time.ticks_ms(), time.gmtime()[0:3]\r');
    expect(shown).toContain('(1795000000, 5, (2026, 11, 18))');
  });
});
