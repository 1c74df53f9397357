/**
 * The description as a Microkit system description file: the format of docs/manual.md ("System Description File") in
 * seL4/microkit. Addresses are given where the description leaves them to the tool; what Microkit has no word for is a comment.
 */
import type { Channel, ChannelEnd, Mapping, MemoryRegion, ProtectionDomain, SystemDescription } from './sdf';

/** Well above 0x200000, where program images are linked. */
const FIRST_VADDR = 0x2000_0000;
const SMALL_PAGE = 0x1000;
const LARGE_PAGE = 0x20_0000;

type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

export function systemXml(description: SystemDescription): string {
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<!-- ${comment(`Board ${description.board}.`)} -->`,
    '<system>',
    ...indented([
      ...description.regions.map(({ name, size, paddr }) =>
        element('memory_region', { name, size: hex(size), phys_addr: paddr === undefined ? undefined : hex(paddr) }),
      ),
      ...description.domains.filter(({ kind }) => kind !== 'guest').flatMap((domain) => domainXml(domain, description)),
      ...description.channels.flatMap((channel) => channelXml(channel, description)),
    ]),
    '</system>',
    '',
  ].join('\n');
}

function domainXml(domain: ProtectionDomain, description: SystemDescription): string[] {
  const { name, priority, budgetUs, periodUs, passive } = domain;
  const guest = description.domains.find(({ parent }) => parent === name);
  return parent('protection_domain', { name, priority, budget: budgetUs, period: periodUs, passive }, [
    element('program_image', { path: `${domain.image}.elf` }),
    ...mapsXml(domain, description),
    ...domain.irqs.map(({ id, symbol, intid, trigger }) =>
      element('irq', { irq: intid, id, trigger, setvar_id: `${symbol}_id` }),
    ),
    ...physicalAddresses(domain, description),
    ...(guest ? guestXml(guest, description) : []),
  ]);
}

function guestXml(guest: ProtectionDomain, description: SystemDescription): string[] {
  const { name, priority, budgetUs, periodUs } = guest;
  return parent('virtual_machine', { name, priority, budget: budgetUs, period: periodUs }, [
    element('vcpu', { id: 0 }),
    ...mapsXml(guest, description),
  ]);
}

function mapsXml(domain: ProtectionDomain, { regions }: SystemDescription): string[] {
  let free = FIRST_VADDR;
  return domain.maps.map((map) => {
    const region = regions.find(({ name }) => name === map.region)!;
    const vaddr = map.vaddr ?? alignUp(free, pageSize(region));
    if (map.vaddr === undefined) free = vaddr + region.size;
    // A guest finds its memory by address: it has no image with symbols to set.
    const symbol = domain.kind === 'guest' ? undefined : map.symbol;
    return mapXml(map, vaddr, symbol);
  });
}

function mapXml({ region, perms, cached }: Mapping, vaddr: number, symbol: string | undefined): string {
  return element('map', { mr: region, vaddr: hex(vaddr), perms, cached, setvar_vaddr: symbol });
}

/** Who tells a device where to put data must know physical addresses: its driver, and the virtualiser that fills in requests. */
function physicalAddresses({ kind, maps }: ProtectionDomain, { domains }: SystemDescription): string[] {
  if (kind !== 'driver' && kind !== 'virtualiser') return [];
  const reachable = new Set(domains.flatMap(({ device }) => device?.dma ?? []));
  return maps
    .filter(({ region }) => reachable.has(region))
    .map(({ region, symbol }) => element('setvar', { symbol: `${symbol}_paddr`, region_paddr: region }));
}

function channelXml(channel: Channel, description: SystemDescription): string[] {
  const { a, b, kind, protectedCall } = channel;
  const between = `${a.domain} and ${b.domain}`;
  if (kind === 'vcpu') {
    return [
      `<!-- ${comment(`Faults and virtual interrupts between ${between}: no channel, a part of the virtual machine.`)} -->`,
    ];
  }
  const ends = [a, b].map((end) => relayed(end, description));
  return [
    ...(kind === 'direct'
      ? [`<!-- ${comment(`Wired directly between ${between}; here the monitor relays it.`)} -->`]
      : []),
    ...parent('channel', {}, [endXml(ends[0]!, protectedCall), endXml(ends[1]!, undefined)]),
  ];
}

function endXml({ domain, id, symbol, notify }: ChannelEnd, mayCall: boolean | undefined): string {
  return element('end', { pd: domain, id, pp: mayCall, notify, setvar_id: `${symbol}_id` });
}

/** A virtual machine has no channels: its monitor takes part in its place, under the lowest id that is free there. */
function relayed(end: ChannelEnd, { domains, channels }: SystemDescription): ChannelEnd {
  const guest = domains.find(({ name, kind }) => name === end.domain && kind === 'guest');
  if (!guest) return end;
  const monitor = domains.find(({ name }) => name === guest.parent)!;
  const taken = new Set([
    ...monitor.irqs.map(({ id }) => id),
    ...channels
      .filter(({ kind }) => kind === undefined)
      .flatMap(({ a, b }) => [a, b])
      .filter(({ domain }) => domain === monitor.name)
      .map(({ id }) => id),
  ]);
  // Other relayed channels of the same guest come before this one and take the lowest ids.
  const relays = channels.filter(
    ({ kind, a, b }) => kind === 'direct' && [a, b].some(({ domain }) => domain === end.domain),
  );
  const before = relays.findIndex(({ a, b }) => a === end || b === end);
  const free = Array.from({ length: taken.size + before + 1 }, (_, id) => id).filter((id) => !taken.has(id));
  return { ...end, domain: monitor.name, id: free[before]! };
}

/** The manual: the largest page size to which the region is aligned. */
function pageSize({ size, paddr = 0 }: MemoryRegion): number {
  return size % LARGE_PAGE === 0 && paddr % LARGE_PAGE === 0 ? LARGE_PAGE : SMALL_PAGE;
}

const alignUp = (value: number, to: number) => Math.ceil(value / to) * to;
const hex = (value: number) => `0x${value.toString(16)}`;
const indented = (lines: readonly string[]) => lines.map((line) => `    ${line}`);

function parent(name: string, attributes: Attributes, children: readonly string[]): string[] {
  return [`<${name}${attributeText(attributes)}>`, ...indented(children), `</${name}>`];
}

function element(name: string, attributes: Attributes): string {
  return `<${name}${attributeText(attributes)} />`;
}

function attributeText(attributes: Attributes): string {
  return Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}="${escaped(String(value))}"`)
    .join('');
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escaped = (text: string) => text.replace(/[&<>"]/g, (character) => ESCAPES[character]!);

/** Two hyphens end a comment. */
const comment = (text: string) => text.replace(/-{2,}/g, '-');
