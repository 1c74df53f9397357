/** A port that takes connections: those that are being established and those that wait to be accepted, together at most the backlog. */
import { IPV4_ANY } from '../specs/ipv4';
import type { TcpConnection } from './tcp_connection';

const MAX_BACKLOG = 128;

export class TcpListener {
  readonly #beginning = new Set<TcpConnection>();
  readonly #ready: TcpConnection[] = [];
  readonly #backlog: number;

  constructor(
    readonly address: number,
    readonly port: number,
    backlog: number,
  ) {
    this.#backlog = Math.min(Math.max(backlog, 1), MAX_BACKLOG);
  }

  takes(address: number, port: number): boolean {
    return port === this.port && (this.address === IPV4_ANY || this.address === address);
  }

  get isFull(): boolean {
    return this.#beginning.size + this.#ready.length >= this.#backlog;
  }

  get hasReady(): boolean {
    return this.#ready.length > 0;
  }

  begin(connection: TcpConnection): void {
    this.#beginning.add(connection);
  }

  established(connection: TcpConnection): void {
    if (this.#beginning.delete(connection)) this.#ready.push(connection);
  }

  /** The oldest one, now the caller's. It may have been reset or finished since. */
  take(): TcpConnection | undefined {
    const connection = this.#ready.shift();
    if (connection) connection.listener = undefined;
    return connection;
  }

  /** A connection ended before it was accepted: as in BSD, nobody hears of it. */
  forget(connection: TcpConnection): void {
    this.#beginning.delete(connection);
    const at = this.#ready.indexOf(connection);
    if (at >= 0) this.#ready.splice(at, 1);
  }

  close(): void {
    for (const connection of [...this.#beginning, ...this.#ready]) connection.abort();
  }
}
