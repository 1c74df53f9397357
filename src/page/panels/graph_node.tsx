/** One node of the graph. Changes of state change a class and a word; the place is drawn once. */
import type { KeyboardEvent } from 'react';
import { memo } from 'react';
import type { Box, Layout } from '../graph/layout';
import type { GraphNode as Node } from '../graph/model';
import { metaOf, type NodeState, saidBetween } from '../graph/words';
import { KindShape, StateMark } from './graph_glyphs';

interface Props {
  readonly node: Node;
  readonly box: Box;
  readonly layout: Layout;
  readonly state: NodeState;
  readonly chosen: boolean;
  /** The one that Tab comes to. */
  readonly entry: boolean;
  readonly lit: boolean;
  /** Undefined while nothing is followed. */
  readonly onPath: boolean | undefined;
  choose(): void;
  light(id: string | undefined): void;
}

const PIN = 5;

export const GraphNode = memo(
  function GraphNode({ node, box, layout, state, chosen, entry, lit, onPath, choose, light }: Props) {
    const { name, kind } = node;
    const pressed = (event: KeyboardEvent) => {
      if (event.key !== 'Enter' && event.key !== ' ') return;
      event.preventDefault();
      choose();
    };
    const guest = node.parent === undefined ? '' : ' guest';
    const way = onPath === undefined ? '' : onPath ? ' on-path' : ' off-path';
    const look = kind === 'device' ? 'device' : state.name;
    return (
      // biome-ignore lint/a11y/useSemanticElements: a drawing has no button elements
      <g
        className={`node k-${kind}${guest} ${look}${chosen ? ' chosen' : ''}${lit ? ' lit-up' : ''}${way}`}
        role="button"
        tabIndex={entry ? 0 : -1}
        aria-expanded={chosen}
        data-node={node.id}
        data-state={look}
        transform={`translate(${box.x} ${box.y})`}
        onClick={choose}
        onKeyDown={pressed}
        onPointerEnter={() => light(node.id)}
        onPointerLeave={() => light(undefined)}
        onFocus={() => light(node.id)}
        onBlur={() => light(undefined)}
      >
        <rect className="halo" x="-3" y="-3" width={box.width + 6} height={box.height + 6} rx="3" />
        {kind === 'device' && <Pins box={box} />}
        <rect className="box" width={box.width} height={box.height} rx="2" />
        {kind !== 'device' && <rect className="stripe" width="4" height={box.height} />}
        <Lines node={node} box={box} layout={layout} state={state} name={name} />
      </g>
    );
  },
  (before, after) =>
    before.node === after.node &&
    before.layout === after.layout &&
    before.state.name === after.state.name &&
    before.chosen === after.chosen &&
    before.lit === after.lit &&
    before.onPath === after.onPath &&
    before.entry === after.entry,
);

/** Baselines of name and state: a node of its own height has both in its middle, a larger one at its top. */
function Lines({
  node,
  box,
  layout,
  state,
  name,
}: Pick<Props, 'node' | 'box' | 'layout' | 'state'> & { name: string }) {
  const { measures } = layout;
  const inset = (Math.min(box.height, measures.node) - 29) / 2;
  const first = inset + 11;
  const second = first + (measures.node > 40 ? 16 : 14);
  const [afterName, beforeMeta] = saidBetween(node);
  if (node.kind === 'device')
    return (
      <>
        <text className="name" x="6" y={first}>
          {name}
        </text>
        <text className="said">{afterName}</text>
        <text className="meta" x="6" y={second}>
          {metaOf(node)}
        </text>
      </>
    );
  return (
    <>
      <g transform={`translate(10 ${first - 10})`}>
        <KindShape kind={node.kind} />
      </g>
      <text className="name" x="26" y={first}>
        {name}
      </text>
      <text className="said">{afterName}</text>
      <g transform={`translate(12 ${second - 7.5})`}>
        <StateMark shape={state.shape} />
      </g>
      <text className="meta" x="26" y={second}>
        {state.word}
      </text>
      <text className="said">{beforeMeta}</text>
      <text className="meta priority" x={box.width - 7} y={second}>
        {metaOf(node)}
      </text>
    </>
  );
}

function Pins({ box }: { box: Box }) {
  const at = [0.25, 0.5, 0.75].map((part) => box.height * part);
  return <path className="pin" d={at.map((y) => `M${-PIN} ${y}h${PIN}M${box.width} ${y}h${PIN}`).join('')} />;
}
