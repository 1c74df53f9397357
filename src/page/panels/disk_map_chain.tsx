/** The chain of the chosen file in the FAT, cluster by cluster, and how its entries are stored. */
import { useMemo } from 'react';
import { endMark, hex, nodeAt, pairWords, plural } from '../diskmap/map_words';
import type { Selection } from '../diskmap/selection';
import type { ChainEnd, FatNode } from '../fat/node';
import { runsOf } from '../fat/runs';
import { chainOf, type Volume } from '../fat/volume';
import { useStore } from '../use';

const MOST_CHIPS = 48;

export function DiskMapChain({ volume, selection }: { volume: Volume; selection: Selection }) {
  const { path, cluster } = useStore(selection);
  const node = nodeAt(volume, path);
  const first = node?.first ?? cluster ?? 0;
  const chain = useMemo(() => chainOf(volume, first), [volume, first]);
  if (!node && cluster === undefined)
    return <p className="disk-map-hint">Choose a file or a cluster to see its chain in the FAT, and its bytes.</p>;
  const name = node ? node.name : `cluster ${cluster}`;
  const runs = runsOf(chain).length;
  const explained = explainedOf(chain, cluster);
  const words = explained === undefined ? undefined : pairWords(volume, explained);
  return (
    <section className="disk-map-chain" aria-label={`Chain of ${name} in the FAT`}>
      <h2>
        Chain of {name} in the FAT{' '}
        <span>
          {plural(chain.length, 'cluster')} in {plural(runs, 'run')}
        </span>
      </h2>
      {node?.kind === 'deleted' ? (
        <p>
          Deleted: it began in cluster {node.first}. Its entries in the FAT are free again, and nothing says any more
          where the rest of it was.
        </p>
      ) : (
        <Chips volume={volume} chain={chain} node={node} selection={selection} at={cluster} />
      )}
      {words && node?.kind !== 'deleted' && <p>{words}</p>}
    </section>
  );
}

/** The chosen one, or where the chain leaves its first run. */
function explainedOf(chain: readonly number[], cluster: number | undefined): number | undefined {
  if (cluster !== undefined) return cluster;
  const jump = chain.findIndex((each, i) => i + 1 < chain.length && chain[i + 1] !== each + 1);
  return jump >= 0 ? chain[jump] : chain[0];
}

interface ChipsProps {
  readonly volume: Volume;
  readonly chain: readonly number[];
  readonly node: FatNode | undefined;
  readonly selection: Selection;
  readonly at: number | undefined;
}

function Chips({ volume, chain, node, selection, at }: ChipsProps) {
  const [first] = chain;
  const last = chain.at(-1);
  const unseen = chain.length - MOST_CHIPS;
  if (first === undefined || last === undefined) return <p>{endWords(node)}</p>;
  return (
    <ol className="chips">
      <li className="entry">entry {hex(first)}</li>
      {chain.slice(0, MOST_CHIPS).map((cluster, i) => (
        <li key={cluster} className={i > 0 && chain[i - 1]! + 1 !== cluster ? 'jump' : 'step'}>
          <span aria-hidden="true">{i > 0 && chain[i - 1]! + 1 !== cluster ? '⤳' : '→'}</span>
          <button
            type="button"
            aria-label={`Cluster ${cluster}, number ${i + 1} of ${chain.length}`}
            aria-pressed={cluster === at}
            onFocus={() => selection.set({ litCluster: cluster })}
            onBlur={() => selection.set({ litCluster: undefined })}
            onPointerEnter={() => selection.set({ litCluster: cluster })}
            onPointerLeave={() => selection.set({ litCluster: undefined })}
            onClick={() => selection.set(cluster === at ? { cluster: undefined } : { cluster, lens: 'fat' })}
          >
            {cluster}
          </button>
        </li>
      ))}
      {unseen > 0 && <li className="entry">and {unseen} more</li>}
      <li className="end">
        <span aria-hidden="true">→</span>
        <b>{node && node.end !== 'end' ? endWords(node) : `${endMark(volume, last)} end`}</b>
      </li>
    </ol>
  );
}

const END_WORDS: Readonly<Record<Exclude<ChainEnd, 'end'>, (at: number) => string>> = {
  none: () => 'An empty file: it has no cluster.',
  loop: (at) => `back to ${at}: a loop`,
  crossed: (at) => `from ${at} on it is another file's`,
  free: (at) => `${at}, which is free`,
  bad: (at) => `${at}, which is bad`,
  outside: (at) => `${at}, which the volume does not have`,
};

function endWords(node: FatNode | undefined): string {
  if (!node) return 'No chain begins here.';
  return node.end === 'end' ? 'end' : END_WORDS[node.end](node.endAt);
}
