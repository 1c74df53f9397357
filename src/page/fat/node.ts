/** What stands in the directories of a volume, and what its clusters are. */
import type { DirectoryEntry } from './directory';

/** What a cluster is. */
export const CLUSTER = { FREE: 0, FILE: 1, DIRECTORY: 2, BAD: 3, RESERVED: 4, LOST: 5, CROSSED: 6 } as const;
export const CLUSTER_WORDS = ['free', 'file', 'directory', 'bad', 'reserved', 'lost', 'crossed'] as const;

/** How many clusters are what, by CLUSTER. */
export function countsOf(states: Uint8Array): number[] {
  const counts = new Uint32Array(256);
  for (let i = 0; i < states.length; i++) counts[states[i]!]!++;
  return CLUSTER_WORDS.map((_, state) => counts[state]!);
}

/**
 * How a chain ends: with the mark; not at all, since it comes back to itself; in another's; in a cluster that is free or bad; with a number
 * that is no cluster's. `none`: it has no cluster.
 */
export type ChainEnd = 'none' | 'end' | 'loop' | 'crossed' | 'free' | 'bad' | 'outside';

export interface FatNode extends Omit<DirectoryEntry, 'kind'> {
  /** Its place in `nodes`. */
  readonly id: number;
  readonly kind: DirectoryEntry['kind'] | 'root';
  /** Of the directory that it stands in; the root's is its own. */
  readonly parent: number;
  readonly path: string;
  /** Clusters that are its own: up to where its chain meets another's. */
  readonly clusters: number;
  readonly end: ChainEnd;
  /** Where the chain goes on that is not its own, is free, bad, or no cluster. */
  readonly endAt: number;
  /** Of a directory. */
  readonly children: readonly number[];
  /** What is odd about it as an entry: see check.ts. */
  readonly oddities: readonly Oddity[];
}

export type Oddity = 'duplicate' | 'name' | 'dot' | 'orphans' | 'unread';
