import { expect, test } from 'vitest';
import { callPpc, MAX_WORDS, readMessage, servePpc, writeMessage } from './ppc';

const page = () => new SharedArrayBuffer(16 + 64 * 8);

test('state, label, count, then 64-bit words from byte 16', () => {
  const at = page();
  const answer = callPpc(at, { label: 3, words: [2 ** 40 + 1, 9] }, () => {
    const view = new DataView(at);
    expect([view.getInt32(0, true), view.getInt32(4, true), view.getInt32(8, true)]).toEqual([1, 3, 2]);
    expect([view.getBigUint64(16, true), view.getBigUint64(24, true)]).toEqual([2n ** 40n + 1n, 9n]);
    expect(servePpc(at, ({ label, words }) => ({ label: label + 1, words: [words[1]!] }))).toBe(true);
    expect(view.getInt32(0, true)).toBe(2);
  });
  expect(answer).toEqual({ label: 4, words: [9] });
  expect(new Int32Array(at)[0]).toBe(0);
});

test('a page without a call is not served', () => {
  expect(servePpc(page(), () => expect.unreachable())).toBe(false);
});

test('all 64 registers carry', () => {
  const at = page();
  const words = Array.from({ length: MAX_WORDS }, (_, i) => i * 2 ** 45);
  writeMessage(at, { label: 0, words });
  expect([MAX_WORDS, readMessage(at).words]).toEqual([64, words]);
});

test.each([65, -1, 2 ** 31 - 1])('a count of %d words that the peer wrote is none', (count) => {
  const at = page();
  writeMessage(at, { label: 1, words: [1, 2] });
  new Int32Array(at)[2] = count;
  expect(readMessage(at)).toEqual({ label: 1, words: [] });
});
