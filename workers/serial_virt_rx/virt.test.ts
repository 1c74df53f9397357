import { expect, test } from 'vitest';
import { FakeKernel } from '../../src/libmicrokit/testing/fake_kernel';
import { region } from '../../src/protocol/region';
import { SerialQueue } from '../../src/protocol/serial_queue';
import { SerialVirtRx } from './virt';

const DRIVER = 0;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

function setup(clientCount = 2, size = 64) {
  const kernel = new FakeKernel();
  const pair = (bytes: number) => {
    const at = [region('queue', 0x1000), region('data', bytes)] as const;
    return { at, virt: new SerialQueue(...at), theirs: new SerialQueue(...at) };
  };
  const driver = pair(0x1_0000);
  const clients = Array.from({ length: clientCount }, () => pair(size));
  const virt = new SerialVirtRx(
    kernel,
    { ch: DRIVER, queue: driver.virt },
    clients.map(({ virt: queue }, i) => ({ ch: i + 1, queue })),
    { switchChar: 28, terminateNumChar: 13 },
  );
  const type = (keys: string) => {
    driver.theirs.write(encoder.encode(keys));
    virt.notified();
  };
  /** What a client reads; it answers a request for a signal. */
  const read = (client: number, max?: number) => {
    const bytes = clients[client]!.theirs.read(max);
    if (bytes.length > 0 && clients[client]!.theirs.takeProducerSignal()) virt.notified();
    return decoder.decode(bytes);
  };
  return { kernel, virt, driver, clients, type, read };
}

const SWITCH = '\x1c';
const log = (text: string) => `VIRT_RX|LOG: ${text}\n`;

test('keys go to client 0, which is told once per batch', () => {
  const { kernel, type, read } = setup();
  type('hello');
  expect([read(0), read(1)]).toEqual(['hello', '']);
  expect(kernel.notifications.filter((ch) => ch !== DRIVER)).toEqual([1]);
});

test('the escape, a number and Enter switch to another client, in the middle of a batch', () => {
  const { kernel, type, read } = setup();
  type(`one${SWITCH}1\rtwo${SWITCH}0\rthree`);
  expect([read(0), read(1)]).toEqual(['onethree', 'two']);
  expect(kernel.printed).toBe(log('switching to client 1') + log('switching to client 0'));
});

test('the escape may arrive key by key', () => {
  const { type, read } = setup();
  for (const key of `a${SWITCH}1\rb`) type(key);
  expect([read(0), read(1)]).toEqual(['a', 'b']);
});

test('the escape twice is the character itself', () => {
  const { kernel, type, read } = setup();
  type(`a${SWITCH}${SWITCH}b`);
  expect([read(0), kernel.printed]).toEqual(['a\x1cb', '']);
});

test('many digits: leading zeros count, and the largest number is 9999', () => {
  const { kernel, type, read } = setup(12);
  type(`${SWITCH}0011\rx${SWITCH}9999\ry`);
  expect([read(11), read(0)]).toEqual(['xy', '']);
  expect(kernel.printed).toBe(
    log('switching to client 11') + log('User requested to switch to an invalid client 9999'),
  );
});

test.each([
  [`${SWITCH}x`, 'User entered an invalid digit x'],
  [`${SWITCH}\r`, 'User entered an invalid digit \r'],
  [`${SWITCH}2\r`, 'User requested to switch to an invalid client 2'],
  [`${SWITCH}1x`, 'User entered too many (2 < 4) or invalid digit (x)'],
  [`${SWITCH}12345`, 'User entered too many (5 < 4) or invalid digit (5)'],
  [`${SWITCH}1${SWITCH}`, 'User entered too many (2 < 4) or invalid digit (\x1c)'],
])('%j is no switch: it is logged, dropped, and typing goes on', (keys, complaint) => {
  const { kernel, type, read } = setup();
  type(`a${keys}b`);
  expect([read(0), read(1), kernel.printed]).toEqual(['ab', '', log(complaint)]);
});

test('what a client has no room for waits, and comes when it reads', () => {
  const { kernel, driver, type, read } = setup();
  const keys = Array.from({ length: 1000 }, (_, i) => 'abcdefghij'[i % 10]).join('');
  type(keys);
  expect(driver.theirs.length).toBe(1000 - 64);
  let got = '';
  for (let part = read(0, 10); part !== ''; part = read(0, 10)) got += part;
  expect([got, driver.theirs.length]).toEqual([keys, 0]);
  expect(kernel.printed).toBe('');
});

test('a driver that waits for room is told when its queue has some, not while the client holds everything up', () => {
  const { kernel, driver, type, read } = setup();
  type('a'.repeat(64 + 0x1_0000 - 64));
  driver.theirs.write(encoder.encode('b'.repeat(64)));
  driver.theirs.requestProducerSignal();
  kernel.taken();
  type('');
  expect([driver.theirs.free, kernel.taken()]).toEqual([0, []]);
  read(0);
  expect(kernel.taken()).toContain(DRIVER);
});

test('room that a client made just before it was asked for a signal is used', () => {
  const { clients, type, read } = setup();
  type('a'.repeat(64));
  const { virt, theirs } = clients[0]!;
  const request = virt.requestProducerSignal.bind(virt);
  virt.requestProducerSignal = () => {
    theirs.read();
    request();
  };
  type('b');
  expect(read(0)).toBe('b');
});

test('a switch behind input that waits comes in its order', () => {
  const { type, read } = setup();
  type(`${'a'.repeat(100)}${SWITCH}1\rb`);
  expect([read(1), read(0)]).toEqual(['', 'a'.repeat(64)]);
  expect([read(0), read(1)]).toEqual(['a'.repeat(36), 'b']);
});

test.each([
  ['its head jumps', [0, 9]],
  ['its tail jumps', [0x8000_0000 | 0, 0]],
] as const)(
  'input for a client that broke its queue (%s) is dropped, and one can switch away from it',
  (_, [tail, head]) => {
    const { clients, type, read } = setup();
    clients[0]!.at[0].words.set([tail, head]);
    type(`${'a'.repeat(500)}${SWITCH}1\rhello`);
    expect(read(1)).toBe('hello');
  },
);

test('with nothing typed nobody is told anything', () => {
  const { kernel, virt, driver } = setup();
  driver.theirs.takeProducerSignal();
  for (let i = 0; i < 3; i++) virt.notified();
  expect(kernel.taken()).toEqual([]);
});
