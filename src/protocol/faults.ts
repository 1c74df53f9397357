/** Faults that are set from outside, below the code under test: at the medium, at the interrupt line, in memory. docs/faults.md. */

interface Occurring {
  /** The first event that is hit, counted from 1 at the time of setting. Default 1. */
  readonly at?: number;
  /** How many events are hit. Default 1; the states full, read-only and eject last until they are cleared. */
  readonly times?: number;
  /** From the first on every so manieth is hit. Default 1: those in a row. */
  readonly every?: number;
}

export type DiskRequest = 'read' | 'write' | 'flush';

export interface DiskFault extends Occurring {
  readonly on: 'disk';
  readonly what: 'error' | 'no answer' | 'bit flip' | 'torn write' | 'full' | 'read-only' | 'eject';
  /** Counts and hits only these; default: every request that the fault can happen to. */
  readonly request?: DiskRequest;
  /** Counts and hits only requests that touch one of these, of 512 bytes, from the start of the disk: a bad place. */
  readonly sectors?: { readonly first: number; readonly count: number };
}

export interface InterruptFault extends Occurring {
  readonly on: 'interrupt';
  readonly what: 'lost' | 'duplicated' | 'delayed';
  /** The driver whose device raises it. */
  readonly domain: string;
  /** How late a delayed one is. Default 100. */
  readonly ms?: number;
}

export interface WireFault extends Occurring {
  readonly on: 'wire';
  readonly what: 'lost' | 'duplicated' | 'corrupted' | 'delayed';
  /** Counts and hits only frames that the network card sends, or receives; default: both. */
  readonly direction?: 'send' | 'receive';
  /** How late a delayed one is. Default 100. */
  readonly ms?: number;
}

/** A component drops a frame as if it had no buffer for it: one that it would have passed on otherwise. */
export interface HopFault extends Occurring {
  readonly on: 'hop';
  readonly what: 'lost';
  /** The component: net_virt_rx, net_virt_tx or a copier. */
  readonly domain: string;
}

/** Turns bits of one 32-bit word over, once, at once. */
export interface MemoryFault {
  readonly on: 'memory';
  /** Name of a region in the system description; of a guest's regions, that of the generation that runs. */
  readonly region: string;
  /** In bytes, a multiple of 4. */
  readonly offset: number;
  readonly bits: number;
}

/** Faults of events, which are counted as they happen. */
type EventFault = DiskFault | InterruptFault | WireFault | HopFault;

export type Fault = EventFault | MemoryFault;

export interface SetFault<F extends Fault = Fault> {
  readonly id: number;
  readonly fault: F;
}

/** What a worker that carries faults offers the control plane. */
export interface FaultControl {
  /** Replaces all; a fault that stays keeps its count. */
  setFaults(faults: readonly SetFault[]): void;
  /** How often each has happened, by id. */
  faultHits(): Readonly<Record<number, number>>;
}

/** Requests that a disk fault can happen to. */
export const AFFECTS: Readonly<Record<DiskFault['what'], readonly DiskRequest[]>> = {
  error: ['read', 'write', 'flush'],
  'no answer': ['read', 'write', 'flush'],
  'bit flip': ['read', 'write'],
  'torn write': ['write'],
  full: ['write'],
  'read-only': ['write'],
  eject: ['read', 'write', 'flush'],
};

const LASTING: readonly string[] = ['full', 'read-only', 'eject'] satisfies DiskFault['what'][];

const WIRE_FAULTS: readonly string[] = ['lost', 'duplicated', 'corrupted', 'delayed'] satisfies WireFault['what'][];

/** One sentence about what is wrong with a fault; undefined when it can be set. */
export function faultProblem(fault: Fault): string | undefined {
  const { on } = fault;
  if (on === 'memory') {
    const { offset, bits } = fault;
    if (!Number.isInteger(offset) || offset < 0 || offset % 4 !== 0) return 'offset must be a multiple of 4.';
    return Number.isInteger(bits) && bits !== 0 ? undefined : 'bits must be an integer other than 0.';
  }
  const { at = 1, times = 1, every = 1 } = fault;
  if (!(Number.isInteger(at) && at >= 1)) return 'at counts from 1.';
  if (!(Number.isInteger(every) && every >= 1)) return 'every must be an integer from 1 on.';
  if (!(times >= 1)) return 'times must be at least 1.';
  if (on === 'interrupt') {
    const known = ['lost', 'duplicated', 'delayed'].includes(fault.what);
    return known ? undefined : `An interrupt can be lost, duplicated or delayed, not '${fault.what}'.`;
  }
  if (on === 'wire') {
    return WIRE_FAULTS.includes(fault.what) ? undefined : `A frame on the wire can be: ${WIRE_FAULTS.join(', ')}.`;
  }
  if (on === 'hop') return fault.what === 'lost' ? undefined : 'A frame at a hop can only be lost.';
  if (on !== 'disk') return "A fault is on 'disk', 'interrupt', 'wire', 'hop' or 'memory'.";
  const affected = AFFECTS[fault.what];
  if (!affected) return `A disk fault is one of: ${Object.keys(AFFECTS).join(', ')}.`;
  const { first = 0, count = 1 } = fault.sectors ?? {};
  if (!(Number.isInteger(first) && first >= 0 && Number.isInteger(count) && count >= 1))
    return 'sectors are counted from 0, and are at least 1.';
  if (fault.request && !affected.includes(fault.request))
    return `'${fault.what}' happens to ${affected.join(', ')} only.`;
  return undefined;
}

/** The faults of one kind that are set, and how far each has counted. */
export class FaultSet<F extends EventFault> {
  #set: (SetFault<F> & { seen: number; hits: number })[] = [];

  set(faults: readonly SetFault<F>[]): void {
    this.#set = faults.map((entry) => this.#set.find(({ id }) => id === entry.id) ?? { ...entry, seen: 0, hits: 0 });
  }

  /** An event happens: counted by every fault that it is of interest to. The first that hits it is returned. */
  next(concerns: (fault: F) => boolean): F | undefined {
    let hit: F | undefined;
    for (const entry of this.#set) {
      if (!concerns(entry.fault)) continue;
      const {
        at = 1,
        times = LASTING.includes(entry.fault.what) ? Number.POSITIVE_INFINITY : 1,
        every = 1,
      } = entry.fault;
      const n = (++entry.seen - at) / every;
      if (hit !== undefined || n < 0 || n >= times || !Number.isInteger(n)) continue;
      entry.hits++;
      hit = entry.fault;
    }
    return hit;
  }

  hits(): Record<number, number> {
    return Object.fromEntries(this.#set.map(({ id, hits }) => [id, hits]));
  }
}

/** Those of the disk, as its device model asks for them. */
export class DiskFaults {
  readonly #faults = new FaultSet<DiskFault>();
  /** Some request is to have no answer, now or later. */
  silences = false;

  /** `speaks`: the disk answers again, and what it kept is to fail. */
  constructor(readonly speaks: () => void = () => {}) {}

  set(all: readonly SetFault[]): void {
    const mine = all.filter((entry): entry is SetFault<DiskFault> => entry.fault.on === 'disk');
    this.#faults.set(mine);
    this.silences = mine.some(({ fault }) => fault.what === 'no answer');
    if (!this.silences) this.speaks();
  }

  /** What befalls a request for `count` sectors from `first` on; a flush is for none. */
  next(request: DiskRequest, first = 0, count = 0): DiskFault['what'] | undefined {
    const concerns = ({ what, request: only, sectors }: DiskFault) => {
      if (!AFFECTS[what].includes(request) || (only ?? request) !== request) return false;
      return !sectors || (first < sectors.first + sectors.count && sectors.first < first + count);
    };
    return this.#faults.next(concerns)?.what;
  }

  hits(): Record<number, number> {
    return this.#faults.hits();
  }
}
