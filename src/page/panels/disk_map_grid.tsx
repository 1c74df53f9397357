/** The clusters of the volume, all at once, and of a large one a part closer. What it shows is also in the tree, the chain and in words. */
import { useMemo, useState } from 'react';
import { type Cells, cellAt, cellsAround, cellsOf, clustersOf } from '../diskmap/cells';
import { chooseCluster } from '../diskmap/choose';
import type { MapState } from '../diskmap/disk_map_model';
import { clustersWords, mapSentence, nodeAt } from '../diskmap/map_words';
import type { Selection } from '../diskmap/selection';
import { CLUSTER } from '../fat/node';
import { runsText } from '../fat/runs';
import { chainOf, type Volume } from '../fat/volume';
import { useStore } from '../use';
import { DiskMapCells } from './disk_map_cells';
import { DiskMapLegend } from './disk_map_legend';

interface Props {
  readonly volume: Volume;
  readonly fresh: MapState['fresh'];
  readonly selection: Selection;
}

export function DiskMapGrid({ volume, fresh, selection }: Props) {
  const { path, cluster, litPath, litCluster } = useStore(selection);
  const { states, geometry } = volume;
  const cells = useMemo(() => cellsOf(states), [states]);
  const chain = useMemo(() => chainOfKey(volume, path), [volume, path]);
  const lit = useMemo(() => chainOfKey(volume, litPath), [volume, litPath]);
  const at = cluster ?? chain[0] ?? firstUsed(states);
  const close = useMemo(() => (cells.perCell > 1 ? cellsAround(states, at) : undefined), [cells, states, at]);
  const chosenWords = chain.length > 0 && path !== undefined ? `${path}: ${runsText(chain)}` : undefined;
  const shown = { volume, fresh, selection, chain, cluster, lit: litCluster === undefined ? lit : [litCluster] };
  const [from, to] = close ? [close.first, close.first + close.states.length - 1] : [0, 0];
  return (
    <div className="disk-map-grid">
      <DiskMapCells {...shown} cells={cells} label={mapSentence(volume, chosenWords)} />
      {close && (
        <>
          <p className="disk-map-close">
            Above, one square is {cells.perCell} clusters. Closer, {from} to {to}, one square each:
          </p>
          <DiskMapCells {...shown} cells={close} label={`Clusters ${from} to ${to}, closer`} />
        </>
      )}
      <DiskMapLegend volume={volume} perCell={cells.perCell} chosen={nodeAt(volume, path)?.name} />
      <ClusterWords volume={volume} cells={cells} clusters={geometry.clusters} selection={selection} />
    </div>
  );
}

function firstUsed(states: Uint8Array): number {
  const found = states.findIndex((state, cluster) => cluster >= 2 && state !== CLUSTER.FREE);
  return found < 0 ? 2 : found;
}

interface WordsProps {
  readonly volume: Volume;
  readonly cells: Cells;
  readonly clusters: number;
  readonly selection: Selection;
}

/** Which cluster it is and whose; the number can be typed. */
function ClusterWords({ volume, cells, clusters, selection }: WordsProps) {
  const { cluster: chosen, litCluster, litCell } = useStore(selection);
  const [typed, setTyped] = useState<string>();
  const cluster = litCluster ?? chosen;
  const cell = litCell ? cellAt(cells, litCluster ?? 0) : undefined;
  const words =
    cluster === undefined || cluster > clusters + 1
      ? 'Point at a cluster, or type its number.'
      : clustersWords(
          volume,
          ...(cell === undefined ? ([cluster, cluster] as const) : clustersOf(cells, cell, clusters)),
        );
  return (
    <div className="disk-map-words">
      <label>
        Cluster
        <input
          type="number"
          min={2}
          max={clusters + 1}
          value={typed ?? cluster ?? ''}
          onBlur={() => setTyped(undefined)}
          onChange={({ target }) => {
            setTyped(target.value);
            const number = Number(target.value);
            const isOne = Number.isInteger(number) && number >= 2 && number <= clusters + 1;
            if (isOne) chooseCluster(volume, selection, number);
          }}
        />
      </label>
      <p>{words}</p>
    </div>
  );
}

function chainOfKey(volume: Volume, key: string | undefined): number[] {
  const node = nodeAt(volume, key);
  return node && node.kind !== 'deleted' ? chainOf(volume, node.first) : [];
}
