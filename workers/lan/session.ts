/** One TCP connection of a server, as the lan moves it on: whatever can be done is done, and then it says when it runs out of patience. */
import type { TcpSocket } from '../../src/net/tcp_socket';

export interface Session {
  /** Does what can be done at `nowMs`; false when the session is over and its socket closed. */
  turn(nowMs: number): boolean;
  /** When `turn` is to be called although nothing came, in milliseconds. */
  readonly deadlineMs: number;
}

export type Serve = (socket: TcpSocket, nowMs: number) => Session;
