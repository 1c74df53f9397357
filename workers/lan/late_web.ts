/** Stands for the lan's HTTP until it is loaded: a connection that comes before that waits, and is served then. */
import type { GuestPort, GuestRequest } from '../../src/protocol/lan';
import type { Serve, Session } from './session';
import type { Web, WebParts } from './web';

/** `web` may be there at once: then nobody waits. */
export type LoadWeb = (parts: WebParts) => Web | Promise<Web>;

/** Until it is loaded, for whoever waits. */
const PATIENCE_MS = 15_000;

export class LateWeb {
  #web: Web | undefined;
  #isAsked = false;
  #isOn = false;

  constructor(
    readonly load: LoadWeb,
    readonly parts: WebParts,
  ) {}

  /** Whether requests to other hosts are carried by fetch. */
  get isOn(): boolean {
    return this.#isOn;
  }

  set isOn(on: boolean) {
    this.#isOn = on;
    if (this.#web) this.#web.carrier.isOn = on;
  }

  get carried(): number {
    return this.#web?.carrier.carried ?? 0;
  }

  readonly serve: Serve = (socket, nowMs) =>
    new Late(
      () => this.#loaded()?.serve(socket, nowMs),
      () => socket.abort(),
      nowMs,
    );

  request(request: GuestRequest, port: GuestPort, nowMs: number): Session {
    return new Late(
      () => this.#loaded()?.request(request, port, nowMs),
      () => port.close(),
      nowMs,
    );
  }

  #loaded(): Web | undefined {
    if (!this.#isAsked) this.#ask();
    return this.#web;
  }

  #ask(): void {
    this.#isAsked = true;
    const came = (web: Web) => {
      this.#web = web;
      web.carrier.isOn = this.#isOn;
      this.parts.wake();
    };
    const web = this.load(this.parts);
    if (web instanceof Promise) {
      // The next connection tries again.
      const failed = () => {
        this.#isAsked = false;
      };
      web.then(came, failed);
    } else came(web);
  }
}

class Late implements Session {
  deadlineMs: number;
  #session: Session | undefined;

  constructor(
    readonly start: () => Session | undefined,
    readonly giveUp: () => void,
    nowMs: number,
  ) {
    this.deadlineMs = nowMs + PATIENCE_MS;
    this.#session = start();
  }

  turn(nowMs: number): boolean {
    this.#session ??= this.start();
    if (this.#session) {
      const goesOn = this.#session.turn(nowMs);
      this.deadlineMs = this.#session.deadlineMs;
      return goesOn;
    }
    if (nowMs < this.deadlineMs) return true;
    this.giveUp();
    return false;
  }
}
