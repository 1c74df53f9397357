/**
 * Where a running system stops by itself. While a breakpoint is set, the system goes on by single grants of the gate, and before each one
 * this looks at the queues of whoever is next: components know nothing of it, and cost nothing when none is set.
 */
import {
  BLK_QUEUE_CAPACITY,
  BLK_REQ_CODE,
  BLK_REQ_QUEUE,
  BLK_RESP_QUEUE,
  BLK_RESP_STATUS,
} from '../protocol/blk_queue';
import { FS_CMD, FS_COMMAND_QUEUE, FS_QUEUE_CAPACITY } from '../protocol/fs';
import { FreshEntries } from './breakpoints_queue';
import type { Runnable } from './gate';
import { mappedNow, type SystemMemory } from './layout';
import type { ProtectionDomain } from './sdf';

export type Breakpoint =
  /** Before the domain takes any notification. */
  | { readonly on: 'domain'; readonly domain: string }
  /** Before it takes one on this channel or interrupt: its number, or the symbol that the domain knows it by. */
  | { readonly on: 'channel'; readonly domain: string; readonly channel: number | string }
  /** Before the file system server sees such a command. */
  | { readonly on: 'command'; readonly command: keyof typeof FS_CMD }
  /** Before the block driver, and with it the device, sees a request that touches these sectors of the disk (512 bytes each, from 0). */
  | {
      readonly on: 'sectors';
      readonly from: number;
      readonly count: number;
      /** Both when absent. */
      readonly access?: 'read' | 'write';
      /** What lies there, for the words: `the FAT`. */
      readonly name?: string;
    }
  /** After a domain has faulted, or before blk_virt sees that a disk request has failed. */
  | { readonly on: 'fault' };

export interface SetBreakpoint {
  readonly id: number;
  readonly breakpoint: Breakpoint;
}

export interface Stop extends SetBreakpoint {
  /** One sentence. */
  readonly words: string;
}

const SECTORS_PER_BLOCK = 8;
const DRIVER = 'blk_driver';
const VIRTUALISER = 'blk_virt';

export class Breakpoints {
  #set: readonly SetBreakpoint[] = [];
  #next = 1;
  readonly #requests = new FreshEntries(BLK_REQ_QUEUE, BLK_QUEUE_CAPACITY);
  readonly #responses = new FreshEntries(BLK_RESP_QUEUE, BLK_QUEUE_CAPACITY);
  readonly #commands = new FreshEntries(FS_COMMAND_QUEUE, FS_QUEUE_CAPACITY);
  #dead: ReadonlySet<string> = new Set();

  get list(): readonly SetBreakpoint[] {
    return this.#set;
  }

  /** Throws one sentence when there can be no such breakpoint. */
  set({ description }: SystemMemory, breakpoint: Breakpoint, dead: readonly string[] = []): number {
    const problem = problemWith(breakpoint, description.domains, (domain, channel) =>
      description.channels.some(({ a, b }) =>
        [a, b].some((end) => end.domain === domain && (end.id === channel || end.symbol === channel)),
      ),
    );
    if (problem) throw new Error(problem);
    if (this.#set.length === 0) this.#dead = new Set(dead);
    this.#set = [...this.#set, { id: this.#next, breakpoint }];
    return this.#next++;
  }

  clear(id?: number): void {
    this.#set = id === undefined ? [] : this.#set.filter((one) => one.id !== id);
  }

  /** Whether to stop before this grant. What has been stopped for once lets pass. */
  before(memory: SystemMemory, next: Runnable): Stop | undefined {
    const fresh = this.#look(memory, next.domain);
    for (const one of this.#set) {
      const words = this.#words(memory, one.breakpoint, next, fresh);
      if (words) return { ...one, words };
    }
    return undefined;
  }

  /** Whether to stop because one of these has died since. */
  after(dead: readonly string[]): Stop | undefined {
    const died = dead.find((domain) => !this.#dead.has(domain));
    this.#dead = new Set(dead);
    const one = this.#set.find(({ breakpoint }) => breakpoint.on === 'fault');
    return died && one ? { ...one, words: `${died} has ended.` } : undefined;
  }

  /** What has come into the queues of that domain since they were looked at last. */
  #look(memory: SystemMemory, domain: string): Fresh {
    const { kind, maps } = memory.description.domains.find(({ name }) => name === domain)!;
    const symbols =
      kind === 'guest' ? maps.map(({ symbol }) => symbol).filter((s) => s.startsWith('vmfs_command')) : [];
    return {
      requests: domain === DRIVER ? this.#requests.in(mappedNow(memory, DRIVER, 'request')) : [],
      failures:
        domain === VIRTUALISER
          ? this.#responses
              .in(mappedNow(memory, VIRTUALISER, 'driver_response'))
              .filter(({ status }) => status !== BLK_RESP_STATUS.OK)
          : [],
      commands: symbols.flatMap((symbol) => this.#commands.in(mappedNow(memory, domain, symbol))),
    };
  }

  #words(memory: SystemMemory, at: Breakpoint, next: Runnable, fresh: Fresh): string | undefined {
    switch (at.on) {
      case 'domain':
        return at.domain === next.domain ? `${at.domain} is about to take a notification.` : undefined;
      case 'channel':
        return at.domain === next.domain && next.id === channelId(memory, at)
          ? `${at.domain} is about to take a notification on ${at.channel}.`
          : undefined;
      case 'command':
        return fresh.commands.some(({ type }) => type === FS_CMD[at.command])
          ? `${next.domain} is about to see the command ${at.command}.`
          : undefined;
      case 'sectors':
        return sectorWords(at, fresh.requests);
      case 'fault':
        return fresh.failures.length > 0 ? `${VIRTUALISER} is about to see that a disk request has failed.` : undefined;
    }
  }
}

interface Fresh {
  readonly requests: readonly BlkRequest[];
  readonly failures: readonly object[];
  readonly commands: readonly { readonly type: number }[];
}

type SectorBreakpoint = Extract<Breakpoint, { on: 'sectors' }>;

interface BlkRequest {
  readonly code: number;
  readonly block_number: number;
  readonly count: number;
}

function sectorWords({ from, count, access, name }: SectorBreakpoint, requests: readonly BlkRequest[]) {
  for (const request of requests) {
    if (request.code !== BLK_REQ_CODE.READ && request.code !== BLK_REQ_CODE.WRITE) continue;
    const what = request.code === BLK_REQ_CODE.READ ? 'read' : 'write';
    const first = request.block_number * SECTORS_PER_BLOCK;
    const end = first + request.count * SECTORS_PER_BLOCK;
    if ((access && access !== what) || end <= from || first >= from + count) continue;
    return `${DRIVER} is about to see a ${what} of sectors ${first} to ${end - 1}${name ? `: ${name}` : ''}.`;
  }
  return undefined;
}

function channelId({ description }: SystemMemory, { domain, channel }: Extract<Breakpoint, { on: 'channel' }>) {
  if (typeof channel === 'number') return channel;
  const ends = description.channels.flatMap(({ a, b }) => [a, b]).filter((end) => end.domain === domain);
  const irqs = description.domains.find(({ name }) => name === domain)?.irqs ?? [];
  return [...ends, ...irqs].find(({ symbol }) => symbol === channel)?.id;
}

function problemWith(
  at: Breakpoint,
  domains: readonly ProtectionDomain[],
  isChannel: (domain: string, channel: number | string) => boolean,
): string | undefined {
  if (at.on === 'domain' || at.on === 'channel') {
    const domain = domains.find(({ name }) => name === at.domain);
    if (!domain)
      return `There is no protection domain '${at.domain}'. There is: ${domains.map(({ name }) => name).join(', ')}.`;
    if (at.on === 'domain') return undefined;
    const isIrq = domain.irqs.some(({ id, symbol }) => id === at.channel || symbol === at.channel);
    return isIrq || isChannel(at.domain, at.channel) ? undefined : `${at.domain} has no channel '${at.channel}'.`;
  }
  if (at.on === 'command')
    return at.command in FS_CMD
      ? undefined
      : `There is no command '${at.command}'. There is: ${Object.keys(FS_CMD).join(', ')}.`;
  if (at.on === 'sectors') {
    const whole = Number.isSafeInteger(at.from) && at.from >= 0 && Number.isSafeInteger(at.count) && at.count > 0;
    return whole ? undefined : 'A range of sectors has a first one, from 0, and a count, from 1.';
  }
  return at.on === 'fault' ? undefined : `A breakpoint is on 'domain', 'channel', 'command', 'sectors' or 'fault'.`;
}
