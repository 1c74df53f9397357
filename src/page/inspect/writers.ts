/** Who may have written a region, and who of them did something last: from the description's rights and the flight recorders. */
import type { SystemMemory } from '../../microkit/layout';
import type { SystemDescription } from '../../microkit/sdf';
import { Region } from '../../protocol/region';
import { readTrace } from '../../protocol/trace';

/** Domains that map it writable, and devices that reach it by DMA. */
export function writersOf({ domains }: SystemDescription, region: string): string[] {
  return domains.flatMap(({ name, maps, device }) => {
    const maps_it = maps.some((map) => map.region === region && map.perms !== 'r');
    const byDma = device?.dma.includes(region) ?? false;
    return [...(maps_it ? [name] : []), ...(byDma ? [`${device!.label} by DMA`] : [])];
  });
}

export interface LastRun {
  readonly domain: string;
  /** Milliseconds since boot. */
  readonly time: number;
}

/** Whose recorder has the newest record. */
export function lastOf({ trace }: SystemMemory, domains: readonly string[]): LastRun | undefined {
  let last: LastRun | undefined;
  for (const domain of domains) {
    const buffer = trace.get(domain);
    const record = buffer && readTrace(new Region('trace', buffer), 1)[0];
    if (record && (last === undefined || record.time > last.time)) last = { domain, time: record.time };
  }
  return last;
}

/** One sentence. With one writer it is known; with more, who recorded something last is the best guess. */
export function writerWords(memory: SystemMemory, region: string): string {
  const writers = writersOf(memory.description, region);
  const [only] = writers;
  if (only === undefined) return 'Nobody may write it.';
  if (writers.length === 1) return `Written by ${only}, and nobody else may.`;
  const last = lastOf(memory, writers);
  const guess = last ? `; ${last.domain} recorded something last, ${last.time.toFixed(2)} ms after boot` : '';
  return `May be written by ${writers.slice(0, -1).join(', ')} and ${writers.at(-1)}${guess}.`;
}
