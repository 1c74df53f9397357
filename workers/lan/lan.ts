/**
 * The network that the machine's card is plugged into, as QEMU's user network: 10.0.2.0/24 with a gateway and host at .2 and a name server
 * at .3. It is no protection domain, and has no clock: whoever owns it calls `turn` when a frame came and when the time it returned is over.
 */
import { Stack } from '../../src/net/stack';
import {
  type FromGuest,
  type GuestPort,
  type GuestRequest,
  type LanConfig,
  type LanControl,
  type LanStatus,
  MAX_GUEST_BODY,
} from '../../src/protocol/lan';
import { GATEWAY, isHere, MASK, NAME_SERVER, PORT } from './addresses';
import { Carrier } from './carrier';
import { Course, type Fetch } from './course';
import { Datagrams } from './datagrams';
import { GuestExchange } from './guest_exchange';
import { type Handler, HttpConnection } from './http_connection';
import { httpHost } from './http_host';
import { NameServer } from './name_server';
import type { Serve } from './session';
import { daytimeAt, discard, echo } from './small_services';
import { TcpServer } from './tcp_server';
import { admit, dress, HOST_MAC } from './virtual_hosts';

/** Requests that are carried to the guest at once. */
const MAX_GUEST_REQUESTS = 64;
const BUFFER_SIZE = 256 * 1024;

export interface Surroundings {
  /** Puts a frame on the wire. */
  readonly send: (frame: Uint8Array) => void;
  readonly fetch: Fetch;
  /** 32 random bits. */
  readonly random: () => number;
  /** Unix time in milliseconds. */
  readonly wallClock: () => number;
  /** Has `turn` called soon. */
  readonly wake: () => void;
}

export class Lan implements LanControl {
  readonly stack: Stack;
  readonly #names = new NameServer();
  readonly #datagrams: Datagrams;
  readonly #web: TcpServer;
  readonly #servers: TcpServer[];
  readonly #carrier: Carrier;
  readonly #guestRequests = new Set<GuestExchange>();
  #requestsToGuest = 0;
  #framesRefused = 0;
  #nowMs = 0;

  constructor(
    { course }: LanConfig,
    readonly around: Surroundings,
  ) {
    const { send, fetch, random, wallClock, wake } = around;
    this.stack = new Stack({
      mac: HOST_MAC,
      output: (frame) => send(dress(frame)),
      random,
      config: { address: GATEWAY, mask: MASK, gateway: 0, dns: [NAME_SERVER] },
      accepts: isHere,
      bufferSize: BUFFER_SIZE,
    });
    this.#datagrams = new Datagrams(this.stack, this.#names, wallClock);
    this.#carrier = new Carrier(this.#names, fetch, wake);
    const host = httpHost(new Course(course, fetch), this.#carrier, wake);
    const others = this.#carrier.handler();
    const web: Handler = (head, socket) => (socket.localAddress === GATEWAY ? host : others)(head, socket);
    const listen = (port: number, serve: Serve) => new TcpServer(this.stack, GATEWAY, port, serve);
    this.#web = listen(PORT.HTTP, (socket, nowMs) => new HttpConnection(socket, nowMs, web, wallClock));
    this.#servers = [
      this.#web,
      listen(PORT.ECHO, echo),
      listen(PORT.DISCARD, discard),
      listen(PORT.DAYTIME, daytimeAt(wallClock)),
    ];
  }

  /** Takes a frame: a private copy, which may be changed. */
  input(frame: Uint8Array): void {
    if (admit(frame)) this.stack.input(frame);
    else this.#framesRefused++;
  }

  /** The moment at which what follows happens. */
  begin(nowMs: number): void {
    this.#nowMs = nowMs;
    this.stack.poll(nowMs);
  }

  /** Does what can be done; returns the milliseconds until something will be due, Infinity when nothing will. */
  turn(): number {
    this.#datagrams.turn();
    const sessions = Math.min(...this.#servers.map((server) => server.turn(this.#nowMs)), this.#turnGuestRequests());
    return Math.max(0, Math.min(this.stack.poll(this.#nowMs), sessions - this.#nowMs));
  }

  request(request: GuestRequest, port: GuestPort): void {
    const refuse = (message: string) => {
      port.postMessage({ failure: { kind: 'busy', message } } satisfies FromGuest, []);
      port.close();
    };
    if (this.#guestRequests.size >= MAX_GUEST_REQUESTS)
      return refuse(`${MAX_GUEST_REQUESTS} requests are waiting for the guest already.`);
    if ((request.body?.length ?? 0) > MAX_GUEST_BODY)
      return refuse(`A request carries at most ${MAX_GUEST_BODY} bytes to the guest.`);
    this.#requestsToGuest++;
    this.#guestRequests.add(new GuestExchange(this.stack, request, port, this.#nowMs, this.around.wake));
    this.around.wake();
  }

  carry(on: boolean): void {
    if (on === this.#carrier.isOn) return;
    this.#carrier.isOn = on;
    this.#names.carries = on;
    // All other hosts' port 80 too, while requests are carried.
    this.#web.move(on ? 0 : GATEWAY);
    this.around.wake();
  }

  status(): LanStatus {
    return {
      carries: this.#carrier.isOn,
      connections: this.stack.connections.size,
      requestsToGuest: this.#requestsToGuest,
      requestsCarried: this.#carrier.carried,
      framesRefused: this.#framesRefused,
    };
  }

  #turnGuestRequests(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const exchange of this.#guestRequests) {
      if (exchange.turn(this.#nowMs)) next = Math.min(next, exchange.deadlineMs);
      else this.#guestRequests.delete(exchange);
    }
    return next;
  }
}
