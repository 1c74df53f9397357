/** What a node's panel lists: its regions, channels, newest events and lines on the terminal. */
import { type SystemMemory, setNow } from '../../microkit/layout';
import type { Channel, ProtectionDomain, SystemDescription } from '../../microkit/sdf';
import { CONTROL } from '../../protocol/boot';
import { Region } from '../../protocol/region';
import { readTrace } from '../../protocol/trace';
import { eventWords } from './events';

export interface RegionFact {
  readonly name: string;
  readonly symbol: string;
  readonly perms: string;
  readonly size: number;
  /** Physical address, where the board or DMA fixes it. */
  readonly paddr: number | undefined;
  /** Who else maps it. */
  readonly others: readonly string[];
}

export function regionFacts(description: SystemDescription, domain: ProtectionDomain): RegionFact[] {
  return domain.maps.map(({ region, symbol, perms }) => {
    const { size, paddr } = description.regions.find(({ name }) => name === region)!;
    const others = description.domains.filter((other) => other !== domain && other.maps.some(hasRegion(region)));
    return { name: region, symbol, perms, size, paddr, others: others.map(({ name }) => name) };
  });
}

const hasRegion = (wanted: string) => (map: { readonly region: string }) => map.region === wanted;

export interface ChannelFact {
  readonly id: number;
  readonly symbol: string;
  readonly peer: string;
  readonly peerId: number;
  readonly what: string;
}

export function channelFacts({ channels }: SystemDescription, { name, irqs, device }: ProtectionDomain): ChannelFact[] {
  const interrupts = irqs.map(({ id, symbol, intid, trigger }): ChannelFact => {
    return { id, symbol, peer: device?.label ?? 'the hardware', peerId: intid, what: `interrupt, ${trigger}` };
  });
  const ends = channels.flatMap((channel) =>
    [[channel.a, channel.b] as const, [channel.b, channel.a] as const].flatMap(([here, there]): ChannelFact[] =>
      here.domain === name
        ? [
            {
              id: here.id,
              symbol: here.symbol,
              peer: there.domain,
              peerId: there.id,
              what: channelWords(channel, name),
            },
          ]
        : [],
    ),
  );
  return [...interrupts, ...ends].sort((a, b) => a.id - b.id);
}

function channelWords({ a, protectedCall, kind }: Channel, name: string): string {
  if (protectedCall) return a.domain === name ? 'protected call, calls' : 'protected call, is called';
  if (kind === 'vcpu') return 'virtual machine';
  return kind === 'direct' ? 'virtual interrupt' : 'notification';
}

export interface EventFact {
  readonly sequence: number;
  /** Milliseconds since the system started. */
  readonly time: number;
  readonly words: string;
}

/** The newest first. */
export function eventFacts(memory: SystemMemory, domain: ProtectionDomain, max: number): EventFact[] {
  const records = readTrace(new Region('trace', memory.trace.get(domain.name)!), max);
  return records.reverse().map((record) => {
    const { sequence, time } = record;
    return { sequence, time, words: eventWords(memory.description, domain, record) };
  });
}

/** Times the domain woke from sleep. */
export function wakeups(memory: SystemMemory, name: string): number {
  const guest = memory.guests.get(name);
  const control = guest ? setNow(guest).control : memory.control.get(name)!;
  return Atomics.load(new Int32Array(control), CONTROL.WAKEUPS);
}

/** What a domain's lines begin with where that is not its name. The virtualisers of serial line and network share theirs, as upstream. */
const PREFIXES: Readonly<Record<string, readonly string[]>> = {
  timer_driver: ['TIMER DRIVER|'],
  blk_virt: ['BLK_VIRT|'],
  ethernet_driver: ['ETH DRIVER|'],
  uart_driver: ['UART|'],
  serial_virt_rx: ['VIRT_RX|', 'switching to client '],
  serial_virt_tx: ['Begin input'],
  net_virt_rx: ['VIRT_RX|'],
  net_virt_tx: ['VIRT_TX|'],
  micropython_net_copier: ['COPY|'],
  micropython: ['MP|', 'MicroPython '],
  linux_fs_vm: ['UIO(FS): '],
};

/** Lines on the terminal that a domain printed or that name it, the last `max`. */
export function logLines(text: string, name: string, max: number): string[] {
  const prefixes = [`${name}|`, ...(PREFIXES[name] ?? [])];
  const lines = text.split('\n').filter((line) => {
    return prefixes.some((prefix) => line.startsWith(prefix)) || line.includes(`'${name}'`);
  });
  return lines.slice(-max);
}
