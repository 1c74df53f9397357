/** Second reading of RFC 2131 and 2132: an OFFER as QEMU's user network sends it, written out as digits. */
import { expect, test } from 'vitest';
import { DHCP_OPTION, type DhcpMessage, dhcpU32, readDhcp, readDhcpU32s, writeDhcp } from './dhcp';

const zeros = (n: number) => '00'.repeat(n);
const hex = (text: string) => Uint8Array.from(Buffer.from(text.replace(/\s+/g, ''), 'hex'));

const FIXED = `02 01 06 00  de ad be ef  00 03 80 00
  00 00 00 00  0a 00 02 0f  0a 00 02 02  00 00 00 00
  52 54 01 00 00 07 ${zeros(10)} ${zeros(64)} ${zeros(128)}`;
const OFFER = `${FIXED} 63 82 53 63
  35 01 02  36 04 0a 00 02 02  01 04 ff ff ff 00  33 04 00 01 51 80 ff`;

const message: DhcpMessage = {
  op: 2,
  xid: 0xdead_beef,
  secs: 3,
  flags: 0x8000,
  ciaddr: 0,
  yiaddr: 0x0a00_020f,
  siaddr: 0x0a00_0202,
  giaddr: 0,
  chaddr: hex('525401000007'),
  options: new Map([
    [53, Uint8Array.of(2)],
    [54, hex('0a000202')],
    [1, hex('ffffff00')],
    [51, hex('00015180')],
  ]),
};

test('an OFFER is read as the digits say', () => {
  expect(readDhcp(hex(OFFER))).toEqual(message);
});

test('an OFFER is written as those digits, filled up to 300 bytes', () => {
  const written = writeDhcp(message);
  expect(written.length).toBe(300);
  expect(Buffer.from(written).toString('hex')).toBe(Buffer.from(hex(OFFER)).toString('hex').padEnd(600, '0'));
});

test('option numbers are those of RFC 2132', () => {
  const { SUBNET_MASK, ROUTER, DNS, HOST_NAME, REQUESTED_ADDRESS, LEASE_TIME, MESSAGE_TYPE, SERVER_ID } = DHCP_OPTION;
  expect([SUBNET_MASK, ROUTER, DNS, HOST_NAME, REQUESTED_ADDRESS]).toEqual([1, 3, 6, 12, 50]);
  expect([LEASE_TIME, MESSAGE_TYPE, SERVER_ID]).toEqual([51, 53, 54]);
  const { PARAMETER_LIST, MAXIMUM_SIZE, RENEWAL_TIME, REBINDING_TIME } = DHCP_OPTION;
  expect([PARAMETER_LIST, MAXIMUM_SIZE, RENEWAL_TIME, REBINDING_TIME]).toEqual([55, 57, 58, 59]);
});

test('pads are skipped, a repeated option goes on, one that runs over the end is left out', () => {
  const options = readDhcp(hex(`${FIXED} 63 82 53 63  00 00 06 02 0a 00  06 02 02 03  0c 09 61 62`))!.options;
  expect([...options]).toEqual([[6, hex('0a000203')]]);
});

test('options in file and sname count when option 52 says so', () => {
  const fixed = FIXED.replace(zeros(64), `0c 01 68 ff ${zeros(60)}`).replace(zeros(128), `06 01 09 ff ${zeros(124)}`);
  const keys = (overload: string) => [
    ...readDhcp(hex(`${fixed} 63 82 53 63 34 01 ${overload} 35 01 05 ff`))!.options.keys(),
  ];
  expect(['00', '01', '02', '03'].map(keys)).toEqual([
    [52, 53],
    [52, 53, 6],
    [52, 53, 12],
    [52, 53, 6, 12],
  ]);
});

test.each([
  ['too short', FIXED],
  ['with another magic number', `${FIXED} 63 82 53 64 ff`],
  ['of another hardware', `${FIXED.replace('02 01 06', '02 06 06')} 63 82 53 63 ff`],
  ['with a hardware address of 8 bytes', `${FIXED.replace('02 01 06', '02 01 08')} 63 82 53 63 ff`],
])('what is %s is no message', (_, text) => {
  expect(readDhcp(hex(text))).toBeUndefined();
});

test('numbers in options', () => {
  expect(dhcpU32(0x0a00_0203, 86_400)).toEqual(hex('0a00020300015180'));
  expect(readDhcpU32s(hex('0a0002030001518099'))).toEqual([0x0a00_0203, 86_400]);
  expect(readDhcpU32s(undefined)).toEqual([]);
});
