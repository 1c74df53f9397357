import { describe, expect, test } from 'vitest';
import { Interrupted } from '../../src/libfs/errors';
import { region } from '../../src/protocol/region';
import { SerialQueue } from '../../src/protocol/serial_queue';
import { ByteFifo } from './byte_fifo';
import { Terminal } from './terminal';

function setup(onWait: (tx: SerialQueue) => number) {
  const rx = new SerialQueue(region('rx', 0x1000), region('rx_data', 0x1_0000));
  const txQueue = region('tx', 0x1000);
  const tx = new SerialQueue(txQueue, region('tx_data', 0x1_0000), 64);
  const signals: number[] = [];
  const kernel = { notify: (ch: number) => signals.push(ch), wait: () => onWait(tx) };
  const terminal = new Terminal(kernel as never, { rx, tx, rxChannel: 0, txChannel: 1 });
  return { terminal, rx, tx, txQueue, signals };
}

const bytes = (text: string) => new TextEncoder().encode(text);

describe('Terminal', () => {
  test('a program whose output is blocked is interrupted; the client itself, printing, is not', () => {
    const { terminal, rx, tx } = setup((queue) => {
      queue.read();
      return 2;
    });
    rx.write(bytes('ab\x03c'));
    terminal.print('x'.repeat(200));
    terminal.running = true;
    expect(() => terminal.print('y'.repeat(200))).toThrow(Interrupted);
    expect(terminal.key()).toBe('c'.charCodeAt(0));
    terminal.flush();
    expect(tx.length).toBeGreaterThan(0);
  });

  test('output is sent at the end of a line, when much has gathered, and before waiting', () => {
    const { terminal, tx, signals } = setup(() => 1);
    terminal.write(bytes('prompt'));
    expect(tx.length).toBe(0);
    terminal.write(bytes('\n'));
    expect(new TextDecoder().decode(tx.read())).toBe('prompt\r\n');
    terminal.write(bytes('? '));
    terminal.block(4);
    expect(new TextDecoder().decode(tx.read())).toBe('? ');
    expect(signals).toEqual([1, 1]);
  });

  test('a line end that has its carriage return gets no second one', () => {
    const { terminal, tx } = setup(() => 1);
    terminal.write(bytes('a\r'));
    terminal.write(bytes('\nb\n'));
    expect(new TextDecoder().decode(tx.read())).toBe('a\r\nb\r\n');
  });

  test('a broken output queue loses output and nothing else', () => {
    const { terminal, txQueue } = setup(() => {
      throw new Error('nobody will ever signal');
    });
    txQueue.words[1] = 5;
    terminal.print('lost');
    expect(terminal.quiet).toBe(true);
  });
});

test('a fifo of bytes grows, wraps and finds', () => {
  const fifo = new ByteFifo();
  const seen: number[] = [];
  for (let i = 0; i < 100; i++) {
    fifo.push(Uint8Array.from({ length: 37 }, (_, j) => (i * 37 + j) & 255));
    for (let j = 0; j < 30; j++) seen.push(fifo.shift()!);
  }
  expect(seen).toEqual(Array.from({ length: 3000 }, (_, i) => i & 255));
  expect(fifo.length).toBe(700);
  expect(fifo.indexOf((3000 + 300) & 255, 299)).toBe(300);
  expect(fifo.indexOf(3000 & 255, 600)).toBe(-1);
  fifo.drop(700);
  expect(fifo.shift()).toBeUndefined();
});
