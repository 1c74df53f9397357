/** Second reading of RFC 791, 826, 792, 768 and 1071: packets written out as digits. */
import { expect, test } from 'vitest';
import { ARP, ARP_SIZE } from './arp';
import { ETHERNET, ETHERNET_HEADER_SIZE, formatMac, parseMac } from './ethernet';
import { ICMP } from './icmp';
import {
  checksumOf,
  formatIpv4,
  IPV4,
  inSum,
  isLoopback,
  isMulticast,
  onesSum,
  parseIpv4,
  pseudoHeaderSum,
} from './ipv4';
import { UDP } from './udp';

/** Bytes at an offset of a buffer whose length is even, as the checksum reads them. */
function packet(hex: string) {
  const digits = hex.replace(/\s+/g, '');
  const bytes = new Uint8Array(digits.length / 2 + (digits.length % 4) / 2);
  for (let i = 0; i < digits.length / 2; i++) bytes[i] = Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16);
  return { bytes, halves: new Uint16Array(bytes.buffer), view: new DataView(bytes.buffer) };
}

/** "Who has 10.0.2.2? Tell 10.0.2.15" on Ethernet, as RFC 826 lays it out. */
const ARP_FRAME = packet(`ff ff ff ff ff ff  52 54 01 00 00 07  08 06
  00 01  08 00  06  04  00 01  52 54 01 00 00 07  0a 00 02 0f  00 00 00 00 00 00  0a 00 02 02`);

test('an ARP request on Ethernet has its fields where RFC 826 puts them', () => {
  const { view, bytes } = ARP_FRAME;
  const at = ETHERNET_HEADER_SIZE;
  expect(bytes.length).toBe(at + ARP_SIZE);
  expect(formatMac(bytes.subarray(ETHERNET.source, ETHERNET.source + 6))).toBe('52:54:01:00:00:07');
  expect(formatMac(bytes.subarray(ETHERNET.destination, 6))).toBe('ff:ff:ff:ff:ff:ff');
  expect(view.getUint16(ETHERNET.type)).toBe(0x0806);
  expect([view.getUint16(at + ARP.hardware), view.getUint16(at + ARP.protocol)]).toEqual([1, 0x0800]);
  expect([bytes[at + ARP.hardwareLength], bytes[at + ARP.protocolLength]]).toEqual([6, 4]);
  expect(view.getUint16(at + ARP.operation)).toBe(1);
  expect(formatMac(bytes.subarray(at + ARP.senderMac, at + ARP.senderMac + 6))).toBe('52:54:01:00:00:07');
  expect(formatIpv4(view.getUint32(at + ARP.senderIp))).toBe('10.0.2.15');
  expect(formatMac(bytes.subarray(at + ARP.targetMac, at + ARP.targetMac + 6))).toBe('00:00:00:00:00:00');
  expect(formatIpv4(view.getUint32(at + ARP.targetIp))).toBe('10.0.2.2');
});

/** A UDP datagram's IP header with every field different; the checksum b861 is that of many textbooks. */
const HEADER = packet('45 00 00 73 00 00 40 00 40 11 b8 61 c0 a8 00 01 c0 a8 00 c7');

test('an IPv4 header has its fields where RFC 791 puts them, and its checksum is right', () => {
  const { view, halves } = HEADER;
  expect([view.getUint8(IPV4.versionAndLength), view.getUint8(IPV4.typeOfService)]).toEqual([0x45, 0]);
  expect(view.getUint16(IPV4.totalLength)).toBe(0x73);
  expect([view.getUint16(IPV4.identification), view.getUint16(IPV4.flagsAndOffset)]).toEqual([0, 0x4000]);
  expect([view.getUint8(IPV4.timeToLive), view.getUint8(IPV4.protocol)]).toEqual([64, 17]);
  expect(view.getUint16(IPV4.checksum)).toBe(0xb861);
  expect(formatIpv4(view.getUint32(IPV4.source))).toBe('192.168.0.1');
  expect(formatIpv4(view.getUint32(IPV4.destination))).toBe('192.168.0.199');
  expect(checksumOf(onesSum(halves, 0, 20))).toBe(0);
});

test('the checksum of RFC 1071 section 3', () => {
  const { halves } = packet('00 01 f2 03 f4 f5 f6 f7');
  expect(checksumOf(onesSum(halves, 0, 8))).toBe(0xffff - 0xddf2);
  expect(checksumOf(onesSum(halves, 2, 6) + inSum(1))).toBe(0xffff - 0xddf2);
});

test('an odd last byte is the first of a pair; what follows it does not count', () => {
  const { halves } = packet('12 34 56 78');
  expect(checksumOf(onesSum(halves, 0, 3))).toBe(0xffff - (0x1234 + 0x5600));
});

test('the largest sum of a datagram does not overflow', () => {
  const halves = new Uint16Array(32768).fill(0xffff);
  expect(checksumOf(onesSum(halves, 0, 65534))).toBe(0);
});

test('UDP with its pseudo header: 192.0.2.1:4660 to 198.51.100.2:53, 3 bytes', () => {
  // The words that RFC 768 sums: pseudo header, header, data with a zero byte at its end.
  const { halves, view } = packet('12 34 00 35 00 0b 00 00 68 69 21');
  const words = [0xc000, 0x0201, 0xc633, 0x6402, 0x0011, 0x000b, 0x1234, 0x0035, 0x000b, 0x6869, 0x2100];
  const total = words.reduce((sum, word) => sum + word, 0);
  const folded = (total & 0xffff) + (total >> 16);
  const pseudo = pseudoHeaderSum(parseIpv4('192.0.2.1')!, parseIpv4('198.51.100.2')!, 17, 11);
  expect(checksumOf(onesSum(halves, 0, 11) + pseudo)).toBe(0xffff - folded);
  expect([view.getUint16(UDP.sourcePort), view.getUint16(UDP.destinationPort)]).toEqual([0x1234, 53]);
  expect([view.getUint16(UDP.length), view.getUint16(UDP.checksum)]).toEqual([11, 0]);
});

test('an echo has its fields where RFC 792 puts them', () => {
  const { view, halves } = packet('08 00 f7 fc 00 01 00 02');
  expect([ICMP.type, ICMP.code, ICMP.checksum, ICMP.identifier, ICMP.sequence]).toEqual([0, 1, 2, 4, 6]);
  expect(view.getUint16(ICMP.checksum)).toBe(0xf7fc);
  expect(checksumOf(onesSum(halves, 0, 8))).toBe(0);
});

test('addresses as text and back; what is no address is refused', () => {
  expect(parseIpv4('10.0.2.15')).toBe(0x0a00_020f);
  expect(parseIpv4('255.255.255.255')).toBe(0xffff_ffff);
  expect(formatIpv4(0xffff_ffff)).toBe('255.255.255.255');
  for (const text of ['', '1.2.3', '1.2.3.256', '1.2.3.4.5', '1.2.3.x', ' 1.2.3.4', '1..2.3'])
    expect(parseIpv4(text), text).toBeUndefined();
  expect([...parseMac('52:55:0A:00:02:02')!]).toEqual([0x52, 0x55, 10, 0, 2, 2]);
  for (const text of ['', '52:55:0a:00:02', '52-55-0a-00-02-02', '52:55:0a:00:02:0g'])
    expect(parseMac(text), text).toBeUndefined();
});

test('loopback is 127/8, multicast 224/4', () => {
  const kinds = (text: string) => [isLoopback(parseIpv4(text)!), isMulticast(parseIpv4(text)!)];
  expect(kinds('127.255.0.1')).toEqual([true, false]);
  expect(kinds('224.0.0.1')).toEqual([false, true]);
  expect(kinds('239.255.255.255')).toEqual([false, true]);
  expect(kinds('240.0.0.1')).toEqual([false, false]);
  expect(kinds('10.0.0.1')).toEqual([false, false]);
});
