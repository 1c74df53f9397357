import { expect, test } from 'vitest';
import { Random } from '../../src/libmicrokit/random';
import { FakeKernel } from '../../src/libmicrokit/testing/fake_kernel';
import { region } from '../../src/protocol/region';
import { SerialQueue } from '../../src/protocol/serial_queue';
import { SerialVirtTx } from './virt';

const DRIVER = 0;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The virtualiser with a driver queue of `backlog` bytes and clients on channels 1, 2, ... */
function setup(names: readonly string[] = ['ann', 'bob'], backlog = 4096, colours = true) {
  const kernel = new FakeKernel();
  const pair = (size: number, limit?: number) => {
    const at = [region('queue', 0x1000), region('data', size)] as const;
    return { at, first: new SerialQueue(...at, limit), second: new SerialQueue(...at) };
  };
  const driver = pair(0x1_0000, backlog);
  const clients = names.map(() => pair(0x1_0000));
  const virt = new SerialVirtTx(
    kernel,
    { ch: DRIVER, queue: driver.first },
    clients.map(({ second }, i) => ({ name: names[i]!, ch: i + 1, queue: second })),
    { colours, beginString: 'Begin input\n' },
  );
  const line = driver.second;
  const say = (client: number, text: string | Uint8Array) => {
    const all = typeof text === 'string' ? encoder.encode(text) : text;
    expect(clients[client]!.first.write(all)).toBe(all.length);
    virt.notified(client + 1);
  };
  /** What the driver takes; it answers a request for a signal as the real one does. */
  const take = (max?: number) => {
    const bytes = line.read(max);
    if (bytes.length > 0 && line.takeProducerSignal()) virt.notified(DRIVER);
    return bytes;
  };
  const takeAll = (max?: number) => {
    const all: number[] = [];
    for (let bytes = take(max); bytes.length > 0; bytes = take(max)) all.push(...bytes);
    return Uint8Array.from(all);
  };
  return {
    kernel,
    virt,
    driver: driver.first,
    line,
    clients,
    say,
    take,
    takeAll,
    text: () => decoder.decode(takeAll()),
  };
}

const red = (text: string) => `\x1b[31m${text}\x1b[0m`;
const green = (text: string) => `\x1b[32m${text}\x1b[0m`;

test('starts with the raw begin string, without a NUL, and names its clients each in its colour', () => {
  const { kernel, virt, text } = setup(['micropython', 'fs_driver_vmm']);
  virt.init();
  expect(text()).toBe('Begin input\n');
  expect(kernel.printed).toBe(`${red("'micropython' is client 0\n")}${green("'fs_driver_vmm' is client 1\n")}`);
  expect(kernel.notifications).toEqual([DRIVER]);
});

test('each batch is wrapped in the colour of its client; the seventh client is red again', () => {
  const names = Array.from({ length: 7 }, (_, i) => `c${i}`);
  const { say, text } = setup(names);
  for (const i of names.keys()) say(i, `${i}`);
  expect(text()).toBe([31, 32, 33, 34, 35, 36, 31].map((colour, i) => `\x1b[${colour}m${i}\x1b[0m`).join(''));
});

test('without colours bytes pass as they are', () => {
  const { say, text } = setup(['ann'], 4096, false);
  say(0, 'plain');
  expect(text()).toBe('plain');
});

test('the driver is told of a batch, the client of room only if it asked', () => {
  const { kernel, say, clients } = setup();
  say(0, 'x');
  expect(kernel.taken()).toEqual([1, DRIVER]);
  say(0, 'x');
  expect(kernel.taken()).toEqual([DRIVER]);
  clients[0]!.first.requestProducerSignal();
  say(0, 'x');
  expect(kernel.taken()).toEqual([1, DRIVER]);
});

test('a notification without output does nothing at all', () => {
  const { kernel, virt, line } = setup();
  for (const ch of [0, 1, 2, 9]) virt.notified(ch);
  expect([kernel.taken(), line.length]).toEqual([[], 0]);
});

test('a backlog larger than the driver queue passes in parts, complete and in order', () => {
  const { say, takeAll } = setup(['ann'], 4096, false);
  const all = Uint8Array.from({ length: 0x1_0000 }, (_, i) => 0x20 + ((i * 7) % 91));
  say(0, all);
  expect(takeAll()).toEqual(all);
});

test('clients take turns when there is no room for all', () => {
  const { say, text } = setup(['ann', 'bob', 'cat'], 600);
  say(0, 'a'.repeat(3000));
  say(1, 'b'.repeat(3000));
  say(2, 'c'.repeat(3000));
  const order = [...text().matchAll(/\[3\dm([abc])/g)].map(([, letter]) => letter).join('');
  expect(order.slice(1, 10)).toBe('abcabcabc');
});

test('one that always has more to say does not starve another', () => {
  const { say, take, clients, virt } = setup(['loud', 'quiet'], 1024);
  say(0, 'a'.repeat(60_000));
  say(1, 'hello');
  let seen = '';
  for (let i = 0; i < 8 && !seen.includes('hello'); i++) {
    clients[0]!.first.write(encoder.encode('a'.repeat(1000)));
    virt.notified(1);
    seen += decoder.decode(take(512));
  }
  expect(seen).toContain('hello');
});

test('characters and escape sequences are not cut where the queue is full', () => {
  const { say, take, line } = setup(['ann'], 300);
  const words = Array.from({ length: 400 }, (_, i) => ['😀', '€', '\x1b[38;5;12m', 'é', 'x'][i % 5]).join('');
  say(0, words);
  const batches: string[] = [];
  while (line.length > 0) batches.push(new TextDecoder('utf-8', { fatal: true }).decode(take()));
  expect(batches.length).toBeGreaterThan(3);
  const codes = batches.flatMap((batch) => batch.split('\x1b').slice(1));
  for (const code of codes) expect(code).toMatch(/^\[(31m|0m|38;5;12m)/);
  expect(batches.map((batch) => batch.slice(5, -4)).join('')).toBe(words);
});

test('a client that stops in the middle of a character goes on with it, without codes in between', () => {
  const { say, text } = setup();
  const face = encoder.encode('😀');
  say(0, face.subarray(0, 1));
  say(0, face.subarray(1, 3));
  say(0, face.subarray(3));
  say(1, 'bob');
  expect(text()).toBe(red('😀') + green('bob'));
});

test('when another speaks in between, the open colour is closed first', () => {
  const { say, text } = setup();
  say(0, 'ann\x1b[');
  say(1, 'bob');
  say(0, '1mann');
  expect(text()).toBe(`\x1b[31mann\x1b[\x1b[0m${green('bob')}${red('1mann')}`);
});

test.each([1, 2, 3, 4, 5])('random talk of three clients arrives whole and in order for each, seed %d', (seed) => {
  const { say, clients, take } = setup(['ann', 'bob', 'cat'], 512);
  const random = new Random(seed);
  const said = ['', '', ''];
  let screen = '';
  for (let round = 0; round < 400; round++) {
    const who = random.below(3);
    const words = 'abc'[who]!.repeat(random.below(300));
    if (clients[who]!.first.free >= words.length) {
      said[who] += words;
      say(who, words);
    }
    screen += decoder.decode(take(random.below(400)));
  }
  for (let more = take(); more.length > 0; more = take()) screen += decoder.decode(more);
  for (const [who, letter] of ['a', 'b', 'c'].entries()) {
    expect(screen.replaceAll(new RegExp(`[^${letter}]`, 'g'), '')).toBe(said[who]);
    for (const [, text] of screen.matchAll(new RegExp(`\\x1b\\[3${who + 1}m([^\\x1b]*)\\x1b\\[0m`, 'g'))) {
      expect(text).toMatch(new RegExp(`^${letter}*$`));
    }
  }
});

test.each([
  ['its tail jumps ahead', [0x2_0000, 0]],
  ['its head jumps ahead', [0, 5]],
  ['everything is written over', [-1, 77]],
] as const)(
  'a client that breaks its queue (%s) stalls only itself, and is back when it is whole',
  (_, [tail, head]) => {
    const { kernel, say, clients, virt, line, text } = setup();
    const words = clients[0]!.at[0].words;
    words.set([tail, head]);
    line.takeProducerSignal();
    for (let i = 0; i < 5; i++) virt.notified(1);
    expect([kernel.taken(), line.takeProducerSignal()]).toEqual([[], false]);
    say(1, 'bob');
    expect(text()).toBe(green('bob'));
    words.set([0, 0]);
    say(0, 'ann');
    expect(text()).toBe(red('ann'));
  },
);

test('a queue that breaks while its output waits is forgotten, and the others go on', () => {
  const { clients, say, takeAll } = setup(['ann', 'bob'], 512);
  say(0, 'a'.repeat(2000));
  say(1, 'b'.repeat(2000));
  clients[0]!.at[0].words[0] = 0x7fff_ffff;
  const seen = decoder.decode(takeAll());
  expect(seen.replaceAll(/[^b]/g, '')).toBe('b'.repeat(2000));
});

test('space that the driver freed just before it was asked for a signal is used', () => {
  const { say, driver, line, takeAll } = setup(['ann'], 512, false);
  say(0, 'a'.repeat(512));
  const request = driver.requestProducerSignal.bind(driver);
  driver.requestProducerSignal = () => {
    line.read();
    request();
  };
  say(0, 'b'.repeat(100));
  expect(decoder.decode(takeAll())).toBe('b'.repeat(100));
});

test('space that comes in drops is not filled with colour codes', () => {
  const { say, takeAll } = setup(['ann'], 1024);
  say(0, 'a'.repeat(20_000));
  const seen = decoder.decode(takeAll(16));
  expect(seen.replaceAll(/[^a]/g, '').length).toBe(20_000);
  expect(seen.split('\x1b[31m').length).toBeLessThan(20_000 / 200);
});

test('when all is sent nobody is told anything any more', () => {
  const { kernel, say, takeAll, virt, line } = setup(['ann'], 512);
  say(0, 'a'.repeat(5000));
  takeAll();
  kernel.taken();
  line.takeProducerSignal();
  virt.notified(DRIVER);
  expect([kernel.taken(), line.takeProducerSignal()]).toEqual([[], false]);
});
