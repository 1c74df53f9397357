/** The lan's services as a client's stack sees them. */
import { describe, expect, test } from 'vitest';
import { DNS_TYPE } from '../../src/specs/dns';
import { formatIpv4 } from '../../src/specs/ipv4';
import { HOST, ip, latin1, Neighbour, NOON, ok, text } from './testing/neighbour';

describe('addresses', () => {
  test('DHCP gives what QEMU gives, in four packets', () => {
    const { client, heard } = Neighbour.attached();
    expect(client.config).toEqual({
      address: ip('10.0.2.15'),
      mask: ip('255.255.255.0'),
      gateway: HOST,
      dns: [ip('10.0.2.3')],
    });
    expect(heard).toHaveLength(2);
    expect([...heard[0]!.subarray(0, 12)]).toEqual([255, 255, 255, 255, 255, 255, 0x52, 0x55, 10, 0, 2, 2]);
  });

  test('the lease is renewed half a day later', () => {
    const here = Neighbour.attached();
    const before = here.heard.length;
    here.pass(43_200_000 + 10_000);
    expect(here.heard.length).toBeGreaterThan(before);
    here.pass(86_400_000);
    expect(formatIpv4(here.client.config.address)).toBe('10.0.2.15');
  });

  test('ARP answers come from the MAC address of the host that was asked for, packets from the gateway', () => {
    const here = Neighbour.attached();
    const ask = (address: string) => {
      const before = here.heard.length;
      here.client.ping(ip(address));
      here.settle();
      return here.heard.slice(before).map((frame) => Buffer.from(frame.subarray(6, 12)).toString('hex'));
    };
    expect(ask('10.0.2.2')).toEqual(['52550a000202', '52550a000202']);
    expect(ask('10.0.2.3')).toEqual(['52550a000203', '52550a000202']);
    expect(ask('10.0.2.4')).toEqual([]);
    expect(ask('10.0.2.77')).toEqual([]);
  });

  test('host and name server answer a ping, hosts elsewhere do not', () => {
    const here = Neighbour.attached();
    const pings = ['10.0.2.2', '10.0.2.3', '192.0.2.1'].map((address) => here.client.ping(ip(address)));
    here.settle();
    expect(pings.map(({ result }) => result)).toEqual([0, 0, undefined]);
  });

  test('a packet that claims to come from the host is dropped: its answer would go round in circles', () => {
    const here = Neighbour.attached();
    const socket = ok(here.client.udp());
    socket.bind(0, 7);
    let changed = 0;
    const input = here.lan.input.bind(here.lan);
    here.lan.input = (frame) => {
      if (frame[23] === 17) {
        frame.set([10, 0, 2, 2], 26);
        // UDP without a checksum, and the header's put right.
        frame.set([0, 0], 40);
        frame.set([0, 0], 24);
        let sum = 0;
        for (let at = 14; at < 34; at += 2) sum += (frame[at]! << 8) | frame[at + 1]!;
        const check = ~((sum & 0xffff) + (sum >>> 16)) & 0xffff;
        frame.set([check >> 8, check & 0xff], 24);
        changed++;
      }
      input(frame);
    };
    socket.sendTo(latin1('hello'), HOST, 7);
    here.settle();
    expect([changed, here.lan.status().framesRefused]).toEqual([1, 1]);
  });
});

describe('names', () => {
  const lookUp = (here: Neighbour, name: string) => {
    const lookup = here.client.resolve(name);
    here.settle();
    const { result } = lookup;
    return Array.isArray(result) ? result.map(formatIpv4).join(' ') : String(result);
  };

  test.each([
    ['gateway', '10.0.2.2'],
    ['HOST', '10.0.2.2'],
    ['course', '10.0.2.2'],
    ['ntp', '10.0.2.2'],
    ['pool.ntp.org', '10.0.2.2'],
    ['0.pool.ntp.org', '10.0.2.2'],
    ['2.europe.pool.ntp.org', '10.0.2.2'],
    ['dns', '10.0.2.3'],
    ['example.org', 'EAI_NONAME'],
    ['nobody', 'EAI_NONAME'],
  ])('%s is %s', (name, address) => {
    expect(lookUp(Neighbour.attached(), name)).toBe(address);
  });

  test('with carrying on, other names have an address each, of a network that exists nowhere', () => {
    const here = Neighbour.attached();
    here.lan.carry(true);
    expect(lookUp(here, 'example.org')).toBe('198.18.0.1');
    expect(lookUp(here, 'example.com')).toBe('198.18.0.2');
    expect(lookUp(here, 'nobody')).toBe('EAI_NONAME');
    expect(lookUp(here, 'course')).toBe('10.0.2.2');
  });

  /** RFC 1035 section 4.1, typed by hand. */
  const query = (flags: number, name: number[], type: number) =>
    Uint8Array.of(0x12, 0x34, flags >> 8, flags & 255, 0, 1, 0, 0, 0, 0, 0, 0, ...name, 0, type, 0, 1);
  const DNS_NAME = [3, 0x64, 0x6e, 0x73, 0];

  function ask(bytes: Uint8Array): number[] | undefined {
    const here = Neighbour.attached();
    const socket = ok(here.client.udp());
    socket.sendTo(bytes, ip('10.0.2.3'), 53);
    here.settle();
    const answer = socket.recvFrom();
    return typeof answer === 'string' ? undefined : [...answer.data];
  }

  test('an answer, byte by byte', () => {
    expect(ask(query(0x0100, DNS_NAME, DNS_TYPE.A))).toEqual([
      ...[0x12, 0x34, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0],
      ...[...DNS_NAME, 0, 1, 0, 1],
      ...[...DNS_NAME, 0, 1, 0, 1, 0, 0, 1, 44, 0, 4, 10, 0, 2, 3],
    ]);
  });

  test('no IPv6 address is no error; another opcode, no name, an answer as a question, and nonsense', () => {
    expect(ask(query(0x0100, DNS_NAME, DNS_TYPE.AAAA))!.slice(2, 8)).toEqual([0x81, 0x80, 0, 1, 0, 0]);
    expect(ask(query(0x1000, DNS_NAME, DNS_TYPE.A))!.slice(2, 4)).toEqual([0x80, 0x84]);
    expect(ask(query(0x0100, [0], DNS_TYPE.A))!.slice(2, 4)).toEqual([0x81, 0x81]);
    expect(ask(query(0x0100, [1, 0x20, 0], DNS_TYPE.A))!.slice(2, 4)).toEqual([0x81, 0x81]);
    expect(ask(query(0x8100, DNS_NAME, DNS_TYPE.A))).toBeUndefined();
    expect(ask(Uint8Array.of(1, 2, 3))).toBeUndefined();
  });
});

describe('datagrams', () => {
  function send(port: number, bytes: Uint8Array) {
    const here = Neighbour.attached();
    const socket = ok(here.client.udp());
    socket.connect(HOST, port);
    socket.send(bytes);
    here.settle();
    return socket.recvFrom();
  }

  test('NTP tells the time of the world outside', () => {
    // RFC 5905 figure 8: version 4, mode 3; the transmit timestamp comes back as the origin's.
    const request = new Uint8Array(48);
    request.set([0x23, 0, 6]);
    request.set([1, 2, 3, 4, 5, 6, 7, 8], 40);
    const { data } = ok(send(123, request));
    expect([...data.subarray(0, 3)]).toEqual([0x24, 1, 6]);
    expect([...data.subarray(24, 32)]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(new DataView(data.buffer, data.byteOffset).getUint32(40)).toBe(NOON / 1000 + 2_208_988_800);
  });

  test('echo, discard, daytime, and a port with nobody', () => {
    expect(text(ok(send(7, latin1('abc'))).data)).toBe('abc');
    expect(send(9, latin1('abc'))).toBe('EAGAIN');
    expect(text(ok(send(13, latin1('x'))).data)).toBe('Tue, 24 Nov 2026 12:00:00 GMT\r\n');
    expect(send(4000, latin1('abc'))).toBe('ECONNREFUSED');
  });
});

describe('streams', () => {
  test('echo sends back a megabyte, byte by byte the same', () => {
    const here = Neighbour.attached();
    const socket = here.connect(7);
    const bytes = Uint8Array.from({ length: 1 << 20 }, (_, i) => (i * 7) ^ (i >> 8));
    expect(Buffer.compare(here.exchange(socket, bytes), bytes)).toBe(0);
    socket.shutdown('write');
    here.settle();
    expect(here.receive(socket).isOver).toBe(true);
  });

  test('discard takes everything, daytime says one line', () => {
    const here = Neighbour.attached();
    const sink = here.connect(9);
    expect(here.exchange(sink, new Uint8Array(500_000))).toHaveLength(0);
    sink.shutdown('write');
    here.settle();
    expect(here.receive(sink).isOver).toBe(true);
    const clock = here.connect(13);
    expect(text(here.receive(clock).bytes)).toBe('Tue, 24 Nov 2026 12:00:00 GMT\r\n');
  });

  test('other ports and other hosts are refused at once', () => {
    const here = Neighbour.attached();
    for (const [port, address] of [
      [443, '10.0.2.2'],
      [80, '10.0.2.3'],
      [80, '192.0.2.1'],
      [22, '8.8.8.8'],
    ] as const)
      expect(here.connect(port, ip(address)).takeError(), `${address}:${port}`).toBe('ECONNREFUSED');
  });

  test('a thousand connections are bounded, and those that say nothing make room', () => {
    const here = Neighbour.attached();
    const clients = Array.from({ length: 200 }, () => here.connect(80));
    for (let i = 0; i < 800; i++) here.connect(80).abort();
    expect(here.lan.status().connections).toBeLessThanOrEqual(256);
    here.pass(120_000);
    for (const socket of clients) socket.abort();
    here.pass(300_000);
    expect(here.lan.status().connections).toBe(0);
  });

  test('with nothing to do it has no deadline', () => {
    const here = Neighbour.attached();
    here.lan.begin(here.nowMs);
    expect(here.lan.turn()).toBe(Number.POSITIVE_INFINITY);
  });
});
