/** For tests: every disk that a power cut could leave of recorded writes, one after the other, in one buffer. */
import type { SectorWrite } from './ram_disk';

export interface ReplayOptions {
  /** Epochs of at most this many writes are cut into all their subsets. */
  readonly exhaustive: number;
  /** Subsets drawn of a longer epoch, besides all its beginnings. */
  readonly drawn: number;
  readonly next: (bound: number) => number;
}

/**
 * Calls `visit` with `scratch` as the cut left it. `visit` may write to it: the sectors it names are put back afterwards.
 * Returns how many states there were.
 */
export function replayCuts(
  before: Uint8Array,
  epochs: readonly (readonly SectorWrite[])[],
  options: ReplayOptions,
  visit: (scratch: Uint8Array) => Iterable<number>,
): number {
  const base = before.slice();
  const scratch = before.slice();
  let states = 0;
  for (const epoch of epochs) {
    for (const subset of subsets(epoch.length, options)) {
      const touched = new Set<number>();
      for (const i of subset) {
        const { sector, bytes } = epoch[i]!;
        scratch.set(bytes, sector * 512);
        touched.add(sector);
      }
      for (const sector of visit(scratch)) touched.add(sector);
      for (const sector of touched) scratch.set(base.subarray(sector * 512, sector * 512 + 512), sector * 512);
      states++;
    }
    for (const { sector, bytes } of epoch) {
      base.set(bytes, sector * 512);
      scratch.set(bytes, sector * 512);
    }
  }
  return states;
}

function* subsets(length: number, { exhaustive, drawn, next }: ReplayOptions): Generator<number[]> {
  const all = Array.from({ length }, (_, i) => i);
  if (length <= exhaustive) {
    for (let mask = 0; mask < 2 ** length; mask++) yield all.filter((i) => mask & (1 << i));
    return;
  }
  for (let cut = 0; cut <= length; cut++) yield all.slice(0, cut);
  for (let i = 0; i < drawn; i++) yield all.filter(() => next(2) === 0);
}
