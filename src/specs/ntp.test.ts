/** Second reading of RFC 5905 section 7.3 and figure 4 of its section 6: moments written out as digits. */
import { expect, test } from 'vitest';
import { ntpReply, readNtpTimestamp, writeNtpTimestamp } from './ntp';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

function timestamp(unixMs: number): string {
  const bytes = new Uint8Array(8);
  writeNtpTimestamp(new DataView(bytes.buffer), 0, unixMs);
  return hex(bytes);
}

test.each([
  // RFC 5905 figure 4: the first day of Unix, and the last of era 0.
  [Date.UTC(1970, 0, 1), 2_208_988_800, 0],
  [Date.UTC(1972, 0, 1), 2_272_060_800, 0],
  [Date.UTC(1999, 11, 31), 3_155_587_200, 0],
  [Date.UTC(2036, 1, 8), 63_104, 0],
  [500, 2_208_988_800, 0x8000_0000],
])('Unix time %d ms is second %d of its era', (unixMs, seconds, fraction) => {
  const digits = seconds.toString(16).padStart(8, '0') + fraction.toString(16).padStart(8, '0');
  expect(timestamp(unixMs)).toBe(digits);
  expect(readNtpTimestamp(new DataView(Uint8Array.from(Buffer.from(digits, 'hex')).buffer), 0)).toBe(unixMs);
});

test('a reply names the request by its transmit time, and keeps its version', () => {
  const request = new Uint8Array(48);
  request.set([0x1b, 0, 6]);
  request.fill(0xa5, 40, 48);
  expect(hex(ntpReply(request, 0, 500)!)).toBe(
    `1c0106f6${'00'.repeat(8)}4c4f434c83aa7e8000000000${'a5'.repeat(8)}83aa7e800000000083aa7e8080000000`,
  );
});

test('what is no request of a client gets no reply', () => {
  expect(ntpReply(new Uint8Array(47).fill(0x1b), 0, 0)).toBeUndefined();
  expect(ntpReply(new Uint8Array(48).fill(0x1c), 0, 0)).toBeUndefined();
});
