/** The inspector's first tab: what a node is, what it has, what it did last. */
import type { DomainActivity } from '../activity';
import type { GraphNode } from '../graph/model';
import { useNodeFacts } from '../graph/use_node_facts';
import type { ShownGraph } from '../graph/use_shown';
import { budgetWords, metaOf, roleOf } from '../graph/words';
import { NodeChannels, NodeEvents, NodeLog, NodeRegions } from './node_sections';

interface Props extends ShownGraph {
  readonly node: GraphNode;
  readonly status: DomainActivity | undefined;
}

export function NodeOverview({ machine, graph, node, status }: Props) {
  const { domain, kind } = node;
  const facts = useNodeFacts(machine, graph, node);
  if (kind === 'device')
    return (
      <>
        <p className="node-role">{roleOf(node)}</p>
        <dl className="node-facts">
          <DeviceFacts node={node} />
        </dl>
      </>
    );
  return (
    <>
      <p className="node-role">{roleOf(node)}</p>
      <dl className="node-facts">
        <Fact term="Priority">{metaOf(node)}</Fact>
        <Fact term="Budget">{budgetWords(node)}</Fact>
        <Fact term="Generation">{status?.generation ?? 0}</Fact>
        <Fact term="Notifications">{(status?.notifications ?? 0).toLocaleString('en')}</Fact>
        <Fact term="Woke up">{facts.wakeups.toLocaleString('en')}</Fact>
        <Fact term="Waiting">{facts.waiting === '' ? 'nothing' : facts.waiting}</Fact>
        {status?.bootMs !== undefined && <Fact term="Started in">{Math.round(status.bootMs)} ms</Fact>}
        <Fact term="Program">
          <code>workers/{domain.image}/</code>
        </Fact>
      </dl>
      <div className="node-sections">
        <NodeChannels facts={facts.channels} />
        <NodeEvents facts={facts.events} />
        <NodeRegions facts={facts.regions} />
        <NodeLog lines={facts.lines} />
      </div>
    </>
  );
}

function Fact({ term, children }: { term: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{term}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function DeviceFacts({ node: { domain } }: { node: GraphNode }) {
  const { device, irqs, image } = domain;
  return (
    <>
      <Fact term="Device tree">{device!.node}</Fact>
      {device!.paddr !== undefined && <Fact term="Registers at">{`0x${device!.paddr.toString(16)}`}</Fact>}
      <Fact term="Interrupt">{irqs.map(({ intid, trigger }) => `${intid}, ${trigger}`).join('; ')}</Fact>
      <Fact term="Driver">{domain.name}</Fact>
      <Fact term="Reaches by DMA">{device!.dma.length === 0 ? 'nothing' : device!.dma.join(', ')}</Fact>
      <Fact term="Program">
        <code>workers/{image}/</code>
      </Fact>
    </>
  );
}
