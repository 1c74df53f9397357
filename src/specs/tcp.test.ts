/** Second reading of RFC 9293 section 3.1 and RFC 7323: segments written out as digits. */
import { expect, test } from 'vitest';
import { readTcp, seqAtMost, seqBefore, seqDistance, TCP_FLAG, writeSynOptions } from './tcp';

const viewOf = (hex: string) => new DataView(Uint8Array.from(Buffer.from(hex.replace(/\s+/g, ''), 'hex')).buffer);

const SYN = `c0 00 00 50  12 34 56 78  00 00 00 00  70 02 ff ff  ab cd 00 00
  02 04 05 b4  01 03 03 07`;

test('a SYN with MSS 1460 and window scale 7', () => {
  expect(readTcp(viewOf(SYN), 0, 28)).toEqual({
    sourcePort: 0xc000,
    destinationPort: 80,
    sequence: 0x1234_5678,
    acknowledgment: 0,
    flags: TCP_FLAG.SYN,
    window: 0xffff,
    at: 28,
    length: 0,
    mss: 1460,
    windowScale: 7,
  });
});

test('flags are the bits of RFC 9293', () => {
  expect(TCP_FLAG).toEqual({ FIN: 0x01, SYN: 0x02, RST: 0x04, PSH: 0x08, ACK: 0x10, URG: 0x20 });
});

test('data follows the options; options of other segments are not read', () => {
  const segment = readTcp(viewOf(`${SYN.replace('70 02', '70 18')} 61 62 63`), 0, 31)!;
  expect(segment).toMatchObject({ at: 28, length: 3, flags: 0x18, mss: undefined, windowScale: undefined });
});

test.each([
  ['a length of 0', '02 00 05 b4 01 03 03 07', undefined, undefined],
  ['an option that runs over the end', '01 01 01 01 01 01 02 04', undefined, undefined],
  ['a kind without a length', '01 01 01 01 01 01 01 02', undefined, undefined],
  ['an MSS of the wrong size', '02 03 05 03 03 07 00 00', undefined, 7],
  ['an end before an option', '00 02 04 05 b4 03 03 07', undefined, undefined],
  ['a shift above 14', '03 03 0f 02 04 02 18 00', 536, 14],
  ['an unknown option between', '04 02 02 04 05 b4 00 00', 1460, undefined],
])('options with %s', (_, options, mss, windowScale) => {
  const text = SYN.split('\n')[0] + options;
  expect(readTcp(viewOf(text), 0, 28)).toMatchObject({ mss, windowScale });
});

test.each([
  ['shorter than a header', SYN, 19],
  ['with a data offset below five words', SYN.replace('70 02', '40 02'), 28],
  ['with a data offset beyond its end', SYN.replace('70 02', '80 02'), 28],
])('a segment %s is none', (_, hex, length) => {
  expect(readTcp(viewOf(hex), 0, length)).toBeUndefined();
});

test('options as written are those of the digits above', () => {
  const view = new DataView(new ArrayBuffer(8));
  writeSynOptions(view, 0, 1460, 7);
  expect(Buffer.from(view.buffer).toString('hex')).toBe('020405b401030307');
  writeSynOptions(view, 0, 536, undefined);
  expect(Buffer.from(view.buffer).toString('hex')).toBe('0204021801010101');
});

test('sequence numbers wrap', () => {
  expect([seqBefore(0xffff_ffff, 0), seqBefore(0, 0xffff_ffff), seqBefore(5, 5)]).toEqual([true, false, false]);
  expect([seqAtMost(5, 5), seqAtMost(0xffff_fff0, 0x10), seqAtMost(6, 5)]).toEqual([true, true, false]);
  expect(seqDistance(0x10, 0xffff_fff0)).toBe(0x20);
});
