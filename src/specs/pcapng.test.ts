/** Second reading of draft-ietf-opsawg-pcapng section 4: blocks written out as digits. */
import { expect, test } from 'vitest';
import { pcapngInterface, pcapngPacket, pcapngSectionHeader } from './pcapng';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const digits = (text: string) => text.replace(/\s+/g, '');

test('a section begins with the byte-order magic, version 1.0 and an unknown length', () => {
  expect(hex(pcapngSectionHeader())).toBe(digits('0a0d0d0a 1c000000 4d3c2b1a 0100 0000 ffffffffffffffff 1c000000'));
});

test('an interface has its name and counts nanoseconds', () => {
  expect(hex(pcapngInterface('lan00'))).toBe(
    digits('01000000 2c000000 0100 0000 00000000 0200 0500 6c616e3030 000000 0900 0100 09 000000 00000000 2c000000'),
  );
});

test('a packet has its time in two halves, both lengths, and is filled up to four bytes', () => {
  expect(hex(pcapngPacket(1, 0x1234_5678_9abc_def0n, Uint8Array.of(1, 2, 3, 4, 5), 64))).toBe(
    digits('06000000 28000000 01000000 78563412 f0debc9a 05000000 40000000 0102030405 000000 28000000'),
  );
});
