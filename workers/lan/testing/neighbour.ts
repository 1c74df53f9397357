/** A lan and a client's stack on one wire, in one thread and on a virtual clock. */
import { expect } from 'vitest';
import { Random } from '../../../src/libmicrokit/random';
import { Stack } from '../../../src/net/stack';
import type { TcpSocket } from '../../../src/net/tcp_socket';
import { parseIpv4 } from '../../../src/specs/ipv4';
import type { Fetch } from '../course';
import { isError } from '../failed';
import { Lan } from '../lan';

export const ip = (text: string): number => parseIpv4(text)!;
export const CLIENT_MAC = Uint8Array.of(0x52, 0x54, 1, 0, 0, 1);
export const HOST = ip('10.0.2.2');
/** 2026-11-24 12:00:00 UTC. */
export const NOON = 1_795_521_600_000;

const decoder = new TextDecoder();
export const text = (bytes: Uint8Array): string => decoder.decode(bytes);
export const latin1 = (bytes: string): Uint8Array => Uint8Array.from(bytes, (char) => char.charCodeAt(0));

export function ok<T>(result: T): Exclude<T, string> {
  if (typeof result === 'string') throw new Error(result);
  return result as Exclude<T, string>;
}

export class Neighbour {
  nowMs = 0;
  readonly lan: Lan;
  readonly client: Stack;
  /** Every frame that the lan sent. */
  readonly heard: Uint8Array[] = [];
  wakes = 0;
  #toLan: Uint8Array[] = [];
  #toClient: Uint8Array[] = [];
  readonly #random: Random;

  constructor({ fetch = noFetch, seed = 1 }: { fetch?: Fetch; seed?: number } = {}) {
    this.#random = new Random(seed);
    const random = () => this.#random.next();
    this.lan = new Lan(
      { course: 'https://page.example/course/' },
      {
        send: (frame) => {
          this.heard.push(frame.slice());
          this.#toClient.push(frame.slice());
        },
        fetch,
        random,
        wallClock: () => NOON + this.nowMs,
        wake: () => this.wakes++,
      },
    );
    this.client = new Stack({
      mac: CLIENT_MAC,
      output: (frame) => this.#toLan.push(frame.slice()),
      random,
    });
  }

  /** With the address that DHCP gave. */
  static attached(options?: ConstructorParameters<typeof Neighbour>[0]): Neighbour {
    const neighbour = new Neighbour(options);
    neighbour.client.startDhcp();
    neighbour.settle();
    expect(neighbour.client.config.address).toBe(ip('10.0.2.15'));
    return neighbour;
  }

  /** Frames fly until none does; returns when something will be due. */
  settle(): number {
    for (let i = 0; i < 100_000; i++) {
      this.lan.begin(this.nowMs);
      for (const frame of this.#toLan.splice(0)) this.lan.input(frame);
      const lanWait = this.lan.turn();
      let wait = this.client.poll(this.nowMs);
      for (const frame of this.#toClient.splice(0)) this.client.input(frame);
      wait = Math.min(wait, this.client.poll(this.nowMs));
      if (this.#toLan.length === 0 && this.#toClient.length === 0 && lanWait > 0) return Math.min(lanWait, wait);
    }
    throw new Error('the wire does not come to rest');
  }

  pass(ms: number): void {
    const end = this.nowMs + ms;
    for (;;) {
      const wait = this.settle();
      if (this.nowMs + wait > end) break;
      this.nowMs += Math.max(wait, 0.001);
    }
    this.nowMs = end;
    this.settle();
  }

  connect(port: number, address: number = HOST): TcpSocket {
    const socket = this.client.tcp();
    socket.setNoDelay(true);
    expect(socket.connect(address, port)).toBe('EINPROGRESS');
    this.settle();
    return socket;
  }

  /** What there is to receive now, and whether that is all there will be. */
  receive(socket: TcpSocket): { readonly bytes: Uint8Array; readonly isOver: boolean } {
    const piece = new Uint8Array(64 * 1024);
    const all: Uint8Array[] = [];
    for (;;) {
      const n = socket.recv(piece);
      if (n === 'EAGAIN' || isError(n) || n === 0) return { bytes: Buffer.concat(all), isOver: n !== 'EAGAIN' };
      all.push(piece.slice(0, n));
      this.settle();
    }
  }

  /** Sends all of `bytes` and returns what came back meanwhile. */
  exchange(socket: TcpSocket, bytes: Uint8Array): Uint8Array {
    const back: Uint8Array[] = [];
    for (let at = 0; at < bytes.length; ) {
      const sent = socket.send(bytes.subarray(at));
      if (sent !== 'EAGAIN') at += ok(sent);
      this.settle();
      back.push(this.receive(socket).bytes);
    }
    return Buffer.concat(back);
  }

  /** One request on a connection of its own; fulfilled when the answer has come and the connection is over. */
  async http(request: string | Uint8Array, address: number = HOST): Promise<string> {
    const socket = this.connect(80, address);
    const back = [this.exchange(socket, typeof request === 'string' ? latin1(request) : request)];
    for (let i = 0; i < 1000; i++) {
      await Promise.resolve();
      if (i % 10 === 9) await new Promise((resolve) => setImmediate(resolve));
      this.settle();
      const { bytes, isOver } = this.receive(socket);
      back.push(bytes);
      if (isOver) break;
    }
    socket.close();
    this.settle();
    return Buffer.concat(back).toString('latin1');
  }
}

const noFetch: Fetch = () => Promise.reject(new TypeError('Failed to fetch'));
