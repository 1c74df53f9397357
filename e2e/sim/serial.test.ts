import { expect, test } from 'vitest';
import { Random } from '../../src/libmicrokit/random';
import { CONTROL } from '../../src/protocol/boot';
import { Client, SerialSystem } from './serial_system';

async function boot(seed = 1) {
  const python = new Client();
  const guest = new Client();
  const system = await SerialSystem.boot(seed, [python, guest]);
  system.settle();
  return { system, python, guest };
}

const text = (bytes: readonly number[]) => new TextDecoder().decode(Uint8Array.from(bytes));
/** The terminal's text without colours, as one client's and the other's. */
function byColour(screen: string): [red: string, green: string] {
  const parts = screen.split('\x1b[');
  const of = (code: string) =>
    parts
      .filter((part) => part.startsWith(code))
      .map((part) => part.slice(code.length))
      .join('');
  return [of('31m'), of('32m')];
}

test('the console says who is who, after the first line', async () => {
  const { system } = await boot();
  expect(system.screen).toBe('Begin input\n');
  expect(system.simulator.debug).toBe(
    "\x1b[31m'micropython' is client 0\n\x1b[0m\x1b[32m'fs_driver_vmm' is client 1\n\x1b[0m",
  );
});

test('a line in, a line out', async () => {
  const { system, python } = await boot();
  python.write('hello\r\n');
  system.type('x = 1\r');
  system.settle();
  expect(system.screen).toBe('Begin input\n\x1b[31mhello\r\n\x1b[0m');
  expect(text(python.got)).toBe('x = 1\r');
});

test('a megabyte of output passes complete and in order, with never more than the small rings on the way', async () => {
  const { system, python } = await boot();
  const size = 1 << 20;
  const all = Uint8Array.from({ length: size }, (_, i) => 0x41 + ((i * 31 + (i >> 8)) % 57));
  let most = 0;
  system.simulator.onStep = () => {
    most = Math.max(most, size - python.unsent - system.received.length);
  };
  python.write(all);
  system.settle(16 * 1024);
  expect(Buffer.from(byColour(system.screen)[0]).equals(Buffer.from(all))).toBe(true);
  // Client queue, driver queue, FIFO, line.
  expect(most).toBeLessThanOrEqual(4096 + 4096 + 16 + 16 * 1024);
});

test('100 KB typed at once arrive complete and in order, though the client is slow', async () => {
  const { system, python } = await boot();
  const random = new Random(7);
  const typed = Uint8Array.from({ length: 100_000 }, () => 0x20 + random.below(95));
  python.reads = false;
  system.type(typed);
  system.settle();
  expect(python.got.length).toBe(0);
  python.reads = true;
  python.step();
  system.settle();
  expect(Buffer.from(python.got).equals(Buffer.from(typed))).toBe(true);
});

test.each([1, 2, 3, 4, 5, 6])(
  'two clients talk and listen at random, seed %d: everything arrives, in order, in its colour',
  async (seed) => {
    const { system, python, guest } = await boot(seed);
    const random = new Random(seed);
    const said = ['', ''];
    let typed = '';
    for (let round = 0; round < 60; round++) {
      const who = random.below(2);
      const words = `${'ab'[who]}${round},`.repeat(random.below(800));
      said[who] += words;
      (who ? guest : python).write(words);
      const keys = 'k'.repeat(random.below(300)) + round;
      typed += keys;
      system.type(keys);
      for (let steps = random.below(60); steps > 0; steps--) system.simulator.step();
      system.page(random.below(5000));
    }
    system.settle();
    expect(byColour(system.screen)).toEqual(said);
    expect(text(python.got)).toBe(typed);
  },
);

test('a letter outside ASCII is never torn by a colour code', async () => {
  const { system, python } = await boot();
  const words = '€uro 😀 漢字 é '.repeat(1000);
  python.write(words);
  system.settle(3000);
  expect(byColour(system.screen)[0]).toBe(words);
  expect(system.screen).not.toContain('\ufffd');
});

test('typing to the other client and back', async () => {
  const { system, python, guest } = await boot();
  system.type('one\x1c1\rtwo\x1c0\rthree');
  system.settle();
  expect([text(python.got), text(guest.got)]).toEqual(['onethree', 'two']);
  expect(system.simulator.debug).toContain('VIRT_RX|LOG: switching to client 1\n');
});

test('a client that breaks its rings stalls only itself', async () => {
  const { system, python, guest } = await boot();
  const names = [...system.memory.regions.keys()].filter((name) => /queue\/serial_virt_.x\/fs_driver_vmm/.test(name));
  expect(names.length).toBe(2);
  const random = new Random(4);
  for (let round = 0; round < 200; round++) {
    for (const name of names) new Int32Array(system.memory.regions.get(name)!).set([random.next(), random.next()], 0);
    guest.env.kernel.notify(guest.env.channel('serial_tx'));
    guest.env.kernel.notify(guest.env.channel('serial_rx'));
    if (round % 20 === 0) system.type(round % 40 === 0 ? '\x1c1\rlost\x1c0\r' : 'kept');
    python.write('.');
    system.settle();
  }
  expect(byColour(system.screen)[0]).toBe('.'.repeat(200));
  expect(text(python.got)).toBe('kept'.repeat(5));
});

test('idle is idle: once everything has drained nobody is signalled and nothing is due', async () => {
  const { system, python, guest } = await boot();
  python.write('a'.repeat(50_000));
  guest.write('b'.repeat(50_000));
  system.type('c'.repeat(20_000));
  system.settle(1000);
  const before = system.notifications();
  system.settle();
  system.page();
  system.simulator.advance(system.simulator.nowNs + 60e9);
  expect([system.notifications() - before, system.simulator.nowNs]).toEqual([0, 60e9]);
});

test('one line costs each domain one notification', async () => {
  const { system, python } = await boot();
  const names = ['serial_virt_tx', 'uart_driver', 'micropython'];
  python.write('warm\n');
  system.settle();
  const before = names.map((name) => system.notifications(name));
  python.output.write(new TextEncoder().encode('a line of text\n'));
  python.env.kernel.notify(python.env.channel('serial_tx'));
  system.settle();
  expect(names.map((name, i) => system.notifications(name) - before[i]!)).toEqual([1, 1, 0]);
});

test('Ctrl-C reaches the client while its output is stuck', async () => {
  const { system, python } = await boot();
  python.write('x'.repeat(200_000));
  system.simulator.settle();
  system.type('\x03');
  system.simulator.settle();
  expect(python.got).toEqual([3]);
  expect(python.unsent).toBeGreaterThan(100_000);
});

test('the timer wakes its client when asked, and time passes only then', async () => {
  const { system, python } = await boot();
  const { kernel } = python.env;
  const timer = python.env.channel('timer');
  const now = () => kernel.ppcall(timer, { label: 0, words: [] }).words[0]!;
  const wakes: number[] = [];
  const domain = system.simulator.domains.get('micropython')!;
  domain.enter(() => {
    for (const ns of [1000, 5_000_000, 0, 2e9]) {
      const start = now();
      kernel.ppcall(timer, { label: 1, words: [ns] });
      expect(kernel.wait(1 << timer)).toBe(1 << timer);
      wakes.push(now() - start - ns);
    }
  });
  for (const late of wakes) expect(late >= 0 && late < 16).toBe(true);
  expect(domain.words[CONTROL.BITS]).toBe(0);
});
