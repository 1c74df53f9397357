import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decode } from './decode';
import {
  ARP_REQUEST,
  DHCP_REQUEST,
  DNS_ANSWER,
  HTTP_GET,
  PING,
  PORT_UNREACHABLE,
  TCP_SYN,
} from './testing/sample_frames';

const ALL = [ARP_REQUEST, TCP_SYN, HTTP_GET, DNS_ANSWER, PING, PORT_UNREACHABLE, DHCP_REQUEST];
const changed = (frame: Uint8Array, at: number, ...values: number[]) => {
  const copy = frame.slice();
  copy.set(values, at);
  return copy;
};
const fields = (frame: Uint8Array, layer: string) =>
  decode(frame)
    .layers.find(({ name }) => name === layer)!
    .fields.map(({ label, value, at, length }) => `${at}+${length} ${label}: ${value}`);

describe('one line of each', () => {
  test.each<[Uint8Array, string, string, string, string]>([
    [ARP_REQUEST, 'ARP', '10.0.2.15', '10.0.2.2', 'ARP who has 10.0.2.2, tell 10.0.2.15'],
    [changed(ARP_REQUEST, 21, 2), 'ARP', '10.0.2.15', '10.0.2.2', 'ARP 10.0.2.15 is at 52:54:01:00:00:01'],
    [TCP_SYN, 'TCP', '10.0.2.15', '10.0.2.2', 'TCP 49152 > 80 [SYN] seq 0 win 65535'],
    [HTTP_GET, 'HTTP', '10.0.2.15', '10.0.2.2', 'HTTP GET /a HTTP/1.0'],
    [DNS_ANSWER, 'DNS', '10.0.2.3', '10.0.2.15', 'DNS A www.gateway: gateway, 10.0.2.2'],
    [PING, 'ICMP', '10.0.2.15', '10.0.2.2', 'Echo request id 7 seq 9'],
    [PORT_UNREACHABLE, 'ICMP', '10.0.2.2', '10.0.2.15', 'Destination unreachable: port'],
    [DHCP_REQUEST, 'DHCP', '0.0.0.0', '255.255.255.255', 'DHCP Request 10.0.2.15'],
    [changed(ARP_REQUEST, 12, 0x86, 0xdd), 'Ethernet', '52:54:01:00:00:01', 'ff:ff:ff:ff:ff:ff', 'Type 0x86dd'],
  ])('%#', (frame, protocol, source, destination, info) => {
    const packet = decode(frame);
    expect(packet.wrongs).toEqual([]);
    expect([packet.protocol, packet.source, packet.destination, packet.info]).toEqual([
      protocol,
      source,
      destination,
      info,
    ]);
  });

  test('what filters ask for', () => {
    const { hosts, ports, text } = decode(DNS_ANSWER);
    expect([...hosts].sort()).toEqual(['10.0.2.15', '10.0.2.3', '52:54:01:00:00:01', '52:55:0a:00:02:02']);
    expect([...ports]).toEqual([53, 49153]);
    expect(text).toBe('ethernet ipv4 udp dns 10.0.2.3 10.0.2.15 dns a www.gateway: gateway, 10.0.2.2');
  });
});

describe('fields', () => {
  test('of TCP, with options', () => {
    expect(fields(TCP_SYN, 'TCP')).toEqual([
      '34+2 Source port: 49152',
      '36+2 Destination port: 80',
      '38+4 Sequence: 0',
      '42+4 Acknowledgment: 0',
      '46+1 Header length: 28 bytes',
      '47+1 Flags: SYN',
      '48+2 Window: 65535',
      '50+2 Checksum: 0xabbc',
      '52+2 Urgent pointer: 0',
      '54+4 Maximum segment size: 1460',
      '58+1 Option: no operation',
      '59+3 Window scale: 2',
    ]);
  });

  test('of IPv4, and the padding behind it', () => {
    expect(fields(PING, 'IPv4')).toEqual([
      '14+1 Version and header length: 4, 20 bytes',
      '15+1 Type of service: 0x00',
      '16+2 Total length: 31',
      '18+2 Identification: 0x0001',
      "20+2 Flags and offset: don't fragment, offset 0",
      '22+1 Time to live: 64',
      '23+1 Protocol: ICMP',
      '24+2 Checksum: 0x22cd',
      '26+4 Source: 10.0.2.15',
      '30+4 Destination: 10.0.2.2',
    ]);
    expect(fields(PING, 'Padding')).toEqual([expect.stringMatching(/^45\+15 Bytes: 00 00/)]);
  });

  test('of DHCP: options with their code and length', () => {
    expect(fields(DHCP_REQUEST, 'DHCP').slice(15)).toEqual([
      '282+3 Message type: Request',
      '285+6 Requested address: 10.0.2.15',
      '291+5 Parameters asked for: 1, 3, 6',
      '296+1 End of options: ',
    ]);
  });

  test('of DNS: names that point elsewhere', () => {
    expect(fields(DNS_ANSWER, 'DNS').slice(6)).toEqual([
      '54+17 Question: A www.gateway',
      '71+14 Answer: CNAME www.gateway: gateway, 60 s',
      '85+16 Answer: A gateway: 10.0.2.2, 60 s',
    ]);
  });

  test('of HTTP: the first line and what follows', () => {
    expect(fields(HTTP_GET, 'HTTP')).toEqual([
      '54+15 First line: GET /a HTTP/1.0',
      expect.stringMatching(/^69\+13 Rest: 0d 0a 48 6f/),
    ]);
  });
});

describe('what is wrong is said at its field', () => {
  test.each<[string, Uint8Array, string, string]>([
    ['a header cut off', TCP_SYN.subarray(0, 10), 'Source', 'Ethernet ends inside "Source": 4 of 6 bytes are there'],
    [
      'IPv6 in an IPv4 frame',
      changed(PING, 14, 0x65),
      'Version and header length',
      'IP version 6 in a frame of type IPv4',
    ],
    [
      'a header of 16 bytes',
      changed(PING, 14, 0x44),
      'Version and header length',
      'A header of 16 bytes: there are 46, and 20 are the least',
    ],
    ['less than its header', changed(PING, 16, 0, 19), 'Total length', '19 bytes are less than the header'],
    ['more than the frame', changed(TCP_SYN, 16, 0, 49), 'Total length', '49 bytes, of which the frame has 48'],
    ['a checksum of IP', changed(PING, 24, 0, 0), 'Checksum', 'it should be 0x22cd'],
    ['a checksum of TCP', changed(TCP_SYN, 50, 1, 2), 'Checksum', 'it should be 0xabbc'],
    ['a checksum of UDP', changed(DNS_ANSWER, 40, 9, 9), 'Checksum', 'it should be 0x3061'],
    ['a checksum of ICMP', changed(PING, 36, 9, 9), 'Checksum', 'it should be 0x338d'],
    [
      'a TCP header too long',
      changed(TCP_SYN, 46, 0xf0),
      'Header length',
      'A header of 60 bytes: there are 28, and 20 are the least',
    ],
    [
      'a TCP option too long',
      changed(TCP_SYN, 55, 9),
      'Maximum segment size',
      'An option of 9 bytes where there are 8',
    ],
    ['a UDP length too long', changed(DNS_ANSWER, 38, 1, 0), 'Length', '256 bytes with header, of which 67 are there'],
    ['a name in circles', changed(DNS_ANSWER, 71, 0xc0, 29), 'Name', 'A name runs in circles'],
    ['a label too long', changed(DNS_ANSWER, 54, 64), 'Name', 'A label of 64 bytes: 63 are the most'],
    ['no DHCP', changed(DHCP_REQUEST, 278, 1), 'Magic cookie', 'it should be 0x63825363'],
    [
      'a DHCP option over the end',
      changed(DHCP_REQUEST, 292, 99),
      'Parameters asked for',
      'DHCP ends inside "Parameters asked for": 6 of 101 bytes are there',
    ],
    ['ARP of other sizes', changed(ARP_REQUEST, 19, 16), 'Protocol size', 'Protocol size is 16, not 4'],
  ])('%s', (_, frame, label, why) => {
    const packet = decode(frame);
    const wrong = packet.layers.flatMap((layer) => layer.fields).filter((field) => field.wrong !== undefined);
    expect(wrong.map((field) => [field.label, field.wrong])).toContainEqual([label, why]);
    expect(packet.wrongs).toContain(why);
  });

  test('a fragment is not taken for a message of its own', () => {
    expect(decode(changed(DNS_ANSWER, 20, 0x20, 0)).info).toBe('Fragment of UDP: more fragments, offset 0');
  });
});

test('any bytes: no exception, a line, and fields inside the frame', () => {
  const anything = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc
      .tuple(fc.constantFrom(...ALL), fc.array(fc.tuple(fc.nat(320), fc.nat(255)), { maxLength: 6 }), fc.nat(320))
      .map(([frame, changes, length]) => {
        const copy = frame.slice(0, Math.max(1, length));
        for (const [at, value] of changes) copy[at % copy.length] = value;
        return copy;
      }),
  );
  fc.assert(
    fc.property(anything, (frame) => {
      const packet = decode(frame);
      expect(packet.info).not.toBe('');
      for (const { at, length } of packet.layers.flatMap((layer) => layer.fields))
        expect(at >= 0 && length >= 0 && at + length <= frame.length).toBe(true);
    }),
    { numRuns: 2000, seed: 5 },
  );
});
