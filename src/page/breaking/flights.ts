/**
 * What became of a client's file system commands when their server went: read off the client's own flight recorder. A client that follows
 * the next server mounts first, opens its files again, and then sends again or gives up what was in flight (libfs/server_restart.ts).
 */
import { FS_CMD, FS_STATUS } from '../../protocol/fs';
import { TRACE, type TraceRecord } from '../../protocol/trace';

export interface Flight {
  readonly client: string;
  /** The command's number, as far as the recorder keeps it. */
  readonly request: number;
  /** As in `FILE_WRITE`. */
  readonly command: string;
  /** `waits`: for the next server; `again`: sent to it; `answered`: by it; otherwise the error that it ended with. */
  readonly fate: 'waits' | 'again' | 'answered' | 'EIO' | 'ESTALE';
}

/** When things happened, on the recorder's clock. */
export interface FlightTimes {
  /** The client asked the next server to mount, and had its answer. */
  readonly askedMs?: number;
  readonly mountedMs?: number;
  /** The last command in flight was sent again or given up. */
  readonly decidedMs?: number;
  /** The first answer that a program waited for. */
  readonly answeredMs?: number;
}

export class Flights {
  times: FlightTimes = {};
  /** Commands without an answer, by number. */
  readonly #open = new Map<number, number>();
  readonly #lost = new Map<number, Flight>();
  #gone = false;
  #mount: number | undefined;

  constructor(readonly client: string) {}

  /** What was in flight when the client turned to the next server; until then, what is. */
  get list(): readonly Flight[] {
    if (this.#mount !== undefined) return [...this.#lost.values()];
    return this.#gone ? [...this.#open].map(([request, command]) => this.#flight(request, command)) : [];
  }

  /** The server is gone: what the client records from now on is about the next one. */
  serverGone(): void {
    this.#gone = true;
  }

  next({ kind, request, a, time }: TraceRecord): void {
    if (kind === TRACE.REQUEST) this.#sent(request, a, time);
    else if (kind === TRACE.RESPONSE) this.#answered(request, a, time);
  }

  #sent(request: number, command: number, time: number): void {
    if (this.#gone && this.#mount === undefined && command === FS_CMD.INITIALISE) {
      this.#mount = request;
      this.times = { askedMs: time };
      for (const [lost, of] of this.#open) this.#lost.set(lost, this.#flight(lost, of));
    }
    this.#open.set(request, command);
    this.#decide(request, 'again', time);
  }

  #answered(request: number, status: number, time: number): void {
    const command = this.#open.get(request);
    this.#open.delete(request);
    const failed = status === FS_STATUS.STALE ? 'ESTALE' : status === FS_STATUS.IO_ERROR ? 'EIO' : 'answered';
    this.#decide(request, failed, time);
    if (this.#mount === undefined) return;
    if (request === this.#mount) this.#mounted(time);
    // Numbers are given out in order: what was asked before the mount is a program's, and files are opened again between the two.
    else if (this.times.answeredMs === undefined && (request < this.#mount || command !== FS_CMD.FILE_OPEN))
      this.times = { ...this.times, answeredMs: time };
  }

  #mounted(time: number): void {
    this.times = { ...this.times, mountedMs: time };
    if (this.#lost.size === 0) this.times = { ...this.times, decidedMs: time };
  }

  #decide(request: number, fate: Flight['fate'], time: number): void {
    const flight = this.#lost.get(request);
    if (!flight) return;
    this.#lost.set(request, { ...flight, fate });
    const waits = [...this.#lost.values()].some((lost) => lost.fate === 'waits');
    if (!waits && this.times.decidedMs === undefined) this.times = { ...this.times, decidedMs: time };
  }

  #flight(request: number, command: number): Flight {
    return { client: this.client, request, command: commandName(command), fate: 'waits' };
  }
}

function commandName(command: number): string {
  const name = Object.keys(FS_CMD).find((key) => FS_CMD[key as keyof typeof FS_CMD] === command);
  return name ?? `command ${command}`;
}
