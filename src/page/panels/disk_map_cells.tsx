/** A map of cells as one drawing: what each is, and over it what is chosen, under the pointer, written just now. */
import { memo, type PointerEvent, useMemo } from 'react';
import {
  barsOf,
  CELL,
  type Cells,
  cellAt,
  cellsAt,
  cellUnder,
  clustersOf,
  crossesOf,
  groundOf,
  linesOf,
  PER_ROW,
  PITCH,
  rowsOf,
  squaresOf,
} from '../diskmap/cells';
import { chooseCluster } from '../diskmap/choose';
import type { MapState } from '../diskmap/disk_map_model';
import type { Selection } from '../diskmap/selection';
import { runsOf } from '../fat/runs';
import type { Volume } from '../fat/volume';

const SECTOR = 512;
/** More lines than these would hide the map. */
const MOST_JUMPS = 60;

interface Props {
  readonly volume: Volume;
  readonly cells: Cells;
  /** One sentence for those who do not see it. */
  readonly label: string;
  readonly fresh: MapState['fresh'];
  readonly selection: Selection;
  /** Clusters of what is chosen, and which of them. */
  readonly chain: readonly number[];
  readonly cluster: number | undefined;
  /** Clusters under the pointer or the focus. */
  readonly lit: readonly number[];
}

export function DiskMapCells({ volume, cells, label, fresh, selection, chain, cluster, lit }: Props) {
  const { clusters } = volume.geometry;
  const under = (event: PointerEvent<SVGSVGElement>): number | undefined => {
    const box = event.currentTarget.getBoundingClientRect();
    const scale = (PER_ROW * PITCH + 1) / box.width;
    const cell = cellUnder(cells, (event.clientX - box.left) * scale - 1, (event.clientY - box.top) * scale - 1);
    return cell === undefined ? undefined : clustersOf(cells, cell, clusters)[0];
  };
  const written = cellsAt(cells, freshClusters(volume, fresh));
  const chosen = cellsAt(cells, cluster !== undefined && chain.length === 0 ? [cluster] : chain);
  return (
    <svg
      className="map"
      viewBox={`-1 -1 ${PER_ROW * PITCH + 1} ${rowsOf(cells) * PITCH + 1}`}
      role="img"
      aria-label={label}
      onPointerMove={(event) => selection.set({ litCluster: under(event), litCell: cells.perCell > 1 })}
      onPointerLeave={() => selection.set({ litCluster: undefined, litCell: false })}
      onPointerDown={(event) => {
        const found = under(event);
        if (found !== undefined) chooseCluster(volume, selection, found);
      }}
    >
      <CellPaths cells={cells} />
      <path className="fresh" d={barsOf(cells.states.length, (cell) => written.has(cell))} />
      <path className="chain" d={linesOf(jumpsOf(chain, cells))} />
      <path className="cur" d={squaresOf(chosen, 0.3)} />
      <path className="slashes" d={crossesOf(cellsThat(cells, CELL.CROSSED))} />
      <path className="at" d={squaresOf(cellsAt(cells, cluster === undefined ? [] : [cluster]), 0.9)} />
      <path className="lit" d={squaresOf(cellsAt(cells, lit), 0.6)} />
    </svg>
  );
}

const CellPaths = memo(function CellPaths({ cells }: { cells: Cells }) {
  const paths = useMemo(() => {
    const { states } = cells;
    const each = (which: number) => cellsThat(cells, which);
    return {
      file: barsOf(states.length, (cell) => states[cell] === CELL.FILE),
      part: squaresOf(each(CELL.PART)),
      directory: squaresOf(each(CELL.DIRECTORY)),
      lost: squaresOf(each(CELL.LOST), -0.7),
      bad: squaresOf(each(CELL.BAD)),
      crosses: crossesOf(each(CELL.BAD)),
      crossed: squaresOf(each(CELL.CROSSED)),
    };
  }, [cells]);
  const pattern = `map-ground-${cells.perCell}`;
  return (
    <>
      <pattern id={pattern} width={PITCH} height={PITCH} patternUnits="userSpaceOnUse">
        <rect className="free" width={PITCH - 1} height={PITCH - 1} />
      </pattern>
      <path fill={`url(#${pattern})`} d={groundOf(cells.states.length)} />
      {Object.entries(paths).map(([name, d]) => (
        <path key={name} className={name} d={d} />
      ))}
    </>
  );
});

function cellsThat({ states }: Cells, which: number): number[] {
  return [...states.keys()].filter((cell) => states[cell] === which);
}

function jumpsOf(chain: readonly number[], cells: Cells): [number, number][] {
  const runs = runsOf(chain);
  return runs.slice(1, MOST_JUMPS + 1).flatMap(([next], i): [number, number][] => {
    const [from, to] = [cellAt(cells, runs[i]![1]), cellAt(cells, next)];
    return from === undefined || to === undefined || from === to ? [] : [[from, to]];
  });
}

/** Those that these sectors lie in. */
function* freshClusters({ geometry, partition }: Volume, fresh: MapState['fresh']): Generator<number> {
  const data = partition.startSector + geometry.dataStart / SECTOR;
  const perCluster = geometry.clusterSize / SECTOR;
  for (const [from, to] of fresh) {
    const last = Math.min(geometry.clusters + 1, 2 + Math.floor((to - 1 - data) / perCluster));
    for (let at = Math.max(2, 2 + Math.floor((from - data) / perCluster)); at <= last; at++) yield at;
  }
}
