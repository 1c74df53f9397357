/** One round of the work in Python, for the machine and for MicroPython alone in a worker; peers/round.ts has the same in JavaScript. */

/**
 * Prints a line for each work: its name, and MiB/s or operations per second. The clock is asked once for many operations: in the machine it
 * is another domain's, and as far away as the file system.
 */
export const PYTHON_ROUND = `
import os, sys, time
MIN_US = 80_000
CHUNK, CHUNKS, MIB, PAGE, SMALL = 65536, 32, 1 << 20, 4096, 1000
BIG = 8 * MIB
def rate(work):
    n = 1
    while True:
        started = time.ticks_us()
        for i in range(n): work()
        us = time.ticks_diff(time.ticks_us(), started)
        if us >= MIN_US: return n * 1e6 / us
        n *= 2 if us > MIN_US // 16 else 8
def once(count, work):
    started = time.ticks_us()
    for i in range(count): work(i)
    return count * 1e6 / max(1, time.ticks_diff(time.ticks_us(), started))
def say(name, value): print(name, value)
chunk, large, buffer, page = bytearray(CHUNK), bytearray(MIB), bytearray(CHUNK // 2), bytearray(PAGE)
def write(path, piece, pieces):
    with open(path, 'wb') as f:
        for i in range(pieces): f.write(piece)
def read(path, piece, pieces):
    with open(path, 'rb') as f:
        for i in range(pieces): f.readinto(piece)
def sequential():
    mib = CHUNKS * CHUNK / MIB
    say('write64k', mib * rate(lambda: write('bench.dat', chunk, CHUNKS)))
    say('read64k', mib * rate(lambda: read('bench.dat', chunk, CHUNKS)))
    say('write8m', 8 * rate(lambda: write('big.dat', large, 8)))
    say('read32k', 8 * rate(lambda: read('big.dat', buffer, BIG // len(buffer))))
state = 1
def position():
    global state
    state = (state * 69069 + 12345) % 0x10000
    return state % (BIG // PAGE) * PAGE
def random():
    with open('big.dat', 'r+b') as f:
        def random_read():
            f.seek(position())
            f.readinto(page)
        def random_write():
            f.seek(position())
            f.write(page)
        say('random_read', rate(random_read))
        say('random_write', rate(random_write))
    with open('log.txt', 'wb') as f:
        line = b'123456789\\n'
        say('write10', rate(lambda: f.write(line)))
def small():
    names = ['small%d.dat' % i for i in range(SMALL)]
    kib = bytearray(1024)
    i = 0
    def name():
        nonlocal i
        i = (i + 1) % SMALL
        return names[i]
    def read_one():
        with open(name(), 'rb') as f: f.readinto(kib)
    say('create', once(SMALL, lambda n: write(names[n], kib, 1)))
    say('stat', rate(lambda: os.stat(name())))
    say('open_close', rate(lambda: open(name(), 'rb').close()))
    say('read_small', rate(read_one))
    say('remove', once(SMALL, lambda n: os.remove(names[n])))
def read_all():
    with open('text.txt', 'rb') as f: return len(f.read())
def readline():
    with open('text.txt') as f:
        while f.readline(): pass
def iterate():
    with open('text.txt') as f:
        for line in f: pass
def forget():
    for name in [m for m in sys.modules if m.startswith('fifty')]: del sys.modules[name]
def import_all():
    forget()
    import fifty
    assert fifty.total == 50
def text():
    lines = 20_000
    with open('text.txt', 'w') as f:
        for i in range(lines // 1000): f.write('one line of a text file, as they are\\n' * 1000)
    mib = os.stat('text.txt')[6] / MIB
    say('read_all', mib * rate(read_all))
    say('readline', lines * rate(readline))
    say('iterate', lines * rate(iterate))
    if 'fifty' not in os.listdir():
        os.mkdir('fifty')
        for i in range(50):
            with open('fifty/m%d.py' % i, 'w') as f:
                f.write('"""A module."""\\nimport sys\\nvalue = 1\\ndef twice(x):\\n    return 2 * x\\nclass Thing:\\n    def __init__(self, n):\\n        self.n = n\\n')
        with open('fifty/__init__.py', 'w') as f:
            f.write('total = 0\\n' + ''.join('from . import m%d\\ntotal += m%d.value\\n' % (i, i) for i in range(50)))
    say('import50', 50 * rate(import_all))
def bench_round():
    if 'work' not in os.listdir(): os.mkdir('work')
    os.chdir('work')
    if '' not in sys.path: sys.path.insert(0, '')
    try:
        sequential()
        random()
        small()
        text()
    finally:
        os.chdir('..')
`;

/** The lines of a round. */
export function printedRates(printed: string): Record<string, number> {
  const lines = printed.trim().split(/\r?\n/);
  return Object.fromEntries(
    lines.map((line) => {
      const [name, value] = line.split(' ');
      return [name!, Number(value)];
    }),
  );
}
