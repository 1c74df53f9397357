/**
 * What the filter's line lets through: every word must occur in a frame's protocols, addresses or line of words. `port 53` and
 * `host 10.0.2.2` ask for exactly that.
 */
import type { Packet } from './packet';

export interface Filter {
  passes(packet: Packet): boolean;
  /** Why it cannot be what was meant, in one sentence. */
  readonly problem?: string;
}

type Test = (packet: Packet) => boolean;

export function parseFilter(line: string): Filter {
  const words = line.toLowerCase().split(/\s+/).filter(Boolean);
  const tests: Test[] = [];
  let problem: string | undefined;
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    const value = words[i + 1];
    if (word === 'port') {
      const port = Number(value);
      if (value === undefined || !/^\d+$/.test(value) || port > 65535)
        problem = 'After port comes its number, as in: port 53';
      else tests.push(({ ports }) => ports.has(port));
      i++;
    } else if (word === 'host') {
      if (value === undefined) problem = 'After host comes an IP or MAC address, as in: host 10.0.2.2';
      else tests.push(({ hosts }) => hosts.has(value));
      i++;
    } else tests.push(({ text }) => text.includes(word));
  }
  const passes: Test = (packet) => tests.every((test) => test(packet));
  return problem === undefined ? { passes } : { passes, problem };
}
