/**
 * What clients asked of the file system, statement by statement, out of what the recorders hold. A line at the prompt is a statement, with
 * the lines of its block; so is a program that a script sends. What another client asks in one go counts as one, and what the guest does of
 * its own accord.
 */
import { FS_CMD } from '../../protocol/fs';
import { STATEMENT_OF, TRACE } from '../../protocol/trace';
import { clientOf } from '../../protocol/trace_words';
import { type Access, accessesOf } from './accesses';
import type { Entries, Entry } from './entries';
import { keyOf } from './lines';
import type { Roles } from './roles';
import { nameIn } from './words';

export interface Clusters {
  readonly first: number;
  readonly count: number;
}

/** One try at a command: after a reboot of the server the client sends it again. */
export interface Try {
  /** When the server took it up; undefined when it has not, or nobody knows any more. */
  readonly served?: number;
  readonly answered?: number;
  readonly accesses: readonly Access[];
  readonly clusters: readonly Clusters[];
}

/** One command of the file system protocol. Times in milliseconds since boot. */
export interface Command {
  readonly request: number;
  /** FS_CMD. */
  readonly name: string;
  readonly length: number;
  readonly offset: number;
  readonly begin: number;
  /** When its client had put it into the queue. */
  readonly queued: number;
  readonly end?: number;
  /** FS_STATUS, and what the server answered besides. */
  readonly status?: number;
  readonly result?: number;
  /** One, unless the server was rebooted in between. */
  readonly tries: readonly Try[];
}

export type Of = 'line' | 'program' | 'start' | 'client' | 'guest';

export interface Statement {
  /** Unlike that of any other of this system. */
  readonly key: string;
  /** Of each of its lines. */
  readonly keys: readonly string[];
  readonly domain: string;
  readonly of: Of;
  /** Of MicroPython: the number of the statement, and of the last line of its block. */
  readonly number?: number;
  readonly last?: number;
  readonly begin: number;
  readonly end?: number;
  /** Numbers of its commands, in order, each once. */
  readonly requests: readonly number[];
}

/** Another client's commands with no more than this between them are one statement. */
const PAUSE_MS = 100;
/** Commands that a client may have under way. */
const IN_FLIGHT = 512;
const OF: Readonly<Record<number, Of>> = {
  [STATEMENT_OF.LINE]: 'line',
  [STATEMENT_OF.PROGRAM]: 'program',
  [STATEMENT_OF.START]: 'start',
};

interface Draft {
  key: string;
  keys: string[];
  domain: string;
  of: Of;
  number?: number;
  last?: number;
  begin: number;
  end?: number;
  requests: number[];
}

/** All that the recorders still know of, oldest first. `continues`: the line of that key goes on with the block of the one before. */
export function statementsOf(entries: Entries, continues: (key: string) => boolean): Statement[] {
  const { clients, guest } = entries.roles;
  const drafts = clients.flatMap((client) => draftsOf(client, entries.of(client), continues));
  return [...drafts, ...ownDrafts(guest, entries.of(guest))].sort((x, y) => x.begin - y.begin);
}

function draftsOf(domain: string, entries: readonly Entry[], continues: (key: string) => boolean): Draft[] {
  const drafts: Draft[] = [];
  let open: Draft | undefined;
  for (const { kind, time, until, request, a, b } of entries) {
    const last = drafts.at(-1);
    const key = keyOf(domain, { a, time });
    if (kind === TRACE.STATEMENT && last?.last !== undefined && a === last.last + 1 && continues(key)) {
      open = Object.assign(last, { last: a });
      last.keys.push(key);
    } else if (kind === TRACE.STATEMENT) {
      open = { key, keys: [key], domain, of: OF[b] ?? 'program', number: a, last: a, begin: time, requests: [] };
      drafts.push(open);
    } else if (kind === TRACE.STATEMENT_END && open) {
      open.end = until ?? time;
      open = undefined;
    } else if (kind === TRACE.REQUEST) {
      const pause = open ? 0 : time - (last?.end ?? Number.NEGATIVE_INFINITY);
      const target = open ?? (last?.of === 'client' && pause < PAUSE_MS ? last : undefined);
      if (target) addTo(target, request, until ?? time);
      else drafts.push(burst(domain, 'client', request, time, until));
    } else if (kind === TRACE.RESPONSE && last && !open) last.end = time;
  }
  return drafts;
}

function addTo(draft: Draft, request: number, time: number): void {
  // Asked again, it is among the last.
  if (!draft.requests.includes(request, -IN_FLIGHT)) draft.requests.push(request);
  if (draft.of === 'client') draft.end = time;
}

function burst(domain: string, of: Of, request: number, time: number, until: number | undefined): Draft {
  const key = `${domain} request ${request} ${time}`;
  return { key, keys: [key], domain, of, begin: time, end: until ?? time, requests: [request] };
}

/** What the guest does without being asked. */
function ownDrafts(guest: string, entries: readonly Entry[]): Draft[] {
  const drafts = new Map<number, Draft>();
  for (const { request, time, until } of entries) {
    if (clientOf(request) !== 'guest') continue;
    const known = drafts.get(request);
    if (known) known.end = until ?? time;
    else drafts.set(request, burst(guest, 'guest', request, time, until));
  }
  return [...drafts.values()];
}

/** The statement's commands with everything that is known of them; `most` at a time, from the first on. */
export function commandsOf(
  { domain, requests }: Statement,
  entries: Entries,
  most = Number.POSITIVE_INFINITY,
): Command[] {
  const wanted = new Set(requests.slice(0, most));
  const byRequest = new Map<number, Entry[]>();
  const { roles } = entries;
  for (const place of new Set([domain, roles.guest, roles.monitor, roles.virt, roles.driver])) {
    for (const entry of entries.of(place)) {
      if (!wanted.has(entry.request)) continue;
      const known = byRequest.get(entry.request);
      if (known) known.push(entry);
      else byRequest.set(entry.request, [entry]);
    }
  }
  return [...byRequest.values()].map((all) => commandOf(all, domain, roles)).sort((x, y) => x.begin - y.begin);
}

function commandOf(entries: readonly Entry[], domain: string, roles: Roles): Command {
  const asked = entries.filter((entry) => entry.domain === domain && entry.kind === TRACE.REQUEST);
  const answer = entries.find((entry) => entry.domain === domain && entry.kind === TRACE.RESPONSE);
  const first = asked[0] ?? entries[0]!;
  const own = domain === roles.guest;
  const served = entries.filter(({ domain: at, kind }) => at === roles.guest && kind === TRACE.REQUEST);
  const end = answer?.time ?? (own ? entries.at(-1)?.time : undefined);
  return {
    request: first.request,
    name: own ? 'CLEAN' : nameIn(FS_CMD, first.a),
    length: own ? 0 : first.b,
    offset: served[0]?.b ?? 0,
    begin: first.time,
    queued: first.until ?? first.time,
    ...(end === undefined ? {} : { end }),
    ...(answer ? { status: answer.a, result: answer.b } : {}),
    tries: triesOf(entries, asked.length, roles),
  };
}

/** The rings tell the tries apart by time: what a later server does comes after the client has asked again. */
function triesOf(entries: readonly Entry[], count: number, roles: Roles): Try[] {
  const guest = entries.filter(({ domain }) => domain === roles.guest);
  const starts = guest.filter(({ kind }) => kind === TRACE.REQUEST).map(({ time }) => time);
  const bounds = starts.length > 1 ? starts : [Number.NEGATIVE_INFINITY];
  const tries = bounds.map((from, i): Try => {
    const to = bounds[i + 1] ?? Number.POSITIVE_INFINITY;
    const mine = entries.filter(({ time }) => (i === 0 || time >= from) && time < to);
    return tryOf(mine, roles);
  });
  // Asked again, and not served yet.
  return starts.length > 0 && count > tries.length ? [...tries, { accesses: [], clusters: [] }] : tries;
}

function tryOf(entries: readonly Entry[], roles: Roles): Try {
  const guest = entries.filter(({ domain }) => domain === roles.guest);
  const served = guest.find(({ kind }) => kind === TRACE.REQUEST);
  const answered = guest.find(({ kind }) => kind === TRACE.RESPONSE);
  return {
    ...(served ? { served: served.time } : {}),
    ...(answered ? { answered: answered.until ?? answered.time } : {}),
    accesses: accessesOf(entries, roles),
    clusters: guest.flatMap(({ kind, a, b }) => (kind === TRACE.CLUSTERS ? [{ first: a, count: b }] : [])),
  };
}
