/** Rules for protection domains and virtual machines: scheduling, mappings, interrupts, devices. */
import type { ProtectionDomain, SystemDescription } from './sdf';
import { firstRepeated, isWholeIn } from './validate_rules';

const MAX_DOMAINS = 63;
const MAX_PRIORITY = 254;
/** Microkit's default, for budget and period alike. */
const DEFAULT_BUDGET_US = 1000;
/** [GICv2] 2.2.1: 0..15 are sent by software, 1020 and up are special. */
const INTID = [16, 1019] as const;
const PERMISSIONS = ['r', 'rw', 'rwx'];
/** What leaves the machine, in words, and the mappings that the loader adds to those of the domain whose device has it. */
const PORTS = {
  line: { what: 'serial line', symbols: ['line_tx', 'line_rx'] },
  disk: { what: 'disk', symbols: [] },
  wire: { what: 'wire', symbols: ['wire_tx', 'wire_rx'] },
} as const;
type Port = keyof typeof PORTS;

export function* domainMistakes(description: SystemDescription, images: readonly string[]): Generator<string> {
  const { domains } = description;
  const repeated = firstRepeated(domains.map(({ name }) => name));
  if (repeated !== undefined) yield `There are two protection domains named '${repeated}'.`;
  if (domains.length > MAX_DOMAINS) {
    yield `There are ${domains.length} protection domains: Microkit allows ${MAX_DOMAINS}.`;
  }
  for (const domain of domains) {
    if (!images.includes(domain.image)) {
      yield `Protection domain '${domain.name}' runs image '${domain.image}': there is no such folder under workers/.`;
    }
    yield* schedulingMistakes(domain);
    yield* mappingMistakes(domain, description);
    yield* deviceMistakes(domain, description);
  }
  yield* guestMistakes(domains);
  yield* interruptMistakes(domains);
  yield* portMistakes(domains);
}

function* schedulingMistakes({ name, priority, budgetUs, periodUs }: ProtectionDomain): Generator<string> {
  if (!isWholeIn(priority, 0, MAX_PRIORITY)) {
    yield `Protection domain '${name}' has priority ${priority}: it must be a whole number from 0 to ${MAX_PRIORITY}.`;
  }
  const budget = budgetUs ?? DEFAULT_BUDGET_US;
  const period = periodUs ?? budget;
  if (!isWholeIn(budget, 1, Number.MAX_SAFE_INTEGER) || !isWholeIn(period, 1, Number.MAX_SAFE_INTEGER)) {
    yield `Protection domain '${name}' has budget ${budget} and period ${period}: they must be whole microseconds.`;
  }
  if (budget > period) {
    yield `Protection domain '${name}' has budget ${budget}, which is larger than its period ${period}.`;
  }
}

function* mappingMistakes(domain: ProtectionDomain, { regions }: SystemDescription): Generator<string> {
  const { name, kind, maps } = domain;
  for (const { region, symbol, perms } of maps) {
    if (!regions.some((known) => known.name === region)) {
      yield `Protection domain '${name}' maps region '${region}': there is no such region.`;
    }
    if (!PERMISSIONS.includes(perms)) {
      yield `Protection domain '${name}' maps region '${region}' as '${perms}': it must be r, rw or rwx.`;
    }
    if (perms === 'rwx' && kind !== 'guest') {
      yield `Protection domain '${name}' maps region '${region}' executable: only a guest may.`;
    }
    const port = domain.device?.port && PORTS[domain.device.port];
    if (port?.symbols.some((given) => given === symbol)) {
      yield `Protection domain '${name}' maps a region as symbol '${symbol}', which the loader gives to its ${port.what}.`;
    }
  }
  const symbol = firstRepeated(maps.map((map) => map.symbol));
  if (symbol !== undefined) yield `Protection domain '${name}' maps two regions as symbol '${symbol}'.`;
  const region = firstRepeated(maps.map((map) => map.region));
  if (region !== undefined) yield `Protection domain '${name}' maps region '${region}' twice.`;
}

function* deviceMistakes({ name, kind, device }: ProtectionDomain, { regions }: SystemDescription): Generator<string> {
  if (kind === 'driver' && !device) yield `Driver '${name}' has no device.`;
  if (kind !== 'driver' && device) yield `Protection domain '${name}' has device '${device.label}': only a driver may.`;
  if (!device) return;
  for (const region of device.dma) {
    const known = regions.find((candidate) => candidate.name === region);
    if (!known) yield `Device '${device.label}' of '${name}' reaches region '${region}': there is no such region.`;
    else if (known.paddr === undefined) {
      yield `Device '${device.label}' of '${name}' reaches region '${region}', which has no physical address.`;
    }
  }
  const repeated = firstRepeated(device.dma);
  if (repeated !== undefined) yield `Device '${device.label}' of '${name}' lists region '${repeated}' twice.`;
}

function* guestMistakes(domains: readonly ProtectionDomain[]): Generator<string> {
  for (const domain of domains) {
    if (domain.kind !== 'guest') {
      if (domain.parent !== undefined) yield `Protection domain '${domain.name}' has a parent: only a guest may.`;
      continue;
    }
    const parent = domains.find(({ name }) => name === domain.parent);
    if (domain.parent === undefined) yield `Guest '${domain.name}' has no parent.`;
    else if (!parent) yield `Guest '${domain.name}' has parent '${domain.parent}': there is no such protection domain.`;
    else if (parent.kind !== 'monitor')
      yield `Guest '${domain.name}' has parent '${parent.name}', which is no monitor.`;
    if (domain.irqs.length > 0) yield `Guest '${domain.name}' has a hardware interrupt: its monitor must inject it.`;
    if (domain.passive) yield `Guest '${domain.name}' is passive: a virtual machine cannot be.`;
  }
  for (const { name } of domains.filter(({ kind }) => kind === 'monitor')) {
    const guests = domains.filter(({ parent }) => parent === name).length;
    if (guests !== 1) yield `Monitor '${name}' has ${guests} guests: it must have exactly one.`;
  }
}

function* interruptMistakes(domains: readonly ProtectionDomain[]): Generator<string> {
  const owners = new Map<number, string>();
  for (const { name, irqs } of domains) {
    for (const { intid, trigger } of irqs) {
      if (!isWholeIn(intid, ...INTID)) {
        yield `Protection domain '${name}' has interrupt ${intid}: it must be a whole number from ${INTID[0]} to ${INTID[1]}.`;
      }
      if (trigger !== 'edge' && trigger !== 'level') {
        yield `Interrupt ${intid} of '${name}' is triggered by '${trigger}': it must be edge or level.`;
      }
      const owner = owners.get(intid);
      if (owner !== undefined) yield `Interrupt ${intid} goes to '${owner}' and to '${name}'.`;
      owners.set(intid, name);
    }
  }
}

function* portMistakes(domains: readonly ProtectionDomain[]): Generator<string> {
  const withPort = (port: Port) => domains.filter(({ device }) => device?.port === port);
  if (withPort('line').length === 0) yield 'No device has the serial line: there would be no console.';
  for (const port of Object.keys(PORTS) as Port[]) {
    const [first, second] = withPort(port);
    if (second) yield `Devices of '${first!.name}' and '${second.name}' both have the ${PORTS[port].what}.`;
  }
}
