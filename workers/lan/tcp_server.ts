/** A listening port and its sessions. At most `MAX_SESSIONS` are served at once; others wait in the listener's backlog, and then in their own SYN. */

import type { Stack } from '../../src/net/stack';
import type { TcpSocket } from '../../src/net/tcp_socket';
import { isError } from './failed';
import type { Serve, Session } from './session';

const MAX_SESSIONS = 64;
const BACKLOG = 64;

export class TcpServer {
  #listener: TcpSocket;
  readonly #sessions = new Set<Session>();

  constructor(
    readonly stack: Stack,
    address: number,
    readonly port: number,
    readonly serve: Serve,
  ) {
    this.#listener = this.#listen(address);
  }

  /** Takes connections for another address from now on, 0 for every one; those that are served go on. */
  move(address: number): void {
    this.#listener.close();
    this.#listener = this.#listen(address);
  }

  #listen(address: number): TcpSocket {
    const listener = this.stack.tcp();
    const error = listener.bind(address, this.port) ?? listener.listen(BACKLOG);
    if (error) throw new Error(`lan cannot listen on TCP port ${this.port}: ${error}`);
    return listener;
  }

  /** Returns when to call it again although nothing came. */
  turn(nowMs: number): number {
    let next = this.#moveOn(nowMs);
    while (this.#sessions.size < MAX_SESSIONS) {
      const socket = this.#listener.accept();
      if (isError(socket)) break;
      this.#sessions.add(this.serve(socket, nowMs));
      next = nowMs;
    }
    return next;
  }

  #moveOn(nowMs: number): number {
    let next = Number.POSITIVE_INFINITY;
    for (const session of this.#sessions) {
      if (session.turn(nowMs)) next = Math.min(next, session.deadlineMs);
      else this.#sessions.delete(session);
    }
    return next;
  }
}
