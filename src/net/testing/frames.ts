/** Frames made and taken apart by hand, for what a well-behaved stack never sends. */
import { checksumOf, formatIpv4, onesSum, pseudoHeaderSum } from '../../specs/ipv4';
import { readTcp, type TcpSegment } from '../../specs/tcp';
import { Stack } from '../stack';
import { ip } from './network';

export const MAC = Uint8Array.of(0x52, 0x54, 1, 0, 0, 1);
export const PEER_MAC = Uint8Array.of(0x52, 0x54, 1, 0, 0, 9);
export const OWN = ip('10.0.0.2');
export const PEER = ip('10.0.0.9');

interface Ends {
  readonly from?: number;
  readonly to?: number;
}

/** An Ethernet frame with an IPv4 packet; `checksumAt` is where in the payload its checksum is, if it is to be right. */
export function ipFrame(
  protocol: number,
  payload: readonly number[],
  checksumAt?: number,
  { from = PEER, to = OWN }: Ends = {},
) {
  const frame = new Uint8Array(34 + payload.length + (payload.length & 1));
  const view = new DataView(frame.buffer);
  const halves = new Uint16Array(frame.buffer);
  frame.set([...MAC, ...PEER_MAC, 8, 0, 0x45]);
  view.setUint16(16, 20 + payload.length);
  frame.set([0x40, 0, 64, protocol], 20);
  view.setUint32(26, from);
  view.setUint32(30, to);
  view.setUint16(24, checksumOf(onesSum(halves, 14, 20)));
  frame.set(payload, 34);
  if (checksumAt !== undefined) {
    const pseudo = protocol === 1 ? 0 : pseudoHeaderSum(from, to, protocol, payload.length);
    view.setUint16(34 + checksumAt, checksumOf(onesSum(halves, 34, payload.length) + pseudo));
  }
  return frame.subarray(0, 34 + payload.length);
}

const u16 = (value: number) => [value >>> 8, value & 0xff];
const u32 = (value: number) => [...u16(value >>> 16), ...u16(value & 0xffff)];

export interface TcpFields extends Ends {
  readonly sourcePort?: number;
  readonly destinationPort?: number;
  readonly sequence: number;
  readonly acknowledgment?: number;
  readonly flags: number;
  readonly window?: number;
  /** A multiple of four bytes. */
  readonly options?: readonly number[];
  readonly data?: readonly number[];
}

export function tcpFrame(fields: TcpFields): Uint8Array {
  const {
    sourcePort = 4000,
    destinationPort = 80,
    sequence,
    acknowledgment = 0,
    flags,
    window = 8000,
    options = [],
    data = [],
  } = fields;
  const header = [...u16(sourcePort), ...u16(destinationPort), ...u32(sequence), ...u32(acknowledgment)];
  return ipFrame(
    6,
    [...header, 0x50 + options.length * 4, flags, ...u16(window), 0, 0, 0, 0, ...options, ...data],
    16,
    fields,
  );
}

export function udpFrame(port: number, data: readonly number[], ends: Ends = {}): Uint8Array {
  return ipFrame(17, [...u16(4000), ...u16(port), ...u16(8 + data.length), 0, 0, ...data], 6, ends);
}

/** "Who has `target`?", or with 2 the answer of `sender`. */
export function arpFrame(operation: number, sender: number, target: number, mac = PEER_MAC): Uint8Array {
  const to = operation === 1 ? [255, 255, 255, 255, 255, 255] : MAC;
  return Uint8Array.of(
    ...to,
    ...mac,
    8,
    6,
    0,
    1,
    8,
    0,
    6,
    4,
    0,
    operation,
    ...mac,
    ...u32(sender),
    ...(operation === 1 ? [0, 0, 0, 0, 0, 0] : MAC),
    ...u32(target),
  );
}

/** A stack whose frames are kept, and to which frames are given by hand; 10.0.0.9 is known to its ARP. */
export class Bench {
  now = 0;
  readonly sent: Uint8Array[] = [];
  readonly stack: Stack;

  constructor(accepts?: (address: number) => boolean) {
    let state = 12345;
    this.stack = new Stack({
      mac: MAC,
      output: (frame) => void this.sent.push(frame.slice()),
      random: () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0),
      config: { address: OWN, mask: ip('255.255.255.0'), gateway: ip('10.0.0.1'), dns: [] },
      ...(accepts ? { accepts } : {}),
    });
    this.give(arpFrame(1, PEER, OWN));
    this.sent.length = 0;
  }

  give(...frames: Uint8Array[]): void {
    this.stack.poll(this.now);
    for (const frame of frames) this.stack.input(frame);
    this.stack.poll(this.now);
  }

  pass(ms: number): number {
    this.now += ms;
    return this.stack.poll(this.now);
  }

  /** What was sent since the last call, as text. */
  take(): string[] {
    return this.sent.splice(0).map(describe);
  }

  /** The segments among it. */
  takeSegments(): TcpSegment[] {
    return this.sent.splice(0).flatMap((frame) => {
      const view = new DataView(frame.buffer);
      const isTcp = view.getUint16(12) === 0x0800 && frame[23] === 6;
      return isTcp ? readTcp(view, 34, view.getUint16(16) - 20)! : [];
    });
  }
}

const FLAGS = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG'];

/** `arp request 10.0.0.1`, `icmp 3/3 10.0.0.9`, `udp 53 to 10.0.0.9:4000, 5 bytes`, `tcp SYN ACK, 0 bytes`. */
export function describe(frame: Uint8Array): string {
  const view = new DataView(frame.buffer, frame.byteOffset);
  if (view.getUint16(12) === 0x0806)
    return `arp ${view.getUint16(20) === 1 ? 'request' : 'reply'} ${formatIpv4(view.getUint32(view.getUint16(20) === 1 ? 38 : 28))}`;
  const to = formatIpv4(view.getUint32(30));
  const length = view.getUint16(16) - 20;
  if (frame[23] === 1) return `icmp ${frame[34]}/${frame[35]} ${to}`;
  if (frame[23] === 17) return `udp ${view.getUint16(34)} to ${to}:${view.getUint16(36)}, ${length - 8} bytes`;
  const flags = FLAGS.filter((_, bit) => frame[47]! & (1 << bit)).join(' ');
  return `tcp ${flags}, ${length - (frame[46]! >> 4) * 4} bytes`;
}
