/** Everything on the lan that speaks HTTP: its server, requests carried outwards, requests to the guest. Loaded when somebody first wants it. */
import type { Stack } from '../../src/net/stack';
import type { GuestPort, GuestRequest } from '../../src/protocol/lan';
import { GATEWAY } from './addresses';
import { Carrier } from './carrier';
import { Course, type Fetch } from './course';
import { GuestExchange } from './guest_exchange';
import { type Handler, HttpConnection } from './http_connection';
import { httpHost } from './http_host';
import type { NameServer } from './name_server';
import type { Serve, Session } from './session';

export interface WebParts {
  readonly stack: Stack;
  readonly names: NameServer;
  /** Address of the folder with the course files. */
  readonly course: string;
  readonly fetch: Fetch;
  readonly wallClock: () => number;
  readonly wake: () => void;
}

export class Web {
  readonly carrier: Carrier;
  readonly serve: Serve;

  constructor(readonly parts: WebParts) {
    const { names, course, fetch, wallClock, wake } = parts;
    this.carrier = new Carrier(names, fetch, wake);
    const host = httpHost(new Course(course, fetch), this.carrier, wake);
    const others = this.carrier.handler();
    const web: Handler = (head, socket) => (socket.localAddress === GATEWAY ? host : others)(head, socket);
    this.serve = (socket, nowMs) => new HttpConnection(socket, nowMs, web, wallClock);
  }

  request(request: GuestRequest, port: GuestPort, nowMs: number): Session {
    return new GuestExchange(this.parts.stack, request, port, nowMs, this.parts.wake);
  }
}
