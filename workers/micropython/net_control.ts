/**
 * `:net/control`, through which Python calls the network: a request is written, a line of words; its answer, words or bytes, is then read.
 * An error is that of the write. Addresses are in dotted decimal, `fd` are descriptors of sockets, times are in milliseconds and -1 is for ever.
 *
 *   resolve NAME -> ADDRESS... or a number of getaddrinfo's errors       wait MS [FD:EVENTS]... -> FD:EVENTS...
 *   bind FD ADDRESS PORT     listen FD BACKLOG     connect FD ADDRESS PORT     shutdown FD HOW     timeout FD MS
 *   recv FD COUNT -> bytes   sender FD, own FD, peer FD -> ADDRESS PORT        to FD ADDRESS PORT   empty FD
 *   option FD LEVEL NAME VALUE
 *   interface -> ADDRESS MASK GATEWAY DNS MAC DHCP-STATE    configure ADDRESS MASK GATEWAY DNS    dhcp    down    clock UNIX-MS
 */
import { Errno } from '../../src/libfs/errors';
import type { Kernel } from '../../src/libmicrokit/pd';
import type { NetError } from '../../src/net/errors';
import { formatMac } from '../../src/specs/ethernet';
import { formatIpv4, parseIpv4 } from '../../src/specs/ipv4';
import type { Clock } from './clock';
import type { Descriptors, Stream } from './descriptors';
import { NetErrno } from './net_errno';
import { setOption } from './net_options';
import type { NetPort } from './net_port';
import { NetSocket, ok, type Until } from './net_socket';
import { readiness, type Wanted } from './readiness';
import type { Terminal } from './terminal';

const NS_PER_MS = 1e6;
/** Bytes that one `recv` gives at most. */
const LARGEST_RECV = 65_536;
const FOREVER = Number.POSITIVE_INFINITY;

export interface NetParts {
  readonly kernel: Kernel;
  readonly terminal: Terminal;
  readonly clock: Clock;
  /** None: the machine has no network, and what needs one fails with ENODEV. */
  readonly port: NetPort | undefined;
}

type Answer = string | Uint8Array | void;

export class NetControl implements Stream {
  readonly #parts: NetParts;
  readonly #descriptors: Descriptors;
  #answer = new Uint8Array(0);
  #buffer: Uint8Array<ArrayBuffer> | undefined;

  constructor(parts: NetParts, descriptors: Descriptors) {
    this.#parts = parts;
    this.#descriptors = descriptors;
  }

  /** Opens what is below `:net/`: `control`, a new `tcp` or `udp` socket, or by `accept/FD` a connection to a listening one. */
  open(name: string): Stream {
    if (name === 'control') return this;
    const { stack } = this.#port;
    if (name === 'tcp') return new NetSocket(stack.tcp(), this.#until);
    if (name === 'udp') return new NetSocket(ok(stack.udp()), this.#until);
    const listener = /^accept\/(\d+)$/.exec(name)?.[1];
    if (listener === undefined) throw new Errno('ENOENT');
    return new NetSocket(this.#socket(listener).accept(), this.#until);
  }

  write(request: Uint8Array): number {
    const [name = '', ...words] = new TextDecoder().decode(request).split(' ');
    this.#answer = new Uint8Array(0);
    const call = Object.hasOwn(this.#calls, name) ? this.#calls[name] : undefined;
    if (!call) throw new Errno('EINVAL');
    const answer = call(words) ?? '';
    this.#answer = typeof answer === 'string' ? new TextEncoder().encode(answer) : new Uint8Array(answer);
    return request.length;
  }

  read(into: Uint8Array): number {
    const piece = this.#answer.subarray(0, into.length);
    into.set(piece);
    this.#answer = this.#answer.subarray(piece.length);
    return piece.length;
  }

  close(): void {}

  abandon(): void {}

  readonly #calls: Readonly<Record<string, (words: readonly string[]) => Answer>> = {
    resolve: ([name = '']) => this.#resolve(name),
    wait: ([timeout, ...wanted]) => this.#wait(milliseconds(timeout), wanted),
    bind: ([fd, ip, port]) => void this.#do(() => this.#socket(fd).socket.bind(address(ip), number(port))),
    listen: ([fd, backlog]) => void this.#do(() => this.#socket(fd).stream.listen(number(backlog))),
    connect: ([fd, ip, port]) => this.#do(() => this.#socket(fd).connect(address(ip), number(port))),
    shutdown: ([fd, how]) =>
      void this.#do(() => this.#socket(fd).stream.shutdown((['read', 'write'] as const)[number(how)] ?? 'both')),
    timeout: ([fd, ms]) => void (this.#socket(fd).timeoutMs = milliseconds(ms)),
    recv: ([fd, count]) => this.#recv(this.#socket(fd), number(count)),
    sender: ([fd]) => this.#socket(fd).sender,
    own: ([fd]) => this.#socket(fd).own,
    peer: ([fd]) => this.#socket(fd).peer,
    to: ([fd, ip, port]) => void (this.#socket(fd).destination = { address: address(ip), port: number(port) }),
    empty: ([fd]) => void this.#socket(fd).write(new Uint8Array(0)),
    option: ([fd, level, name, value]) =>
      this.#do(() => setOption(this.#socket(fd).socket, number(level), number(name), number(value))),
    interface: () => this.#interface(),
    configure: ([ip, mask, gateway, dns]) =>
      this.#port.configure({
        address: address(ip),
        mask: address(mask),
        gateway: address(gateway),
        dns: [address(dns)].filter((server) => server !== 0),
      }),
    dhcp: () => this.#port.startDhcp(),
    down: () => this.#port.configure(undefined),
    clock: ([ms]) => this.#parts.clock.setUnixMs(number(ms)),
  };

  get #port(): NetPort {
    if (!this.#parts.port) throw new Errno('ENODEV');
    return this.#parts.port;
  }

  #socket(fd: string | undefined): NetSocket {
    const stream = this.#descriptors.stream(number(fd));
    if (!(stream instanceof NetSocket)) throw new Errno('EINVAL');
    return stream;
  }

  /** A call that does not block, at this moment. */
  #do(call: () => NetError | undefined | void): void {
    this.#port.serve();
    try {
      ok(call());
    } finally {
      this.#port.serve();
    }
  }

  /** What has happened is counted before the attempt, and the wait ends when the count has changed: no wake-up is lost in between. */
  readonly #until: Until = (timeoutMs, attempt) => {
    const { kernel, terminal } = this.#parts;
    const port = this.#port;
    const deadlineNs = kernel.now() + timeoutMs * NS_PER_MS;
    port.serve();
    for (;;) {
      const { events } = port;
      const result = attempt();
      port.serve();
      if (result !== 'EAGAIN') return ok(result);
      if (timeoutMs === 0) throw new NetErrno('EAGAIN');
      if (kernel.now() >= deadlineNs) throw new NetErrno('ETIMEDOUT');
      terminal.block(port.channels, deadlineNs, () => port.events !== events);
    }
  };

  #recv(socket: NetSocket, count: number): Uint8Array {
    this.#buffer ??= new Uint8Array(LARGEST_RECV);
    const n = socket.read(this.#buffer.subarray(0, Math.min(count, LARGEST_RECV)));
    return this.#buffer.subarray(0, n);
  }

  #resolve(name: string): string {
    const lookup = this.#port.stack.resolve(name);
    const attempt = () => lookup.result ?? 'EAGAIN';
    try {
      return this.#until(FOREVER, attempt).map(formatIpv4).join(' ');
    } catch (error) {
      if (error instanceof NetErrno && error.number < 0) return String(error.number);
      throw error;
    }
  }

  /** What select.poll waits for. It works without a network too, for the terminal and as a sleep. */
  #wait(timeoutMs: number, words: readonly string[]): string {
    const { kernel, terminal, port } = this.#parts;
    const wanted = words.map((word): Wanted => {
      const [fd, events] = word.split(':');
      return { fd: number(fd), events: number(events), stream: this.#descriptors.find(number(fd)) };
    });
    const deadlineNs = kernel.now() + timeoutMs * NS_PER_MS;
    const wantsKeys = wanted.some(({ fd }) => fd === 0);
    port?.serve();
    for (;;) {
      const events = port?.events;
      const ready = readiness(wanted, terminal);
      if (ready !== '' || kernel.now() >= deadlineNs) return ready;
      terminal.block(
        port?.channels ?? 0,
        deadlineNs,
        () => port?.events !== events || (wantsKeys && terminal.keysWaiting),
      );
    }
  }

  #interface(): string {
    const { config, dhcp } = this.#port.stack;
    const addresses = [config.address, config.mask, config.gateway, config.dns[0] ?? 0].map(formatIpv4);
    return [...addresses, formatMac(this.#port.mac), dhcp.state].join(' ');
  }
}

function number(word: string | undefined): number {
  const value = Number(word);
  if (word === undefined || word === '' || !Number.isInteger(value)) throw new Errno('EINVAL');
  return value;
}

function address(word: string | undefined): number {
  const value = parseIpv4(word ?? '');
  if (value === undefined) throw new Errno('EINVAL');
  return value;
}

function milliseconds(word: string | undefined): number {
  const value = number(word);
  return value < 0 ? FOREVER : value;
}
