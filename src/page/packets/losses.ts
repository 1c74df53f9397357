/** What did not get through, in words: at the wire, at the hops, on the way to the page. */
import type { SystemMemory } from '../../microkit/layout';
import { type NetCount, readNetCounters } from '../../protocol/net_counters';
import { Region } from '../../protocol/region';
import { wireCounters } from '../../protocol/wire';
import type { HopLoss } from './capture_link';
import type { HopName } from './hops';

/** All but `frames`, which is no loss. */
const WORDS: Readonly<Record<Exclude<NetCount, 'frames'>, string>> = {
  no_client: 'for no client here',
  client_full: 'the client had no room',
  client_broken: 'the client broke its queues',
  bad_length: 'of no possible length',
  bad_buffer: 'in no buffer',
  driver_broken: 'the driver broke its queues',
  injected: 'a fault was asked for',
};

export function lossWords(
  memory: SystemMemory,
  captured: ReadonlyMap<HopName, HopLoss>,
  dropped: number,
): readonly string[] {
  return [...wireWords(memory), ...hopWords(memory), ...pageWords(captured, dropped)];
}

function wireWords({ wireTx, wireRx }: SystemMemory): string[] {
  return [
    ['to the wire', wireTx],
    ['from the wire', wireRx],
  ].flatMap(([where, buffer]) => {
    const { drops } = wireCounters(new Region('wire', buffer as SharedArrayBuffer));
    return drops > 0 ? [`${frames(drops)} ${where}: it was full, or carries no such frame.`] : [];
  });
}

function hopWords({ description, regions }: SystemMemory): string[] {
  return description.domains.flatMap(({ name, maps }) => {
    const map = maps.find(({ symbol }) => symbol === 'net_counters');
    const buffer = map && regions.get(map.region);
    if (!buffer) return [];
    const counts = readNetCounters(new Region(map.region, buffer));
    return Object.entries(WORDS).flatMap(([count, words]) => {
      const n = counts[count as NetCount];
      return n > 0 ? [`${frames(n)} at ${name}: ${words}.`] : [];
    });
  });
}

function pageWords(captured: ReadonlyMap<HopName, HopLoss>, dropped: number): string[] {
  const words = [...captured].flatMap(([hop, { lost, broken }]) => [
    ...(lost > 0 ? [`${frames(lost)} passed ${hop} too fast to be shown.`] : []),
    ...(broken > 0
      ? [`What ${hop} told of its frames made no sense, ${broken === 1 ? 'once' : `${broken} times`}.`]
      : []),
  ]);
  return dropped > 0 ? [...words, `${frames(dropped)} no longer listed: the newest are kept.`] : words;
}

const frames = (n: number) => `${n} ${n === 1 ? 'frame' : 'frames'}`;
