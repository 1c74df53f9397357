/** Chains in words: neighbours on the disk are said together. */

/** `41 to 43, 97`; of many the first. */
export function runsText(chain: readonly number[], most = 6): string {
  const runs = runsOf(chain);
  const text = runs
    .slice(0, most)
    .map(([from, to]) => (from === to ? `${from}` : `${from} to ${to}`))
    .join(', ');
  return runs.length > most ? `${text}...` : text;
}

/** Neighbours in the chain that are neighbours on the disk. */
export function runsOf(chain: readonly number[]): [from: number, to: number][] {
  const runs: [number, number][] = [];
  for (const cluster of chain) {
    const run = runs.at(-1);
    if (run && run[1] + 1 === cluster) run[1] = cluster;
    else runs.push([cluster, cluster]);
  }
  return runs;
}
