import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { patchMicroPython } from '../../scripts/patch_micropython.mjs';
import { Machine } from './testing/machine';

const wasm = new WebAssembly.Module(readFileSync(await patchMicroPython()));

/** What a program prints, run in the raw REPL; its traceback when it fails. */
async function run(code: string, machine = new Machine(wasm)): Promise<string> {
  const output = await machine.run(`\x01${code}\x04`);
  const [printed, error] = output.slice(output.lastIndexOf('>OK') + 3).split('\x04');
  return printed! + error!;
}

/** More than two read-aheads hold; each byte says where it is. */
const RAMP = Uint8Array.from({ length: 70_000 }, (_, i) => i & 255);

/** Prints the errno of each call, or its value. */
const ATTEMPT = `
import os
def t(f):
    try: print(f())
    except OSError as e: print(e.errno)
`;

describe('errno', () => {
  test('is the one that Linux gives', async () => {
    const code = `${ATTEMPT}
os.mkdir('d'); open('d/f', 'w').close()
t(lambda: open('missing'))
t(lambda: os.mkdir('d'))
t(lambda: os.rmdir('d'))
t(lambda: os.listdir('d/f'))
t(lambda: open('d', 'w'))
t(lambda: os.stat('d/f/g'))
t(lambda: open('d/f', 'x'))
t(lambda: os.remove('nothing'))
t(lambda: os.chdir('d/f'))
t(lambda: open('a' * 5000))
t(lambda: open(''))`;
    expect(await run(code)).toBe(['2', '17', '39', '20', '21', '20', '17', '2', '20', '36', '2', ''].join('\r\n'));
  });

  test.each([
    ['NO_SPACE', 28],
    ['READ_ONLY', 30],
    ['IO_ERROR', 5],
    ['FILE_TOO_BIG', 27],
    ['STALE', 116],
    ['NAME_TOO_LONG', 36],
    ['INVALID_NAME', 22],
    ['TOO_MANY_OPEN_FILES', 24],
    ['ERROR', 5],
  ] as const)('of a write that the server refuses with %s is %i', async (status, errno) => {
    const machine = new Machine(wasm);
    machine.server.intercept = (name) => (name === 'FILE_WRITE' ? { status: STATUS[status] } : undefined);
    expect(await run(`${ATTEMPT}\nf = open('f', 'w')\nt(lambda: f.write('x'))`, machine)).toBe(`${errno}\r\n`);
  });

  test('of close() reaches the program, once', async () => {
    const machine = new Machine(wasm);
    machine.server.intercept = (name) => (name === 'FILE_CLOSE' ? { status: STATUS.IO_ERROR } : undefined);
    expect(await run(`${ATTEMPT}\nf = open('f', 'w')\nt(f.close)\nt(f.close)`, machine)).toBe('5\r\nNone\r\n');
  });

  test('of every call is ENODEV where the disk was refused, and the prompt comes all the same', async () => {
    const machine = new Machine(wasm);
    machine.server.refuse = 'ERROR';
    expect(await run(`${ATTEMPT}\nt(os.listdir)\nt(lambda: open('f'))\nt(lambda: os.statvfs('/'))`, machine)).toBe(
      '19\r\n19\r\n19\r\n',
    );
    expect(machine.server.log).toEqual(['INITIALISE']);
  });
});

const STATUS = {
  ERROR: 1,
  INVALID_NAME: 7,
  TOO_MANY_OPEN_FILES: 8,
  NO_SPACE: 65,
  READ_ONLY: 66,
  IO_ERROR: 67,
  NAME_TOO_LONG: 69,
  FILE_TOO_BIG: 70,
  STALE: 71,
} as const;

describe('open', () => {
  test.each([
    ['r', 'old', 'read: old'],
    ['r+', 'new', 'read: old'],
    ['w', 'new', 'not readable'],
    ['w+', 'new', 'read: '],
    ['a', 'oldnew', 'not readable'],
    ['a+', 'oldnew', 'read: old'],
    ['x', 'exists', 'exists'],
  ])('in mode %s leaves %s', async (mode, left, reading) => {
    const machine = new Machine(wasm);
    machine.server.put('/f', 'old');
    const shown = await run(
      `
try:
    f = open('f', '${mode}')
    try: print('read:', f.read())
    except OSError as e: print('not readable', e.errno)
    try:
        f.seek(0)
        f.write('new')
    except OSError as e: print('not writable', e.errno)
    f.close()
except OSError as e: print('exists', e.errno)`,
      machine,
    );
    expect(shown).toContain(reading);
    expect(machine.server.get('/f')).toBe(left === 'exists' ? 'old' : left);
  });

  test("in mode 'x' creates what is not there", async () => {
    const machine = new Machine(wasm);
    await run(`with open('f', 'x') as f: f.write('mine')`, machine);
    expect(machine.server.get('/f')).toBe('mine');
  });

  test('that fails half-way leaves no file open in the server', async () => {
    const machine = new Machine(wasm);
    machine.server.intercept = (name) => (name === 'FILE_SIZE' ? { status: STATUS.IO_ERROR } : undefined);
    expect(await run(`${ATTEMPT}\nt(lambda: open('f', 'w'))`, machine)).toBe('5\r\n');
    expect(machine.server.open.size).toBe(0);
  });

  test('a file that nobody refers to is closed when the prompt comes back', async () => {
    const machine = new Machine(wasm);
    let open = -1;
    const look = () => {
      open = machine.server.open.size;
    };
    await machine.run(
      'for i in range(5): open("f%d" % i, "w")\r\r',
      'f = None; x = [0] * 50\r',
      'import gc; gc.collect()\r',
      '1\r',
      look,
    );
    expect(open).toBeLessThanOrEqual(1);
  });
});

describe('contents', () => {
  const sizes = [0, 1, 255, 4096, 32_767, 32_768, 32_769, 65_536, 100_000, 200 * 1024, 300_001];

  test.each(sizes)(
    'of %i bytes are written in one call and come back the same, however they are read',
    async (size) => {
      const machine = new Machine(wasm);
      const code = `
data = (bytes(range(251)) * (${size} // 251 + 1))[:${size}]
with open('f', 'wb') as f: print(f.write(data))
with open('f', 'rb') as f: print(f.read() == data)
b = bytearray(${size} + 10)
with open('f', 'rb') as f: print(f.readinto(b), b[:${size}] == data)
with open('f', 'rb') as f:
    ok = True
    for i in range(0, ${size}, 777): ok = ok and f.read(777) == data[i:i + 777]
    print(ok, f.read(5))`;
      expect(await run(code, machine)).toBe(`${size}\r\nTrue\r\n${size} True\r\nTrue b''\r\n`);
      expect(machine.server.bytes('/f').length).toBe(size);
    },
  );

  test('large transfers have several buffers in flight, none longer than 32 KiB', async () => {
    const machine = new Machine(wasm);
    await run(`f = open('f', 'wb'); f.write(bytes(100000))`, machine);
    expect(machine.server.log.filter((entry) => entry.startsWith('FILE_WRITE'))).toEqual([
      'FILE_WRITE 32768',
      'FILE_WRITE 32768',
      'FILE_WRITE 32768',
      'FILE_WRITE 1696',
    ]);
  });

  test('small reads share one read-ahead', async () => {
    const machine = new Machine(wasm);
    machine.server.put('/f', 'a line of text\n'.repeat(2000));
    expect(await run(`print(len(list(open('f'))))`, machine)).toBe('2000\r\n');
    expect(machine.server.log.filter((entry) => entry.startsWith('FILE_READ')).length).toBeLessThanOrEqual(3);
  });

  test('two handles on one file see each other', async () => {
    const code = `
a = open('f', 'w+'); b = open('f', 'r'); c = open('f', 'a')
a.write('hello world')
print(b.read(5))
a.seek(0); a.write('HELLO WORLD')
print(b.read())
c.write('!'); c.write('?')
a.seek(0, 2); print(a.tell())
b.seek(0); print(b.read())
a.write('.'); c.write(',')
b.seek(0); print(b.read())
d = open('f', 'w'); b.seek(0); print(repr(b.read()), a.seek(0, 2))`;
    expect(await run(code)).toBe(
      ['hello', ' WORLD', '13', 'HELLO WORLD!?', 'HELLO WORLD!?.,', "'' 0", ''].join('\r\n'),
    );
  });

  test('seek and tell agree, also around the read-ahead', async () => {
    const machine = new Machine(wasm);
    machine.server.put('/f', RAMP);
    const code = `
f = open('f', 'rb')
print(f.tell(), f.seek(300), f.read(1)[0], f.tell())
print(f.seek(-1, 2), f.read(1)[0], f.read(1))
print(f.seek(40000), f.read(1)[0], f.seek(-2, 1), f.read(1)[0], f.tell())
print(f.seek(100000), f.read(1))
try: f.seek(-1)
except OSError as e: print(e.errno)
print(f.seek(5), f.read(3))`;
    const last = 69_999 & 255;
    expect(await run(code, machine)).toBe(
      [
        '0 300 44 301',
        `69999 ${last} b''`,
        `40000 ${40_000 & 255} 39999 ${39_999 & 255} 40000`,
        "100000 b''",
        '22',
        "5 b'\\x05\\x06\\x07'",
        '',
      ].join('\r\n'),
    );
  });

  test('byte by byte it is the same file, over the edge of the read-ahead and when it changes on the way', async () => {
    const machine = new Machine(wasm);
    machine.server.put('/f', RAMP);
    const code = `
f = open('f', 'rb'); g = open('f', 'r+b')
print(all(f.read(1)[0] == i & 255 for i in range(40000)))
g.seek(40000); g.write(b'xy')
print(f.read(1), f.read(1), f.read(1)[0], g.read(1)[0])
print(f.seek(69999), f.read(1)[0], f.read(1), f.read(1))`;
    const next = 40_002 & 255;
    expect(await run(code, machine)).toBe(
      ['True', `b'x' b'y' ${next} ${next}`, `69999 ${69_999 & 255} b'' b''`, ''].join('\r\n'),
    );
  });

  test('offsets beyond 4 GiB reach the server whole', async () => {
    const machine = new Machine(wasm);
    const offsets: number[] = [];
    machine.server.intercept = (name, { p1 }) => {
      if (name === 'FILE_SIZE') return { status: 0, result: 5_000_000_000 };
      if (name === 'FILE_WRITE') offsets.push(p1);
      return name === 'FILE_WRITE' ? { status: 0, result: 3 } : undefined;
    };
    const code = `${ATTEMPT}\nf = open('f', 'a')\nt(lambda: f.write('abc'))\nt(lambda: f.write('abc'))\nt(lambda: f.seek(0, 2))`;
    expect(await run(code, machine)).toBe('3\r\n3\r\n75\r\n');
    expect(offsets).toEqual([5_000_000_000, 5_000_000_003]);
  });

  test('a short write is continued, a failing one moves nothing', async () => {
    const machine = new Machine(wasm);
    let writes = 0;
    machine.server.intercept = (name, { p3 }) => {
      if (name !== 'FILE_WRITE') return undefined;
      writes++;
      return writes >= 4 ? { status: STATUS.NO_SPACE } : { status: 0, result: Math.min(p3, 10_000) };
    };
    const code = `${ATTEMPT}\nf = open('f', 'wb')\nt(lambda: f.write(bytes(30000)))\nt(lambda: f.write(bytes(9)))\nprint(f.tell())`;
    expect(await run(code, machine)).toBe('30000\r\n28\r\n30000\r\n');
  });
});

describe('a large read', () => {
  const data = Uint8Array.from({ length: 100_000 }, (_, i) => (i * 7) % 251);
  const code = `
b = bytearray(100000)
print(open('f', 'rb').readinto(b))
print(b == bytes((i * 7) % 251 for i in range(100000)))`;

  test.each([
    ['is short in the middle', { status: 0, result: 10 }],
    ['fails once in the middle', { status: STATUS.IO_ERROR }],
  ])('that %s goes on where it stopped', async (_, reply) => {
    const machine = new Machine(wasm);
    machine.server.put('/f', data);
    let reads = 0;
    machine.server.intercept = (name, { p1, p2 }) => {
      if (name !== 'FILE_READ' || ++reads !== 2) return undefined;
      machine.server.share.bytes.set(data.subarray(p1, p1 + 10), p2);
      return reply;
    };
    expect(await run(code, machine)).toBe('100000\r\nTrue\r\n');
  });
});

describe('directories', () => {
  test('are listed whole, with types, and made, renamed and removed', async () => {
    const code = `
import os
os.mkdir('sub'); open('sub/a', 'w').close(); os.mkdir('sub/deep')
for i in range(300): open('sub/%d' % i, 'w').close()
print(len(os.listdir('sub')), len(set(os.listdir('sub'))))
open('sub/a', 'w').write('four')
print(sorted((e[0], e[1], e[3]) for e in os.ilistdir('sub') if e[0][0] > '9'))
print([e[3] for e in os.ilistdir(b'sub') if e[0] == b'a'])
os.chdir('sub'); print(os.getcwd(), len(os.listdir()), os.stat('a')[0] == 0x81a4)
os.chdir('deep'); print(os.getcwd(), os.listdir('..') == os.listdir('/sub'))
os.chdir('../..'); print(os.getcwd())
os.rename('sub/a', 'b'); os.rmdir('sub/deep'); os.remove('sub/0')
print(sorted(os.listdir()), len(os.listdir('sub')))
print(os.statvfs('/'))`;
    expect(await run(code)).toBe(
      [
        '302 302',
        "[('a', 32768, 4), ('deep', 16384, 0)]",
        '[4]',
        '/sub 302 True',
        '/sub/deep True',
        '/',
        "['b', 'sub'] 299",
        '(512, 512, 30000, 20000, 20000, 0, 0, 0, 0, 255)',
        '',
      ].join('\r\n'),
    );
  });

  test('long names with letters of every script survive', async () => {
    const name = `${'語'.repeat(200)}🙂.txt`;
    const code = `import os\nopen('${name}', 'w').close()\nprint(os.listdir() == ['${name}'], os.stat('${name}')[6])`;
    expect(await run(code)).toBe('True 0\r\n');
  });

  test('an error in the middle of a listing is reported and closes the directory', async () => {
    const machine = new Machine(wasm);
    machine.server.put('/f', '');
    let reads = 0;
    machine.server.intercept = (name) =>
      name === 'DIR_READ' && ++reads === 3 ? { status: STATUS.IO_ERROR } : undefined;
    expect(await run(`${ATTEMPT}\nt(os.listdir)`, machine)).toBe('5\r\n');
    expect(machine.server.open.size).toBe(0);
  });
});

describe('import', () => {
  test('finds modules and packages on the disk, from the current directory and /lib', async () => {
    const machine = new Machine(wasm);
    machine.server.put('/answer.py', 'value = 42');
    await run('import os\nos.mkdir("pkg"); os.mkdir("lib")', machine);
    machine.server.put('/pkg/__init__.py', 'from . import inner');
    machine.server.put('/pkg/inner.py', 'name = __name__');
    machine.server.put('/lib/extra.py', 'x = 1');
    const again = await machine.run('\x01import answer, pkg, extra; print(answer.value, pkg.inner.name, extra.x)\x04');
    expect(again).toContain('OK42 pkg.inner 1\r\n');
  });

  test('takes compiled modules', async () => {
    const machine = new Machine(wasm);
    // mpy version 6.3, no native code: one qstr table entry 'm.py', an empty module body.
    machine.server.put(
      '/m.mpy',
      Uint8Array.from([0x4d, 6, 0, 31, 1, 0, 8, 0x6d, 0x2e, 0x70, 0x79, 0, 0x28, 0, 2, 1, 0x51, 0x63]),
    );
    expect(await run('import m; print(m.__name__)', machine)).toBe('m\r\n');
  });
});
