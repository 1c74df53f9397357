/** Stacks on a virtual wire with a virtual clock: what happens depends on the seed alone. */
import { expect } from 'vitest';
import { Random } from '../../libmicrokit/random';
import { formatIpv4, parseIpv4 } from '../../specs/ipv4';
import type { NetError } from '../errors';
import type { Ipv4Config } from '../netif';
import { Stack, type StackOptions } from '../stack';
import type { TcpSocket } from '../tcp_socket';

export const ip = (text: string): number => parseIpv4(text)!;

export interface Weather {
  /** One way, in milliseconds. */
  readonly delayMs: number;
  /** Chances from 0 to 1 of each frame. */
  readonly loss: number;
  readonly duplication: number;
  readonly corruption: number;
  /** Comes up to four delays later. */
  readonly reordering: number;
}
export const FAIR: Weather = { delayMs: 1, loss: 0, duplication: 0, corruption: 0, reordering: 0 };

interface Flight {
  readonly atMs: number;
  readonly from: Stack;
  readonly frame: Uint8Array;
}

export class Network {
  now = 0;
  readonly stacks: Stack[] = [];
  readonly random: Random;
  weather: Weather;
  /** Sees every frame as it is sent; false loses it. */
  tap: (frame: Uint8Array, from: Stack) => boolean = () => true;
  /** What else happens at every moment: servers that answer. */
  readonly agents: (() => void)[] = [];
  #flights: Flight[] = [];

  constructor(seed = 1, weather: Partial<Weather> = {}) {
    this.random = new Random(seed);
    this.weather = { ...FAIR, ...weather };
  }

  /** A station 10.0.0.<host> with a gateway 10.0.0.1, or one without addresses for host 0. */
  add(host: number, options: Partial<StackOptions> = {}): Stack {
    const config: Ipv4Config = {
      address: ip(`10.0.0.${host}`),
      mask: ip('255.255.255.0'),
      gateway: ip('10.0.0.1'),
      dns: [],
    };
    const stack: Stack = new Stack({
      mac: Uint8Array.of(0x52, 0x54, 1, 0, this.stacks.length, host),
      output: (frame) => this.#send(stack, frame),
      random: () => this.random.next(),
      ...(host > 0 ? { config } : {}),
      ...options,
    });
    this.stacks.push(stack);
    return stack;
  }

  /** Delivers and polls until `done`; the clock jumps to whatever is next. Fails when nothing more happens, or after `limitMs`. */
  run(done: () => boolean, limitMs = 3_600_000): void {
    const end = this.now + limitMs;
    for (;;) {
      this.#step();
      if (done()) return;
      // What the caller has just done may have deadlines too.
      const wait = this.#step();
      expect(wait, 'nothing more will happen').toBeLessThan(Number.POSITIVE_INFINITY);
      expect(this.now, 'it takes too long').toBeLessThan(end);
      this.now += wait;
    }
  }

  /** Lets `ms` pass. */
  pass(ms: number): void {
    const end = this.now + ms;
    for (let wait = this.#step(); this.now + wait <= end; wait = this.#step()) this.now += wait;
    this.now = end;
    this.#step();
  }

  /** Milliseconds until a timer or a frame; Infinity when all is quiet. */
  get idleMs(): number {
    return this.#step();
  }

  #step(): number {
    for (const stack of this.stacks) stack.poll(this.now);
    for (let flight = this.#takeDue(); flight; flight = this.#takeDue())
      for (const stack of this.stacks) if (stack !== flight.from) stack.input(flight.frame);
    for (const agent of this.agents) agent();
    const timers = this.stacks.map((stack) => stack.poll(this.now));
    return Math.min(...timers, ...this.#flights.map(({ atMs }) => atMs - this.now));
  }

  #takeDue(): Flight | undefined {
    const at = this.#flights.findIndex(({ atMs }) => atMs <= this.now);
    return at < 0 ? undefined : this.#flights.splice(at, 1)[0];
  }

  #happens(chance: number): boolean {
    return chance > 0 && this.random.below(1_000_000) < chance * 1_000_000;
  }

  #send(from: Stack, sent: Uint8Array): void {
    const { delayMs, loss, duplication, corruption, reordering } = this.weather;
    const frame = sent.slice();
    if (!this.tap(frame, from) || this.#happens(loss)) return;
    if (this.#happens(corruption)) frame[this.random.below(frame.length)]! ^= 1 << this.random.below(8);
    const late = this.#happens(reordering) ? delayMs * (1 + this.random.below(4)) : 0;
    this.#flights.push({ atMs: this.now + delayMs + late, from, frame });
    if (this.#happens(duplication)) this.#flights.push({ atMs: this.now + 2 * delayMs, from, frame: frame.slice() });
  }
}

/** The value, where it is no error. */
export function ok<T>(result: T | NetError): Exclude<T, NetError> {
  expect(result).not.toBeTypeOf('string');
  return result as Exclude<T, NetError>;
}

/** A connection between two stations: the end of who connected, and of who accepted. */
export function connected(
  network: Network,
  client: Stack,
  server: Stack,
  port = 80,
): [TcpSocket, TcpSocket, TcpSocket] {
  const listener = server.tcp();
  expect(listener.bind(0, port)).toBeUndefined();
  expect(listener.listen(8)).toBeUndefined();
  const socket = client.tcp();
  expect(socket.connect(server.config.address, port)).toBe('EINPROGRESS');
  let accepted: TcpSocket | NetError = 'EAGAIN';
  network.run(
    () =>
      socket.writable && typeof (accepted = typeof accepted === 'string' ? listener.accept() : accepted) !== 'string',
  );
  expect(socket.connect(server.config.address, port)).toBe('EISCONN');
  return [socket, ok<TcpSocket>(accepted), listener];
}

/** `length` bytes that differ from place to place. */
export function bytes(length: number, seed = 1): Uint8Array {
  const random = new Random(seed);
  const words = new Uint32Array(Math.ceil(length / 4)).map(() => random.next());
  return new Uint8Array(words.buffer, 0, length);
}

/** Sends `data` and finishes when all is taken; collects what comes, until the end. One step of each per call. */
export class Talker {
  readonly received: Uint8Array;
  count = 0;
  sent = 0;
  isEnded = false;
  failure: NetError | undefined;
  readonly #chunk = new Uint8Array(65_536);

  constructor(
    readonly socket: TcpSocket,
    readonly data: Uint8Array,
    expected: number,
  ) {
    this.received = new Uint8Array(expected);
  }

  step(): void {
    while (this.sent < this.data.length) {
      const taken = this.socket.send(this.data.subarray(this.sent, this.sent + 65_536));
      if (typeof taken === 'string') {
        if (taken !== 'EAGAIN') this.failure ??= taken;
        break;
      }
      this.sent += taken;
      if (this.sent === this.data.length) this.socket.shutdown('write');
    }
    while (!this.isEnded) {
      const n = this.socket.recv(this.#chunk);
      if (typeof n === 'string') {
        if (n !== 'EAGAIN') this.failure ??= n;
        return;
      }
      if (n === 0) this.isEnded = true;
      this.received.set(this.#chunk.subarray(0, n), this.count);
      this.count += n;
    }
  }

  get isDone(): boolean {
    return this.isEnded && this.sent === this.data.length;
  }
}

/** TCP connections of a station as text. */
export function states(stack: Stack): string[] {
  return [...stack.connections].map(
    ({ state, remoteAddress, remotePort }) => `${state} ${formatIpv4(remoteAddress)}:${remotePort}`,
  );
}
