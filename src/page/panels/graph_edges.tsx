/** The graph's edges, drawn once; EdgePainter moves what moves on them. */
import { memo } from 'react';
import type { Layout } from '../graph/layout';
import type { GraphEdge as Edge } from '../graph/model';
import type { Route } from '../graph/routes';

const LINE_WORDS = 'serial line, to the terminal';

interface EdgeProps {
  readonly route: Route;
  readonly dimmed: boolean;
  /** Undefined while nothing is followed. */
  readonly onPath: boolean | undefined;
  /** By pointer; for keys and readers the nodes at its ends and the table lead there, too. */
  open(): void;
  /** Between a monitor and its guest: too short to be more than a mark, so it shows only when something runs along it. */
  readonly within: boolean;
}

export const GraphEdge = memo(
  function GraphEdge({ route, dimmed, onPath, open, within }: EdgeProps) {
    const { edge, path } = route;
    const way = onPath === undefined ? '' : onPath ? ' on-path' : ' off-path';
    return (
      // biome-ignore lint/a11y/noAriaHiddenOnFocusable: nothing in it takes the focus; the table has it in words
      <g
        className={`edge ${edge.kind}${within ? ' within' : ''}${dimmed ? ' away' : ''}${way}`}
        data-edge={edge.id}
        data-fired="0"
        aria-hidden="true"
        onClick={open}
      >
        <title>{titleOf(edge)}</title>
        {edge.regions.length > 0 && <path className="band" d={path} />}
        {edge.kind !== 'memory' && <path className="wire" d={path} />}
        {edge.kind === 'call' && <path className="between" d={path} />}
        <g className="lit">
          <path className="keyline" d={path} />
          <path className="gold" d={path} />
        </g>
        <path className="grip" d={path} />
      </g>
    );
  },
  (before, after) => before.route === after.route && before.dimmed === after.dimmed && before.onPath === after.onPath,
);

/** Over the nodes: what waits on an edge, or how often something runs along it. EdgePainter fills them in. */
export const GraphBadges = memo(function GraphBadges({ routes }: { routes: readonly Route[] }) {
  return routes
    .filter(({ edge }) => edge.kind !== 'line' && edge.kind !== 'inside')
    .map(({ edge, badge }) => (
      <g
        key={edge.id}
        className="badge"
        data-badge={edge.id}
        data-kind=""
        transform={`translate(${badge.x} ${badge.y})`}
      >
        <rect className="badge-box" x="-10" y="-7" width="20" height="14" rx="2" />
        <rect className="badge-level" x="-6" y="4" width="3" height="0" />
        <text y="3.4" />
      </g>
    ));
});

/** Both ends with their channel ids, and what they share. */
function titleOf({ a, b, kind, channel, regions }: Edge): string {
  if (kind === 'line') return LINE_WORDS;
  if (kind === 'device') return `${b}: registers and interrupt`;
  const what = channel
    ? `${channel.a.domain}, channel ${channel.a.id}, and ${channel.b.domain}, channel ${channel.b.id}`
    : `${a} and ${b}`;
  return regions.length === 0 ? what : `${what}: both map ${regions.join(', ')}`;
}

/** What the lines to a tall client are, in plain words, and where the serial line goes. */
export function GraphPorts({ routes, layout }: { routes: readonly Route[]; layout: Layout }) {
  const ports = routes.flatMap(({ edge, end, start }) => {
    const client = [edge.a, edge.b].find((id) => id !== undefined && layout.tall.has(id));
    if (client === undefined || edge.port === undefined) return [];
    const at = edge.b === client ? end : start;
    return [{ word: edge.port, x: at.x + 11, y: at.y + 3.5 }];
  });
  return (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: nothing in it takes the focus; the table has it in words
    <g className="ports" aria-hidden="true">
      {ports.map(({ word, x, y }) => (
        <text key={word} x={x} y={y}>
          {word}
        </text>
      ))}
      <rect className="line-plate" x={layout.width / 2 - 96} y="0" width="192" height="16" />
      <text className="line-words" x={layout.width / 2} y="11.5">
        {LINE_WORDS}
      </text>
    </g>
  );
}
