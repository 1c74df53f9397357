/** The DHCP server against messages typed from RFC 2131 and RFC 2132. */
import { describe, expect, test } from 'vitest';
import { DhcpServer } from './dhcp_server';

const OFFER = 2;
const ACK = 5;
const NAK = 6;
const BROADCAST = 0xffff_ffff;
const SERVER = [54, 4, 10, 0, 2, 2];
const requested = (last: number) => [50, 4, 10, 0, 2, last];

/** RFC 2131 figure 1: op, htype, hlen, hops, xid, secs, flags, four addresses, chaddr, 192 bytes, the cookie, options. */
function message(type: number, options: number[] = [], { mac = 1, ciaddr = [0, 0, 0, 0], flags = 0 } = {}): Uint8Array {
  return Uint8Array.from([
    ...[1, 1, 6, 0, 0xde, 0xad, 0xbe, 0xef, 0, 3, flags, 0],
    ...[...ciaddr, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    ...[0x52, 0x54, 1, 0, 0, mac, ...Array(10).fill(0)],
    ...Array(192).fill(0),
    ...[99, 130, 83, 99, 53, 1, type, ...options, 255],
  ]);
}

function optionsOf(bytes: Uint8Array): Record<number, number[]> {
  const options: Record<number, number[]> = {};
  for (let at = 240; bytes[at] !== 255; at += 2 + bytes[at + 1]!)
    options[bytes[at]!] = [...bytes.subarray(at + 2, at + 2 + bytes[at + 1]!)];
  return options;
}

/** Type and address of the answer. */
function ask(server: DhcpServer, bytes: Uint8Array): [type: number, last: number, to: number] | undefined {
  const answer = server.answer(bytes);
  return answer && [optionsOf(answer.bytes)[53]![0]!, answer.bytes[19]!, answer.to];
}

describe('the DHCP server', () => {
  test('offers as libslirp does, with what the client sent echoed', () => {
    const { bytes, to } = new DhcpServer().answer(message(1, [], { flags: 0x80 }))!;
    expect(to).toBe(BROADCAST);
    expect([...bytes.subarray(0, 34)]).toEqual([
      ...[2, 1, 6, 0, 0xde, 0xad, 0xbe, 0xef, 0, 0, 0x80, 0],
      ...[0, 0, 0, 0, 10, 0, 2, 15, 10, 0, 2, 2, 0, 0, 0, 0],
      ...[0x52, 0x54, 1, 0, 0, 1],
    ]);
    expect(optionsOf(bytes)).toEqual({
      53: [OFFER],
      54: [10, 0, 2, 2],
      1: [255, 255, 255, 0],
      3: [10, 0, 2, 2],
      6: [10, 0, 2, 3],
      51: [0, 1, 0x51, 0x80],
    });
  });

  test('acknowledges what it offered, and refuses another address', () => {
    const server = new DhcpServer();
    ask(server, message(1));
    expect(ask(server, message(3, [...SERVER, ...requested(15)]))).toEqual([ACK, 15, BROADCAST]);
    expect(ask(server, message(3, [...SERVER, ...requested(16)]))).toEqual([NAK, 0, BROADCAST]);
    expect(ask(server, message(3, [50, 4, 192, 168, 0, 1]))).toEqual([NAK, 0, BROADCAST]);
    const nak = server.answer(message(3, requested(99)))!;
    expect(Object.keys(optionsOf(nak.bytes))).toEqual(['53', '54']);
  });

  test('renews to the address itself, also one that an earlier server gave', () => {
    const ciaddr = [10, 0, 2, 17];
    expect(ask(new DhcpServer(), message(3, [], { ciaddr }))).toEqual([ACK, 17, 0x0a00_0211]);
    expect(ask(new DhcpServer(), message(3, requested(18)))).toEqual([ACK, 18, BROADCAST]);
  });

  test('keeps an address per station, sixteen of them, and takes them back', () => {
    const server = new DhcpServer();
    const lasts = Array.from({ length: 16 }, (_, i) => ask(server, message(1, [], { mac: i + 1 }))![1]);
    expect(lasts).toEqual(Array.from({ length: 16 }, (_, i) => 15 + i));
    expect(ask(server, message(1, [], { mac: 3 }))![1]).toBe(17);
    expect(ask(server, message(1, [], { mac: 99 }))).toBeUndefined();
    expect(ask(server, message(7, SERVER, { mac: 3 }))).toBeUndefined();
    expect(ask(server, message(1, [], { mac: 99 }))![1]).toBe(17);
  });

  test('is silent to answers, other servers, other kinds and what is no message', () => {
    const server = new DhcpServer();
    const reply = message(1);
    reply[0] = 2;
    const wrong = [reply, message(3, [54, 4, 10, 0, 2, 9, ...requested(15)]), message(8), message(1).subarray(0, 200)];
    expect(wrong.map((bytes) => server.answer(bytes))).toEqual([undefined, undefined, undefined, undefined]);
  });
});
