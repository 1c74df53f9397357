/** From a description to memory: one buffer per region and per control structure, and each domain's boot message. */
import {
  type BootInfo,
  type ChannelBoot,
  CONTROL_SIZE,
  type DmaBoot,
  GUEST_WORD,
  type GuestSets,
  PPC_PAGE,
  type RegionBoot,
  setIndex,
} from '../protocol/boot';
import { LINE_RX_SIZE, LINE_TX_SIZE } from '../protocol/line';
import { TRACE_SIZE } from '../protocol/trace';
import { WIRE_SIZE } from '../protocol/wire';
import type { Channel, ProtectionDomain, SystemDescription } from './sdf';

export interface SystemMemory {
  readonly description: SystemDescription;
  readonly regions: ReadonlyMap<string, SharedArrayBuffer>;
  readonly control: ReadonlyMap<string, SharedArrayBuffer>;
  readonly trace: ReadonlyMap<string, SharedArrayBuffer>;
  readonly ppc: ReadonlyMap<Channel, SharedArrayBuffer>;
  /** Per guest: what its next generations live in; the first set is the one in the maps above. */
  readonly guests: ReadonlyMap<string, GuestMemory>;
  readonly gate: SharedArrayBuffer;
  readonly lineTx: SharedArrayBuffer;
  readonly lineRx: SharedArrayBuffer;
  /** Frames from the network card, and to it (protocol/wire.ts). */
  readonly wireTx: SharedArrayBuffer;
  readonly wireRx: SharedArrayBuffer;
  readonly bootTime: number;
}

/** Enough for restarts in a row while the memory of ended workers rests. */
const GUEST_SETS = 4;

export interface GuestMemory {
  readonly word: SharedArrayBuffer;
  readonly sets: readonly GuestMemorySet[];
}

export interface GuestMemorySet {
  readonly control: SharedArrayBuffer;
  readonly regions: ReadonlyMap<string, SharedArrayBuffer>;
  readonly ppc: ReadonlyMap<Channel, SharedArrayBuffer>;
}

/** Allocates everything; `bootTime` is milliseconds on the performance.timeOrigin scale. */
export function allocate(description: SystemDescription, bootTime: number): SystemMemory {
  const names = description.domains.map(({ name }) => name);
  const each = (size: number) => new Map(names.map((name) => [name, new SharedArrayBuffer(size)]));
  const calls = description.channels.filter(({ protectedCall }) => protectedCall);
  const base = {
    regions: new Map(description.regions.map(({ name, size }) => [name, new SharedArrayBuffer(size)])),
    control: each(CONTROL_SIZE),
    ppc: new Map(calls.map((channel) => [channel, new SharedArrayBuffer(PPC_PAGE.SIZE)])),
  };
  const guests = description.domains.filter(({ kind }) => kind === 'guest');
  return {
    description,
    ...base,
    trace: each(TRACE_SIZE),
    guests: new Map(guests.map((guest) => [guest.name, guestMemory(guest, base)])),
    gate: new SharedArrayBuffer(64),
    lineTx: new SharedArrayBuffer(LINE_TX_SIZE),
    lineRx: new SharedArrayBuffer(LINE_RX_SIZE),
    wireTx: new SharedArrayBuffer(WIRE_SIZE),
    wireRx: new SharedArrayBuffer(WIRE_SIZE),
    bootTime,
  };
}

type BaseMemory = Pick<SystemMemory, 'regions' | 'control' | 'ppc'>;

/** Everything that the guest can write, once for each set. */
function guestMemory(guest: ProtectionDomain, base: BaseMemory): GuestMemory {
  const first = {
    control: base.control.get(guest.name)!,
    regions: new Map(guest.maps.map(({ region }) => [region, base.regions.get(region)!])),
    ppc: new Map([...base.ppc].filter(([{ a, b }]) => a.domain === guest.name || b.domain === guest.name)),
  };
  const fresh = <K>(map: ReadonlyMap<K, SharedArrayBuffer>) =>
    new Map([...map].map(([key, { byteLength }]) => [key, new SharedArrayBuffer(byteLength)]));
  const sets = [first];
  try {
    while (sets.length < GUEST_SETS) {
      sets.push({ control: new SharedArrayBuffer(CONTROL_SIZE), regions: fresh(first.regions), ppc: fresh(first.ppc) });
    }
  } catch (error) {
    // A device with little address space: a reboot waits for the death of the old guest when there are fewer sets.
    if (!(error instanceof RangeError)) throw error;
  }
  return { word: new SharedArrayBuffer(GUEST_WORD.SIZE), sets };
}

/** The sets of the guest that `domain` shares memory or a channel with, in its own symbols and channel ids. */
function guestSets(memory: SystemMemory, domain: ProtectionDomain): { guest: GuestSets } | object {
  for (const [name, { word, sets }] of memory.guests) {
    if (name === domain.name) continue;
    const ends = memory.description.channels.flatMap((channel) => endsOf(channel, domain.name, name));
    if (ends.length === 0) continue;
    const shared = domain.maps.filter(({ region }) => sets[0]!.regions.has(region));
    return {
      guest: {
        word,
        sets: sets.map(({ control, regions, ppc }) => ({
          regions: Object.fromEntries(shared.map(({ symbol, region }) => [symbol, regions.get(region)!])),
          channels: Object.fromEntries(
            ends.map(({ id, channel }) => [
              id,
              { peerControl: control, ...(ppc.has(channel) ? { page: ppc.get(channel)! } : {}) },
            ]),
          ),
        })),
      },
    };
  }
  return {};
}

function endsOf(channel: Channel, here: string, there: string): { id: number; channel: Channel }[] {
  const { a, b } = channel;
  if (a.domain === here && b.domain === there) return [{ id: a.id, channel }];
  if (b.domain === here && a.domain === there) return [{ id: b.id, channel }];
  return [];
}

/** What a guest's generation of now lives in. */
export function setNow({ word, sets }: GuestMemory): GuestMemorySet {
  const generation = Atomics.load(new Int32Array(word), GUEST_WORD.GENERATION) + 1;
  return sets[setIndex(generation, sets.length)]!;
}

/** The memory of a region: where a guest shares it, that of the generation that runs. */
export function regionNow({ regions, guests }: SystemMemory, name: string): SharedArrayBuffer | undefined {
  for (const guest of guests.values()) {
    const shared = setNow(guest).regions.get(name);
    if (shared) return shared;
  }
  return regions.get(name);
}

/** The control page of a domain: of a guest, that of the generation that runs. */
export function controlNow(
  { control, guests }: Pick<SystemMemory, 'control' | 'guests'>,
  domain: string,
): SharedArrayBuffer | undefined {
  const guest = guests.get(domain);
  return guest ? setNow(guest).control : control.get(domain);
}

/** The memory that a domain maps under that symbol, now. */
export function mappedNow(memory: SystemMemory, domain: string, symbol: string): SharedArrayBuffer {
  const { maps } = memory.description.domains.find(({ name }) => name === domain)!;
  return regionNow(memory, maps.find((map) => map.symbol === symbol)!.region)!;
}

/** The memory that a generation of a domain is started with: for a guest, that of its set. */
function generationMemory(memory: SystemMemory, { name }: ProtectionDomain, generation: number): SystemMemory {
  const guest = memory.guests.get(name);
  if (!guest) return memory;
  const { control, regions, ppc } = guest.sets[setIndex(generation, guest.sets.length)]!;
  return {
    ...memory,
    control: new Map([...memory.control, [name, control]]),
    regions: new Map([...memory.regions, ...regions]),
    ppc: new Map([...memory.ppc, ...ppc]),
  };
}

export function bootInfo(whole: SystemMemory, domain: ProtectionDomain, generation: number): BootInfo {
  const memory = generationMemory(whole, domain, generation);
  const { description } = memory;
  return {
    name: domain.name,
    image: domain.image,
    ...(generation === 1 && !domain.late ? { rank: initOrder(description).indexOf(domain) } : {}),
    generation,
    control: memory.control.get(domain.name)!,
    gate: memory.gate,
    trace: memory.trace.get(domain.name)!,
    debug: memory.lineTx,
    channels: description.channels.flatMap((channel) => channelEnds(memory, channel, domain.name)),
    irqs: domain.irqs,
    regions: mappedRegions(memory, domain),
    ...registersAt(description, domain),
    dma: (domain.device?.dma ?? []).map((name): DmaBoot => dmaWindow(memory, name)),
    ...guestSets(memory, domain),
    config: domain.config,
    bootTime: memory.bootTime,
  };
}

/** Domains in the order in which one core would initialise them; late ones come after all others. */
export function initOrder({ domains }: SystemDescription): ProtectionDomain[] {
  return [...domains].sort((a, b) => Number(a.late ?? false) - Number(b.late ?? false) || b.priority - a.priority);
}

function channelEnds(memory: SystemMemory, channel: Channel, domain: string): ChannelBoot[] {
  const page = memory.ppc.get(channel);
  return [
    { here: channel.a, there: channel.b, role: 'caller' as const },
    { here: channel.b, there: channel.a, role: 'callee' as const },
  ]
    .filter(({ here }) => here.domain === domain)
    .map(({ here, there, role }) => ({
      id: here.id,
      symbol: here.symbol,
      peer: there.domain,
      peerId: there.id,
      peerControl: memory.control.get(there.domain)!,
      notify: here.notify !== false,
      ...(page ? { ppc: { page, role } } : {}),
    }));
}

function mappedRegions(memory: SystemMemory, domain: ProtectionDomain): Record<string, RegionBoot> {
  const mapped: Record<string, RegionBoot> = {};
  for (const { region, symbol, perms } of domain.maps) {
    const { paddr } = memory.description.regions.find(({ name }) => name === region)!;
    const buffer = memory.regions.get(region)!;
    mapped[symbol] = { name: region, buffer, writable: perms !== 'r', ...(paddr === undefined ? {} : { paddr }) };
  }
  if (domain.device?.port === 'line') {
    mapped.line_tx = { name: 'line_tx', buffer: memory.lineTx, writable: true };
    mapped.line_rx = { name: 'line_rx', buffer: memory.lineRx, writable: true };
  }
  if (domain.device?.port === 'wire') {
    mapped.wire_tx = { name: 'wire_tx', buffer: memory.wireTx, writable: true };
    mapped.wire_rx = { name: 'wire_rx', buffer: memory.wireRx, writable: true };
  }
  return mapped;
}

function registersAt(
  { regions }: SystemDescription,
  { maps, device }: ProtectionDomain,
): Pick<BootInfo, 'registersAt'> {
  const page = maps.find(({ symbol }) => symbol === 'regs');
  const paddr = regions.find(({ name }) => name === page?.region)?.paddr;
  return paddr === undefined || device?.paddr === undefined ? {} : { registersAt: device.paddr - paddr };
}

function dmaWindow(memory: SystemMemory, name: string): DmaBoot {
  const { paddr } = memory.description.regions.find((region) => region.name === name)!;
  if (paddr === undefined) throw new Error(`Region '${name}' is used for DMA but has no physical address.`);
  return { name, paddr, buffer: memory.regions.get(name)! };
}
