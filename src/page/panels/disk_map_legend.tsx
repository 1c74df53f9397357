/** What the map's colours and patterns mean: those that are on it. */
import { CLUSTER } from '../fat/node';
import type { Volume } from '../fat/volume';

interface Props {
  readonly volume: Volume;
  readonly perCell: number;
  readonly chosen: string | undefined;
}

export function DiskMapLegend({ volume: { counts }, perCell, chosen }: Props) {
  const has = (state: number) => counts[state]! > 0;
  return (
    <ul className="disk-map-legend" aria-label="What the colours mean">
      {chosen !== undefined && <Item mark="cur">{chosen}</Item>}
      <Item mark="file">file</Item>
      {perCell > 1 && <Item mark="part">partly used</Item>}
      {has(CLUSTER.DIRECTORY) && <Item mark="directory">directory</Item>}
      <Item mark="free">free</Item>
      <Item mark="fresh">written just now</Item>
      {has(CLUSTER.LOST) && <Item mark="lost">lost</Item>}
      {has(CLUSTER.CROSSED) && <Item mark="crossed">crossed</Item>}
      {has(CLUSTER.BAD) && <Item mark="bad">bad</Item>}
    </ul>
  );
}

function Item({ mark, children }: { mark: string; children: string }) {
  return (
    <li>
      <svg className="map" viewBox="0 0 12 12" aria-hidden="true">
        <rect className={mark} x="1.500" y="1.500" width="9" height="9" />
        {mark === 'bad' && <path className="crosses" d="M1.500 1.500l9 9M10.500 1.500l-9 9" />}
        {mark === 'crossed' && <path className="slashes" d="M1.500 1.500l9 9M10.500 1.500l-9 9" />}
      </svg>
      {children}
    </li>
  );
}
