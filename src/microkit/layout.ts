/** From a description to memory: one buffer per region and per control structure, and each domain's boot message. */
import {
  type BootInfo,
  type ChannelBoot,
  CONTROL_SIZE,
  type DmaBoot,
  PPC_PAGE,
  type RegionBoot,
} from '../protocol/boot';
import { LINE_RX_SIZE, LINE_TX_SIZE } from '../protocol/line';
import { TRACE_SIZE } from '../protocol/trace';
import type { Channel, ProtectionDomain, SystemDescription } from './sdf';

export interface SystemMemory {
  readonly description: SystemDescription;
  readonly regions: ReadonlyMap<string, SharedArrayBuffer>;
  readonly control: ReadonlyMap<string, SharedArrayBuffer>;
  readonly trace: ReadonlyMap<string, SharedArrayBuffer>;
  readonly ppc: ReadonlyMap<Channel, SharedArrayBuffer>;
  readonly gate: SharedArrayBuffer;
  readonly lineTx: SharedArrayBuffer;
  readonly lineRx: SharedArrayBuffer;
  readonly bootTime: number;
}

/** Allocates everything; `bootTime` is milliseconds on the performance.timeOrigin scale. */
export function allocate(description: SystemDescription, bootTime: number): SystemMemory {
  const names = description.domains.map(({ name }) => name);
  const each = (size: number) => new Map(names.map((name) => [name, new SharedArrayBuffer(size)]));
  const calls = description.channels.filter(({ protectedCall }) => protectedCall);
  return {
    description,
    regions: new Map(description.regions.map(({ name, size }) => [name, new SharedArrayBuffer(size)])),
    control: each(CONTROL_SIZE),
    trace: each(TRACE_SIZE),
    ppc: new Map(calls.map((channel) => [channel, new SharedArrayBuffer(PPC_PAGE.SIZE)])),
    gate: new SharedArrayBuffer(64),
    lineTx: new SharedArrayBuffer(LINE_TX_SIZE),
    lineRx: new SharedArrayBuffer(LINE_RX_SIZE),
    bootTime,
  };
}

export function bootInfo(memory: SystemMemory, domain: ProtectionDomain, generation: number): BootInfo {
  const { description } = memory;
  return {
    name: domain.name,
    image: domain.image,
    ...(generation === 1 ? { rank: initOrder(description).indexOf(domain) } : {}),
    generation,
    control: memory.control.get(domain.name)!,
    gate: memory.gate,
    trace: memory.trace.get(domain.name)!,
    debug: memory.lineTx,
    channels: description.channels.flatMap((channel) => channelEnds(memory, channel, domain.name)),
    irqs: domain.irqs,
    regions: mappedRegions(memory, domain),
    dma: (domain.device?.dma ?? []).map((name): DmaBoot => dmaWindow(memory, name)),
    config: domain.config,
    bootTime: memory.bootTime,
  };
}

/** Domains in the order in which one core would initialise them. */
export function initOrder({ domains }: SystemDescription): ProtectionDomain[] {
  return [...domains].sort((a, b) => b.priority - a.priority);
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
  return mapped;
}

function dmaWindow(memory: SystemMemory, name: string): DmaBoot {
  const { paddr } = memory.description.regions.find((region) => region.name === name)!;
  if (paddr === undefined) throw new Error(`Region '${name}' is used for DMA but has no physical address.`);
  return { name, paddr, buffer: memory.regions.get(name)! };
}
