/** What is beyond the client's queues, in its thread: virtualiser, copier and a wire to a gateway with a stack of its own. */
import { Random } from '../../../src/libmicrokit/random';
import { Stack } from '../../../src/net/stack';
import type { TcpSocket } from '../../../src/net/tcp_socket';
import type { UdpSocket } from '../../../src/net/udp_socket';
import {
  NET_BUFFER_SIZE,
  NET_QUEUE_REGION_SIZE,
  type NetBuffDesc,
  netReceiver,
  netSender,
} from '../../../src/protocol/net_queue';
import { type Region, region } from '../../../src/protocol/region';
import { DHCP_MESSAGE, DHCP_OP, DHCP_OPTION, readDhcp, writeDhcp } from '../../../src/specs/dhcp';
import { parseIpv4 } from '../../../src/specs/ipv4';
import { ntpReply } from '../../../src/specs/ntp';

export const GATEWAY = parseIpv4('10.0.2.2')!;
export const CLIENT = parseIpv4('10.0.2.15')!;
const MASK = 0xffff_ff00;

/** Serves one TCP connection: called after everything that happens, until it says that it is done. */
export type Service = (socket: TcpSocket) => boolean;

export class Lan {
  readonly regions: Readonly<Record<string, Region>>;
  readonly stack: Stack;
  /** False: frames are lost. */
  connected = true;
  /** Whether the DHCP server answers, and with which address. */
  lease: number | undefined = CLIENT;
  framesFromClient = 0;
  /** Descriptors that the client gets before any frame. */
  beforeFrames: NetBuffDesc[] = [];
  /** Buffers of sent frames that are given back only once there are more. */
  holdsBuffers = 0;
  dueMs = Number.POSITIVE_INFINITY;
  /** Wants to be called after everything that happens. */
  readonly duties: (() => void)[] = [];
  readonly #rx: ReturnType<typeof netSender>;
  readonly #tx: ReturnType<typeof netReceiver>;
  readonly #held: number[] = [];
  #pending: Uint8Array[] = [];
  #nowMs = 0;

  constructor() {
    const names = ['net_rx_free', 'net_rx_active', 'net_tx_free', 'net_tx_active'];
    const queues = names.map((name) => [name, region(name, NET_QUEUE_REGION_SIZE)] as const);
    const data = ['net_rx_data', 'net_tx_data'].map((name) => [name, region(name, 0x10_0000)] as const);
    this.regions = Object.fromEntries([...queues, ...data]);
    const { net_rx_free, net_rx_active, net_tx_free, net_tx_active } = this.regions;
    this.#rx = netSender(net_rx_free!, net_rx_active!);
    this.#rx.free.fill(0);
    this.#tx = netReceiver(net_tx_free!, net_tx_active!);
    const random = new Random(1);
    this.stack = new Stack({
      mac: Uint8Array.of(0x52, 0x55, 10, 0, 2, 2),
      output: (frame) => void this.#pending.push(frame.slice()),
      random: () => random.next(),
      config: { address: GATEWAY, mask: MASK, gateway: 0, dns: [] },
    });
    this.#serveDhcp();
  }

  /** True when the client is to be signalled. */
  serve(nowMs: number): boolean {
    this.#nowMs = nowMs;
    this.stack.poll(nowMs);
    while (this.#tx.active.drain((desc) => this.#fromClient(desc.io_or_offset, desc.len)));
    for (const duty of this.duties) duty();
    this.dueMs = nowMs + this.stack.poll(nowMs);
    if (!this.connected) this.#pending = [];
    for (const desc of this.beforeFrames.splice(0)) this.#rx.active.enqueue(desc);
    while (this.#pending.length > 0 && this.#give(this.#pending[0]!)) this.#pending.shift();
    return this.#rx.active.requireSignal();
  }

  /** Each connection to the port gets a service of its own. */
  listen(port: number, make: () => Service): void {
    const listener = this.stack.tcp();
    listener.bind(0, port);
    listener.listen(128);
    const serving: [TcpSocket, Service][] = [];
    this.duties.push(() => {
      for (let s = listener.accept(); typeof s !== 'string'; s = listener.accept()) serving.push([s, make()]);
      for (const entry of [...serving]) if (entry[1](entry[0])) serving.splice(serving.indexOf(entry), 1);
    });
  }

  udp(port: number, answer: (data: Uint8Array, nowMs: number) => Uint8Array | void): UdpSocket {
    const socket = this.stack.udp() as UdpSocket;
    socket.bind(0, port);
    this.duties.push(() => {
      for (let got = socket.recvFrom(); typeof got !== 'string'; got = socket.recvFrom()) {
        const reply = answer(got.data, this.#nowMs);
        if (reply) socket.sendTo(reply, got.address, got.port);
      }
    });
    return socket;
  }

  serveNtp(unixMs: number): void {
    this.udp(123, (request, nowMs) => ntpReply(request, unixMs + nowMs, unixMs + nowMs));
  }

  #serveDhcp(): void {
    const socket = this.stack.udp() as UdpSocket;
    socket.bind(0, 67);
    this.duties.push(() => {
      for (let got = socket.recvFrom(); typeof got !== 'string'; got = socket.recvFrom()) {
        const request = readDhcp(got.data);
        if (!request || this.lease === undefined) continue;
        const kind = request.options.get(DHCP_OPTION.MESSAGE_TYPE)?.[0];
        const answer = kind === DHCP_MESSAGE.DISCOVER ? DHCP_MESSAGE.OFFER : DHCP_MESSAGE.ACK;
        const ip = (value: number) => [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
        const options = new Map([
          [DHCP_OPTION.MESSAGE_TYPE, Uint8Array.of(answer)],
          [DHCP_OPTION.SERVER_ID, Uint8Array.from(ip(GATEWAY))],
          [DHCP_OPTION.SUBNET_MASK, Uint8Array.from(ip(MASK))],
          [DHCP_OPTION.ROUTER, Uint8Array.from(ip(GATEWAY))],
          [DHCP_OPTION.DNS, Uint8Array.from(ip(GATEWAY))],
          [DHCP_OPTION.LEASE_TIME, Uint8Array.of(0, 1, 0x51, 0x80)],
        ]);
        const message = { ...request, op: DHCP_OP.REPLY, yiaddr: this.lease, siaddr: GATEWAY, options };
        socket.sendTo(writeDhcp(message), 0xffff_ffff, 68);
      }
    });
  }

  #fromClient(offset: number, length: number): void {
    this.framesFromClient++;
    const frame = this.regions.net_tx_data!.bytes.slice(offset, offset + length);
    this.#held.push(offset);
    while (this.#held.length > this.holdsBuffers) this.#tx.free.enqueue({ io_or_offset: this.#held.shift()!, len: 0 });
    if (this.connected) this.stack.input(frame);
  }

  #give(frame: Uint8Array): boolean {
    const buffer = this.#rx.free.dequeue();
    if (!buffer || frame.length > NET_BUFFER_SIZE) return false;
    this.regions.net_rx_data!.bytes.set(frame, buffer.io_or_offset);
    return this.#rx.active.enqueue({ io_or_offset: buffer.io_or_offset, len: frame.length });
  }
}

/** Sends everything back until the client has finished. */
export function echo(): Service {
  const chunk = new Uint8Array(8192);
  let waiting = new Uint8Array(0);
  return (socket) => {
    for (;;) {
      if (waiting.length > 0) {
        const sent = socket.send(waiting);
        if (typeof sent === 'string') return sent !== 'EAGAIN';
        waiting = waiting.slice(sent);
        continue;
      }
      const n = socket.recv(chunk);
      if (n === 'EAGAIN') return false;
      if (typeof n === 'string' || n === 0) {
        socket.close();
        return true;
      }
      waiting = chunk.slice(0, n);
    }
  };
}

/** Answers a request with bytes as they are, then ends the connection. */
export function http(answer: (head: string, body: string) => Uint8Array): Service {
  const chunk = new Uint8Array(8192);
  let text = '';
  let reply: Uint8Array | undefined;
  return (socket) => {
    for (let n = socket.recv(chunk); typeof n === 'number' && n > 0; n = socket.recv(chunk))
      text += Buffer.from(chunk.subarray(0, n)).toString('latin1');
    const end = text.indexOf('\r\n\r\n');
    if (end < 0) return false;
    const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
    if (text.length < end + 4 + length) return false;
    reply ??= answer(text.slice(0, end), text.slice(end + 4));
    while (reply.length > 0) {
      const sent = socket.send(reply);
      if (typeof sent === 'string') return sent !== 'EAGAIN';
      reply = reply.subarray(sent);
    }
    socket.close();
    return true;
  };
}
