/** What the inspectors show, for a test or a script, as data. */
import type { ProtectionDomain } from '../../microkit/sdf';
import type { Machine } from '../machine';
import { fieldsOf, type Value } from './fields';
import { Look } from './look';
import { queuesOf } from './node';
import type { InspectedQueue as Queue, Slot } from './queue';
import { readRegisters, type ShownRegister, type Window, windowsOf } from './registers';
import { writersOf } from './writers';

export interface InspectedField {
  readonly value: Value;
  /** What the value means: a name, a unit, a place; empty where the number says it all. */
  readonly words: string;
  /** Of its first byte in the region. */
  readonly at: number;
}

export interface InspectedEntry {
  readonly slot: number;
  readonly fields: Readonly<Record<string, InspectedField>>;
  /** Other memory that belongs to it: a chain's descriptors, a request's header. */
  readonly parts: readonly { readonly name: string; readonly fields: Readonly<Record<string, InspectedField>> }[];
}

export interface InspectedQueue {
  /** As the domain knows it: `client_0_request`; a virtqueue is `virtio-blk.requestq.avail`. */
  readonly name: string;
  readonly region: string;
  readonly from?: string;
  readonly to?: string;
  readonly capacity: number;
  /** As they are in memory. */
  readonly indices: Readonly<Record<string, number>>;
  /** Undefined when the indices are impossible. */
  readonly length: number | undefined;
  /** What is in the queue, oldest first; at most 1024 of a byte queue. */
  readonly entries: readonly InspectedEntry[];
}

export interface InspectedDevice {
  readonly name: string;
  readonly registers: readonly ShownRegister[];
}

export interface InspectedRegion {
  readonly name: string;
  readonly symbol: string;
  readonly perms: 'r' | 'rw' | 'rwx';
  readonly size: number;
  /** Domains and devices that may write it. */
  readonly writers: readonly string[];
}

export interface InspectedDomain {
  readonly name: string;
  readonly kind: ProtectionDomain['kind'];
  readonly priority: number;
  readonly regions: readonly InspectedRegion[];
  readonly queues: readonly InspectedQueue[];
  readonly devices: readonly InspectedDevice[];
}

export type InspectedPart = InspectedQueue | InspectedDevice | InspectedRegion;

export interface InspectAutomation {
  /**
   * What is in a domain's memory now: its regions, queues and devices, as in `inspect('blk_virt')`; or one of them, as in
   * `inspect('blk_virt.client_0_request')`, `inspect('blk_driver.virtio-blk')`, `inspect('blk_virt.driver_data')`. No worker is asked, and
   * no register is read through its device. Rejects with one sentence, which says what there is, when it has no such thing.
   */
  inspect<N extends string>(name: N): Promise<N extends `${string}.${string}` ? InspectedPart : InspectedDomain>;
}

export const inspectAutomation = (machine: Pick<Machine, 'memory'>): InspectAutomation => ({
  inspect: async (name) => inspect(machine, name) as never,
});

const MOST_ENTRIES = 1024;

export function inspect(machine: Pick<Machine, 'memory'>, name: string): InspectedDomain | InspectedPart {
  const memory = machine.memory();
  if (!memory) throw new Error('The system is not running.');
  const look = new Look(memory);
  const [domainName = '', ...rest] = name.split('.');
  const domain = look.domain(domainName);
  if (!domain) {
    const names = look.description.domains.map((known) => known.name).join(', ');
    throw new Error(`There is no domain '${domainName}'. There is: ${names}.`);
  }
  return rest.length === 0 ? inspectDomain(look, domain) : part(look, domain, rest.join('.'));
}

function inspectDomain(look: Look, domain: ProtectionDomain): InspectedDomain {
  const { name, kind, priority } = domain;
  return {
    name,
    kind,
    priority,
    regions: regions(look, domain),
    queues: queuesOf(look, domain).map((queue) => inspectQueue(look, queue)),
    devices: windowsOf(look, domain).map((window) => device(look, window)),
  };
}

function part(look: Look, domain: ProtectionDomain, wanted: string): InspectedPart {
  const queue = queuesOf(look, domain).find(({ name }) => name === wanted);
  if (queue) return inspectQueue(look, queue);
  const window = windowsOf(look, domain).find(({ name }) => name === wanted);
  if (window) return device(look, window);
  const region = regions(look, domain).find(({ symbol }) => symbol === wanted);
  if (region) return region;
  const queues = queuesOf(look, domain).map(({ name }) => name);
  const devices = windowsOf(look, domain).map(({ name }) => name);
  const known = new Set([...queues, ...devices, ...domain.maps.map(({ symbol }) => symbol)]);
  throw new Error(`${domain.name} has no '${wanted}'. It has: ${[...known].join(', ')}.`);
}

function regions({ description }: Look, { maps }: ProtectionDomain): InspectedRegion[] {
  return maps.map(({ region, symbol, perms }) => {
    const { size } = description.regions.find(({ name }) => name === region)!;
    return { name: region, symbol, perms, size, writers: writersOf(description, region) };
  });
}

const device = (look: Look, window: Window): InspectedDevice => ({
  name: window.name,
  registers: readRegisters(look, window),
});

function inspectQueue(look: Look, queue: Queue): InspectedQueue {
  const { name, region, from, to, capacity } = queue;
  const { indices, length, head, filled } = queue.read(look);
  const inOrder = Array.from({ length: capacity }, (_, i) => ((head ?? 0) + i) % capacity);
  const entries = inOrder.filter(filled).slice(0, MOST_ENTRIES);
  return {
    name,
    region,
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    capacity,
    indices,
    length,
    entries: entries.map((slot) => ({
      slot,
      fields: fields(look, queue.slot(look, slot)),
      parts: (queue.parts?.(look, slot) ?? []).map((of) => ({ name: of.table.name, fields: fields(look, of) })),
    })),
  };
}

function fields(look: Look, { region, at, table, meaning }: Slot): Record<string, InspectedField> {
  const shown = fieldsOf(table, look.region(region).bytes, at, meaning);
  const numbers = shown.filter(({ value }) => value !== undefined);
  return Object.fromEntries(numbers.map(({ name, value, words, at }) => [name, { value: value!, words, at }]));
}
