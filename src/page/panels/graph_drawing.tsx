/** The graph as a drawing: nodes are buttons, one of which is in the tab order; arrow keys move between them. */
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react';
import { type Layout, outer } from '../graph/layout';
import { followLive } from '../graph/live';
import type { Graph } from '../graph/model';
import { isArrow, neighbour } from '../graph/neighbour';
import { EdgePainter } from '../graph/painter';
import { isInside, routesOf } from '../graph/routes';
import type { ShownGraph } from '../graph/use_shown';
import { stateOf } from '../graph/words';
import { GraphBadges, GraphEdge, GraphPorts } from './graph_edges';
import { GraphNode } from './graph_node';

interface Props extends ShownGraph {
  readonly layout: Layout;
  readonly scale: number;
  /** The node that is lit, wherever the pointer is. */
  readonly lit: string | undefined;
  /** What a followed request went along. */
  readonly path: ReadonlySet<string> | undefined;
  light(id: string | undefined): void;
  /** The queues of an edge were asked for, at the component that serves them. */
  openEdge(id: string): void;
}

export function GraphDrawing(props: Props) {
  const { machine, graph, layout, scale, domains, rebooted, chosen, choose, lit, path, light, openEdge } = props;
  const drawing = useRef<SVGSVGElement>(null);
  const tokens = useRef<SVGGElement>(null);
  const [entry, setEntry] = useState(graph.nodes[0]!.id);
  const routes = useMemo(() => routesOf(graph, layout), [graph, layout]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: other routes are other paths for the tokens
  useEffect(() => {
    const painter = new EdgePainter(drawing.current!, tokens.current!);
    return followLive(machine, graph, (frame) => painter.paint(frame));
  }, [machine, graph, routes]);

  const moved = (event: KeyboardEvent<SVGSVGElement>) => {
    const from = (event.target as Element).closest<SVGElement>('[data-node]')?.dataset.node;
    if (from === undefined || !isArrow(event.key)) return;
    event.preventDefault();
    const to = neighbour(graph, layout, from, event.key);
    if (to === undefined) return;
    setEntry(to);
    drawing.current!.querySelector<SVGElement>(`[data-node="${to}"]`)!.focus();
  };
  // A guest and what connects it to its monitor lie over the monitor.
  const edges = (inside: boolean) =>
    routes
      .filter(({ edge }) => isInside(graph, edge) === inside)
      .map((route) => (
        <GraphEdge
          key={route.edge.id}
          route={route}
          dimmed={isAway(route.edge, chosen)}
          onPath={path?.has(route.edge.id)}
          within={inside}
          open={() => openEdge(serverOf(route.edge, layout))}
        />
      ));
  const nodes = (inside: boolean) =>
    graph.nodes
      .filter(({ parent }) => (parent !== undefined) === inside)
      .map((node) => (
        <GraphNode
          key={node.id}
          node={node}
          box={layout.boxes.get(node.id)!}
          layout={layout}
          state={stateOf(
            domains.find(({ name }) => name === node.domain.name),
            rebooted.has(node.id),
          )}
          chosen={node.id === chosen}
          lit={node.id === lit}
          onPath={path?.has(node.id)}
          entry={node.id === entry}
          choose={() => {
            setEntry(node.id);
            choose(node.id);
          }}
          light={light}
        />
      ));
  const { width, height } = outer(layout);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a drawing has no fieldset
    <svg
      ref={drawing}
      className="graph"
      viewBox={`-7 0 ${width} ${height}`}
      width={width * scale}
      height={height * scale}
      role="group"
      aria-label={`The system: ${machine.description.domains.length} components. Arrow keys move, Enter opens.`}
      data-drawing={layout.drawing}
      onKeyDown={moved}
    >
      <Hatch />
      {edges(false)}
      {nodes(false)}
      {edges(true)}
      {nodes(true)}
      <GraphPorts routes={routes} layout={layout} />
      <GraphBadges routes={routes} />
      <g ref={tokens} />
    </svg>
  );
}

/** Of two components the one nearer to the hardware: it serves what is in their queues. */
function serverOf({ a, b }: Graph['edges'][number], { boxes }: Layout): string {
  return b === undefined || boxes.get(a)!.x <= boxes.get(b)!.x ? a : b;
}

/** Edges that the chosen node has no part in step back. */
const isAway = ({ a, b }: Graph['edges'][number], chosen: string | undefined) =>
  chosen !== undefined && a !== chosen && b !== chosen;

function Hatch() {
  return (
    <defs>
      <pattern id="hatch" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <rect width="7" height="7" className="hatch-ground" />
        <path d="M0 0v7" className="hatch-line" />
      </pattern>
    </defs>
  );
}
