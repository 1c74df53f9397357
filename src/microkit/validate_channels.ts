/** Rules for channels, and for the ids and symbols that they share with interrupts. */
import { MAX_CHANNELS } from '../protocol/boot';
import type { Channel, ProtectionDomain, SystemDescription } from './sdf';
import { firstRepeated, isWholeIn } from './validate_rules';

export function* channelMistakes({ domains, channels }: SystemDescription): Generator<string> {
  for (const channel of channels) yield* endMistakes(channel, domains);
  for (const domain of domains) yield* idMistakes(domain, channels);
  const calls = channels.filter(({ protectedCall }) => protectedCall);
  yield* circles(domains, calls);
  for (const call of calls) yield* priorityMistakes(call, domains);
  for (const { name, passive } of domains) {
    if (passive && !calls.some(({ b }) => b.domain === name)) {
      yield `Protection domain '${name}' is passive, but nobody may call it.`;
    }
  }
}

function* endMistakes({ a, b, protectedCall, kind }: Channel, domains: readonly ProtectionDomain[]): Generator<string> {
  const [at, bt] = [a, b].map((end) => domains.find(({ name }) => name === end.domain));
  for (const [end, domain] of [
    [a, at],
    [b, bt],
  ] as const) {
    if (!domain) yield `A channel ends at '${end.domain}': there is no such protection domain.`;
  }
  if (!at || !bt) return;
  const between = `between '${a.domain}' and '${b.domain}'`;
  if (at === bt) yield `A channel has both ends in '${a.domain}'.`;
  if (!protectedCall && a.notify === false && b.notify === false) {
    yield `The channel ${between} carries neither notifications nor calls.`;
  }
  const related = at.parent === bt.name || bt.parent === at.name;
  if (kind === 'vcpu' && !related) yield `The vcpu channel ${between} is not one between a guest and its monitor.`;
  const guest = at.kind === 'guest' || bt.kind === 'guest';
  if (kind === 'direct' && !guest) yield `The direct channel ${between} does not end at a guest.`;
  if (kind === undefined && guest) yield `The channel ${between} ends at a guest: it must be of kind vcpu or direct.`;
}

/** Channels and interrupts are bits of one word and names in one table. */
function* idMistakes({ name, irqs }: ProtectionDomain, channels: readonly Channel[]): Generator<string> {
  const ends = channels.flatMap(({ a, b }) => [a, b]).filter(({ domain }) => domain === name);
  const all = [...irqs, ...ends];
  for (const { id } of all) {
    if (!isWholeIn(id, 0, MAX_CHANNELS - 1)) {
      yield `Protection domain '${name}' has channel id ${id}: it must be a whole number from 0 to ${MAX_CHANNELS - 1}.`;
    }
  }
  const id = firstRepeated(all.map((one) => one.id));
  if (id !== undefined) yield `Protection domain '${name}' uses channel id ${id} twice.`;
  const symbol = firstRepeated(all.map((one) => one.symbol));
  if (symbol !== undefined) yield `Protection domain '${name}' has two channels with symbol '${symbol}'.`;
}

function* priorityMistakes({ a, b }: Channel, domains: readonly ProtectionDomain[]): Generator<string> {
  const [caller, callee] = [a, b].map((end) => domains.find(({ name }) => name === end.domain)!);
  if (caller!.priority < callee!.priority) return;
  yield `Protection domain '${a.domain}' (priority ${caller!.priority}) calls '${b.domain}' (priority ${callee!.priority}): only a strictly higher priority can be called.`;
}

/** A call would come back to a domain that waits for its end. */
function* circles(domains: readonly ProtectionDomain[], calls: readonly Channel[]): Generator<string> {
  const from = (path: readonly string[]): string[] | undefined => {
    const here = path.at(-1)!;
    if (path.indexOf(here) < path.length - 1) return path.slice(path.indexOf(here));
    for (const { a, b } of calls) {
      const circle = a.domain === here ? from([...path, b.domain]) : undefined;
      if (circle) return circle;
    }
    return undefined;
  };
  for (const { name } of domains) {
    const circle = from([name]);
    if (circle) yield `Protected calls go in a circle: ${circle.map((step) => `'${step}'`).join(' calls ')}.`;
  }
}
