/** Where there is no room for drawing and panel: one row of the chosen node and those it is connected to, towards the hardware on the left. */
import { type Layout, peersOf } from '../graph/layout';
import type { GraphNode } from '../graph/model';
import type { ShownGraph } from '../graph/use_shown';
import { metaOf, stateOf } from '../graph/words';
import { KindGlyph } from './graph_glyphs';

interface Props extends ShownGraph {
  readonly node: GraphNode;
  readonly layout: Layout;
}

export function GraphStrip({ graph, domains, rebooted, choose, node, layout }: Props) {
  const peers = peersOf(graph, node.id);
  const near = graph.nodes.filter(({ id }) => peers.has(id));
  const x = (id: string) => layout.boxes.get(id)!.x;
  const words = (of: GraphNode) => {
    if (of.kind === 'device') return metaOf(of);
    const domain = domains.find(({ name }) => name === of.domain.name);
    return stateOf(domain, rebooted.has(of.id)).word;
  };
  const side = (label: string, nodes: readonly GraphNode[]) =>
    nodes.length > 0 && (
      <ul aria-label={label}>
        {nodes.map((peer) => (
          <li key={peer.id}>
            <button className={`k-${peer.kind}`} type="button" data-node={peer.id} onClick={() => choose(peer.id)}>
              <KindGlyph kind={peer.kind} />
              <b>{peer.name}</b>
              <small>{words(peer)}</small>
            </button>
          </li>
        ))}
      </ul>
    );
  return (
    <nav className="graph-strip" aria-label={`What ${node.name} is connected to`}>
      {side(
        'Nearer to the hardware',
        near.filter(({ id }) => x(id) < x(node.id)),
      )}
      <span className={`here k-${node.kind}`}>
        <KindGlyph kind={node.kind} />
        <b>{node.name}</b>
        <small>{words(node)}</small>
      </span>
      {side(
        'Nearer to the client',
        near.filter(({ id }) => x(id) >= x(node.id)),
      )}
    </nav>
  );
}
