/** The clusters of the volume as one drawing. What it shows is also in the tree, the chain and the sentence below, which keys reach. */
import { type PointerEvent, useMemo } from 'react';
import {
  barsOf,
  CELL,
  type Cells,
  cellAt,
  cellsOf,
  cellUnder,
  clustersOf,
  crossesOf,
  linesOf,
  PER_ROW,
  PITCH,
  rowsOf,
  squaresOf,
} from '../diskmap/cells';
import type { MapState } from '../diskmap/disk_map_model';
import { clustersWords, keyOf, mapSentence, nodeAt } from '../diskmap/map_words';
import type { Selection } from '../diskmap/selection';
import { runsOf, runsText } from '../fat/runs';
import { chainOf, type Volume } from '../fat/volume';
import { useStore } from '../use';
import { DiskMapLegend } from './disk_map_legend';

const SECTOR = 512;
/** More lines than these would hide the map. */
const MOST_JUMPS = 60;

interface Props {
  readonly volume: Volume;
  readonly fresh: MapState['fresh'];
  readonly selection: Selection;
}

export function DiskMapGrid({ volume, fresh, selection }: Props) {
  const { path, cluster, litPath, litCluster } = useStore(selection);
  const cells = useMemo(() => cellsOf(volume.states), [volume]);
  const chain = useMemo(() => chainOfKey(volume, path), [volume, path]);
  const lit = useMemo(() => chainOfKey(volume, litPath), [volume, litPath]);
  const { clusters } = volume.geometry;
  const rows = rowsOf(cells);

  const under = (event: PointerEvent<SVGSVGElement>): number | undefined => {
    const box = event.currentTarget.getBoundingClientRect();
    const scale = (PER_ROW * PITCH + 1) / box.width;
    return cellUnder(cells, (event.clientX - box.left) * scale - 1, (event.clientY - box.top) * scale - 1);
  };
  const hovered = (event: PointerEvent<SVGSVGElement>) => {
    const cell = under(event);
    selection.set({ litCluster: cell === undefined ? undefined : clustersOf(cells, cell, clusters)[0] });
  };
  const clicked = (event: PointerEvent<SVGSVGElement>) => {
    const cell = under(event);
    if (cell !== undefined) chooseCluster(volume, selection, clustersOf(cells, cell, clusters)[0]);
  };
  const cellsOfChain = (of: readonly number[]) => new Set(of.map((each) => cellAt(cells, each)));
  const chosen = cellsOfChain(cluster !== undefined && chain.length === 0 ? [cluster] : chain);
  const shown = litCluster ?? cluster;
  const chosenWords = chain.length > 0 && path !== undefined ? `${path}: ${runsText(chain)}` : undefined;

  return (
    <div className="disk-map-grid">
      <svg
        className="map"
        viewBox={`-1 -1 ${PER_ROW * PITCH + 1} ${rows * PITCH + 1}`}
        role="img"
        aria-label={mapSentence(volume, chosenWords)}
        onPointerMove={hovered}
        onPointerLeave={() => selection.set({ litCluster: undefined })}
        onPointerDown={clicked}
      >
        <CellPaths cells={cells} />
        <path className="fresh" d={squaresOf(freshCells(volume, cells, fresh), 0.4)} />
        <path className="chain" d={linesOf(jumpsOf(chain, cells))} />
        <path className="cur" d={squaresOf(chosen, 0.3)} />
        {cluster !== undefined && <path className="at" d={squaresOf([cellAt(cells, cluster)], 0.9)} />}
        <path className="lit" d={squaresOf(cellsOfChain(litCluster === undefined ? lit : [litCluster]), 0.6)} />
      </svg>
      <DiskMapLegend volume={volume} perCell={cells.perCell} chosen={nodeAt(volume, path)?.name} />
      <ClusterWords volume={volume} cells={cells} cluster={shown} selection={selection} />
    </div>
  );
}

function CellPaths({ cells }: { cells: Cells }) {
  const paths = useMemo(() => {
    const { states } = cells;
    const bars = (...which: number[]) => barsOf(states.length, (cell) => which.includes(states[cell]!));
    const each = (which: number) => [...states.keys()].filter((cell) => states[cell] === which);
    return {
      free: squaresOf(each(CELL.FREE)),
      file: bars(CELL.FILE),
      part: squaresOf(each(CELL.PART)),
      directory: squaresOf(each(CELL.DIRECTORY)),
      lost: squaresOf(each(CELL.LOST), -0.7),
      bad: squaresOf(each(CELL.BAD)),
      crosses: crossesOf(each(CELL.BAD)),
      crossed: squaresOf(each(CELL.CROSSED)),
      slashes: crossesOf(each(CELL.CROSSED)),
    };
  }, [cells]);
  return (
    <>
      {Object.entries(paths).map(([name, d]) => (
        <path key={name} className={name} d={d} />
      ))}
    </>
  );
}

/** Which cluster it is and whose; the number can be typed. */
function ClusterWords(props: { volume: Volume; cells: Cells; cluster: number | undefined; selection: Selection }) {
  const { volume, cells, cluster, selection } = props;
  const { clusters } = volume.geometry;
  const words =
    cluster === undefined || cluster > clusters + 1
      ? 'Point at a cluster, or type its number.'
      : clustersWords(volume, ...clustersOf(cells, cellAt(cells, cluster), clusters));
  return (
    <div className="disk-map-words">
      <label>
        Cluster
        <input
          type="number"
          min={2}
          max={clusters + 1}
          value={cluster ?? ''}
          onChange={({ target }) => {
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

/** And whoever has it. */
export function chooseCluster({ owners, nodes }: Volume, selection: Selection, cluster: number): void {
  const owner = nodes[owners[cluster] ?? -1];
  const path = owner && owner.kind !== 'root' ? keyOf(owner) : undefined;
  selection.set({ cluster, path, ...(path === undefined ? { lens: 'fat' } : {}) });
}

function chainOfKey(volume: Volume, key: string | undefined): number[] {
  const node = nodeAt(volume, key);
  return node && node.kind !== 'deleted' ? chainOf(volume, node.first) : [];
}

function jumpsOf(chain: readonly number[], cells: Cells): [number, number][] {
  const runs = runsOf(chain);
  return runs.slice(1, MOST_JUMPS + 1).flatMap(([from], i): [number, number][] => {
    const jump: [number, number] = [cellAt(cells, runs[i]![1]), cellAt(cells, from)];
    return jump[0] === jump[1] ? [] : [jump];
  });
}

/** Cells of the clusters that these sectors lie in. */
function freshCells({ geometry, partition }: Volume, cells: Cells, fresh: MapState['fresh']): Set<number> {
  const found = new Set<number>();
  const data = partition.startSector + geometry.dataStart / SECTOR;
  const perCluster = geometry.clusterSize / SECTOR;
  for (const [from, to] of fresh) {
    const last = Math.min(geometry.clusters + 1, 2 + Math.floor((to - 1 - data) / perCluster));
    for (let cluster = Math.max(2, 2 + Math.floor((from - data) / perCluster)); cluster <= last; cluster++)
      found.add(cellAt(cells, cluster));
  }
  return found;
}
