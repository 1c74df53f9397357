/** The small servers of TCP: echo (RFC 862), discard (RFC 863) and daytime (RFC 867). */

import type { TcpSocket } from '../../src/net/tcp_socket';
import { daytime } from './daytime';
import { isError } from './failed';
import type { Serve, Session } from './session';

/** A connection on which nothing has happened for so long is closed. */
const PATIENCE_MS = 300_000;
const PIECE = 16 * 1024;

/** Sends back what comes, and holds no more than a piece of it: who does not read is not read from. */
export const echo: Serve = (socket, nowMs) => stream(socket, nowMs, (bytes) => bytes);

export const discard: Serve = (socket, nowMs) => stream(socket, nowMs, () => undefined);

export const daytimeAt =
  (wallClock: () => number): Serve =>
  (socket) => {
    socket.send(daytime(wallClock()));
    socket.close();
    return { turn: () => false, deadlineMs: 0 };
  };

function stream(socket: TcpSocket, startMs: number, answerTo: (bytes: Uint8Array) => Uint8Array | undefined): Session {
  const piece = new Uint8Array(PIECE);
  let unsent: Uint8Array | undefined;
  let deadlineMs = startMs + PATIENCE_MS;
  const flush = () => {
    if (!unsent) return;
    const sent = socket.send(unsent);
    if (!isError(sent)) unsent = sent < unsent.length ? unsent.subarray(sent) : undefined;
  };
  return {
    get deadlineMs() {
      return deadlineMs;
    },
    turn(nowMs) {
      for (;;) {
        flush();
        if (unsent) break;
        const n = socket.recv(piece);
        if (n === 'EAGAIN') break;
        if (isError(n) || n === 0) return close(socket);
        deadlineMs = nowMs + PATIENCE_MS;
        unsent = answerTo(piece.subarray(0, n));
      }
      return socket.hup || socket.error || nowMs >= deadlineMs ? close(socket) : true;
    },
  };
}

function close(socket: TcpSocket): false {
  socket.close();
  return false;
}
