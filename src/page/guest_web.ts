/** The page's way to the network outside the machine: the guest's web server, what the lan counts, and the switch for other hosts. */
import { type Remote, transfer } from 'comlink';
import type { SystemMemory } from '../microkit/layout';
import type { ForGuest, FromGuest, GuestHead, GuestRequest, LanControl, LanStatus } from '../protocol/lan';
import { type NetCount, readNetCounters } from '../protocol/net_counters';
import { Region } from '../protocol/region';
import { type WireCounters, wireCounters } from '../protocol/wire';
import { serviceWorkerActive } from './offline';

export interface NetStatus {
  /** Frames from the network card and to it, at the wire. */
  readonly wire: { readonly out: WireCounters; readonly in: WireCounters };
  /** What each component between card and client counted, by its name. */
  readonly hops: Readonly<Record<string, Readonly<Record<NetCount, number>>>>;
  readonly lan: LanStatus;
}

export interface NetSystem {
  /** Throws one sentence while there is none. */
  control(): Remote<LanControl>;
  memory(): SystemMemory | undefined;
}

/** An answer by itself, for scripts: what the guest sent, with nothing added. */
const asSent = ({ status, reason, fields }: GuestHead) => ({
  status: status >= 200 && status <= 599 ? status : 502,
  statusText: /^[\t\x20-\x7e]*$/.test(reason) ? reason : '',
  headers: fields.filter(([name]) => name !== 'set-cookie').map(([name, value]): [string, string] => [name, value]),
});

/** Where the pages of the guest's web server are, for a frame; a sentence where they cannot be shown. */
export type GuestAddress = { readonly address: string } | { readonly problem: string };

export class GuestWeb {
  /** In the paths of this tab's guest pages, so that the service worker finds the tab. */
  readonly mark = crypto.randomUUID().slice(0, 8);
  readonly #listeners = new Set<() => void>();

  constructor(
    readonly system: NetSystem,
    public carries: boolean,
  ) {}

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** The page's address of a path in the guest. */
  async addressOf(path: string): Promise<GuestAddress> {
    try {
      await serviceWorkerActive();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return {
        problem: `Pages of the guest come through the page's service worker, which this browser does not start (${why}).`,
      };
    }
    return { address: new URL(`guest/~${this.mark}${path}`, document.baseURI).href };
  }

  /** The path in the guest that an address of `addressOf` stands for. */
  pathOf(address: string): string | undefined {
    const root = new URL(`guest/~${this.mark}`, document.baseURI).href;
    return address.startsWith(`${root}/`) ? address.slice(root.length) : undefined;
  }

  /** Takes what the service worker asks for from now on. */
  serve(): void {
    navigator.serviceWorker?.addEventListener('message', ({ data, ports }: MessageEvent<ForGuest>) => {
      const [port] = ports;
      if (!port || !data.guest) return;
      const isMine = data.mark === undefined || data.mark === this.mark;
      port.postMessage(isMine ? 'mine' : 'no');
      if (isMine) void this.#hand(data.guest, port);
    });
  }

  /** A system has started: its lan begins with nothing switched on. */
  async started(): Promise<void> {
    if (this.carries) await this.system.control().carry(true);
  }

  /** Whether requests of the guest to other hosts are carried by fetch. */
  async carry(on: boolean): Promise<void> {
    this.carries = on;
    for (const listener of this.#listeners) listener();
    await this.system.control().carry(on);
  }

  /** A request to port 80 of the guest. Rejects with one sentence when there is no answer. */
  async fetch(path: string, init: RequestInit = {}): Promise<Response> {
    if (!path.startsWith('/')) throw new Error(`A path in the guest begins with a slash: '/${path}'.`);
    const { pathname, search } = new URL(path, location.origin);
    const request = new Request(new URL(pathname, location.origin), init);
    const body = new Uint8Array(await request.arrayBuffer());
    const { port1, port2 } = new MessageChannel();
    const answer = wholeAnswer(port1);
    const wanted = { method: request.method, path: pathname + search, fields: [...request.headers] };
    await this.#hand(body.length > 0 ? { ...wanted, body } : wanted, port2);
    return answer;
  }

  async status(): Promise<NetStatus> {
    const memory = this.system.memory();
    if (!memory) throw new Error('The system is not running.');
    const lan = await this.system.control().status();
    const wire = (name: string, buffer: SharedArrayBuffer) => wireCounters(new Region(name, buffer));
    return {
      wire: { out: wire('wire_tx', memory.wireTx), in: wire('wire_rx', memory.wireRx) },
      hops: hops(memory),
      lan,
    };
  }

  async #hand(wanted: GuestRequest, port: MessagePort): Promise<void> {
    try {
      await this.system.control().request(wanted, transfer(port, [port]));
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      port.postMessage({ failure: { kind: 'away', message } });
    }
  }
}

/** The service worker streams to a frame; a script wants the whole answer, or to hear that it is not whole. */
function wholeAnswer(port: MessagePort): Promise<Response> {
  return new Promise((resolve, reject) => {
    const pieces: Uint8Array<ArrayBuffer>[] = [];
    let head: GuestHead | undefined;
    port.onmessage = ({ data }: MessageEvent<FromGuest>) => {
      if ('head' in data) head = data.head;
      if ('piece' in data) pieces.push(data.piece);
      if ('failure' in data) reject(new Error(data.failure.message));
      if ('head' in data || 'piece' in data) return port.postMessage('more');
      const isBare = [204, 205, 304].includes(head?.status ?? 0);
      if (head) resolve(new Response(isBare ? null : new Blob(pieces), asSent(head)));
      port.close();
    };
  });
}

function hops({ description, regions }: SystemMemory): NetStatus['hops'] {
  const counted = description.domains.flatMap(({ name, maps }) => {
    const region = maps.find(({ symbol }) => symbol === 'net_counters')?.region;
    const buffer = region === undefined ? undefined : regions.get(region);
    return buffer ? [[name, readNetCounters(new Region(name, buffer))] as const] : [];
  });
  return Object.fromEntries(counted);
}
