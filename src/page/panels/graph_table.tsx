/** The graph as a table: the same nodes, with what the drawing shows by place and line in words. */
import { useState } from 'react';
import { waitingWords } from '../graph/live';
import type { Graph, GraphNode } from '../graph/model';
import type { ShownGraph } from '../graph/use_shown';
import { budgetWords, kindWord, metaOf, type NodeState, stateOf } from '../graph/words';
import { StateGlyph } from './graph_glyphs';

interface Row {
  readonly node: GraphNode;
  readonly state: NodeState;
  readonly notifications: number;
  readonly waiting: string;
  readonly connected: string;
}

interface Column {
  readonly title: string;
  /** What it is sorted by. */
  readonly key: (row: Row) => string | number;
  readonly shown: (row: Row) => React.ReactNode;
  readonly number?: boolean;
}

const isDevice = ({ node }: Row) => node.kind === 'device';

const COLUMNS: readonly Column[] = [
  { title: 'Component', key: ({ node }) => node.name, shown: ({ node }) => node.name },
  { title: 'Kind', key: ({ node }) => kindWord(node), shown: ({ node }) => kindWord(node) },
  {
    title: 'State',
    key: (row) => (isDevice(row) ? '' : row.state.word),
    shown: (row) =>
      !isDevice(row) && (
        <span className="table-state">
          <StateGlyph shape={row.state.shape} />
          {row.state.word}
        </span>
      ),
  },
  {
    title: 'Priority',
    key: (row) => (isDevice(row) ? -1 : row.node.domain.priority),
    shown: (row) => metaOf(row.node),
    number: true,
  },
  {
    title: 'Budget',
    key: ({ node }) => node.domain.budgetUs ?? 0,
    shown: (row) => !isDevice(row) && budgetWords(row.node),
  },
  {
    title: 'Notifications',
    key: ({ notifications }) => notifications,
    shown: (row) => !isDevice(row) && row.notifications.toLocaleString('en'),
    number: true,
  },
  { title: 'Waiting', key: ({ waiting }) => waiting, shown: ({ waiting }) => (waiting === '' ? 'nothing' : waiting) },
  { title: 'Connected to', key: ({ connected }) => connected, shown: ({ connected }) => connected },
];

export function GraphTable({ machine, graph, domains, rebooted, chosen, choose }: ShownGraph) {
  const [order, setOrder] = useState<{ readonly column: number; readonly down: boolean }>();
  const rows = graph.nodes.map((node): Row => {
    const domain = domains.find(({ name }) => name === node.id);
    return {
      node,
      state: stateOf(domain, rebooted.has(node.id)),
      notifications: domain?.notifications ?? 0,
      waiting: waitingWords(machine, graph, node.id),
      connected: connectedTo(graph, node),
    };
  });
  const shown = order ? sorted(rows, COLUMNS[order.column]!, order.down) : rows;
  const sort = (column: number) => setOrder({ column, down: order?.column === column && !order.down });
  return (
    <table className="graph-table">
      <caption className="sr">Every component and device of the system</caption>
      <thead>
        <tr>
          {COLUMNS.map(({ title, number }, i) => (
            <th
              key={title}
              scope="col"
              className={number ? 'number' : undefined}
              aria-sort={order?.column === i ? (order.down ? 'descending' : 'ascending') : 'none'}
            >
              <button type="button" onClick={() => sort(i)}>
                {title}
              </button>
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {shown.map((row) => (
          <tr key={row.node.id} className={row.node.id === chosen ? 'chosen' : undefined}>
            {COLUMNS.map(({ title, shown: cell, number }, i) =>
              i === 0 ? (
                <th key={title} scope="row">
                  <button
                    type="button"
                    data-node={row.node.id}
                    aria-expanded={row.node.id === chosen}
                    onClick={() => choose(row.node.id)}
                  >
                    {cell(row)}
                  </button>
                </th>
              ) : (
                <td key={title} className={number ? 'number' : undefined}>
                  {cell(row)}
                </td>
              ),
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function connectedTo({ nodes, edges }: Graph, { id }: GraphNode): string {
  const ids = edges.flatMap(({ a, b }) => (a === id ? (b ?? 'terminal') : b === id ? a : []));
  return [...new Set(ids)].map((other) => nodes.find((node) => node.id === other)?.name ?? other).join(', ');
}

function sorted(rows: readonly Row[], { key }: Column, down: boolean): Row[] {
  const compare = (a: string | number, b: string | number) =>
    typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b));
  return rows.toSorted((a, b) => compare(key(a), key(b)) * (down ? -1 : 1));
}
