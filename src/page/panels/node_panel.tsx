/** The chosen node below the graph: what it is, what it has, what it did last. */
import { useEffect, useRef } from 'react';
import type { GraphNode } from '../graph/model';
import { useNodeFacts } from '../graph/use_node_facts';
import type { ShownGraph } from '../graph/use_shown';
import { budgetWords, kindWord, metaOf, roleOf, stateOf } from '../graph/words';
import { Sign } from './../icons';
import { KindGlyph, StateGlyph } from './graph_glyphs';
import { NodeChannels, NodeEvents, NodeLog, NodeRegions } from './node_sections';

interface Props extends ShownGraph {
  readonly node: GraphNode;
  close(): void;
}

export function NodePanel({ machine, graph, domains, rebooted, node, close }: Props) {
  const { domain, kind } = node;
  const status = domains.find(({ name }) => name === domain.name);
  const state = stateOf(status, rebooted.has(domain.name));
  const facts = useNodeFacts(machine, graph, node);
  const head = useRef<HTMLHeadingElement>(null);
  // Opened by a key, or by what it took the place of, it is where the reader goes on; Esc comes back.
  // biome-ignore lint/correctness/useExhaustiveDependencies: another node is another panel
  useEffect(() => {
    const { activeElement } = document;
    if (activeElement === document.body || activeElement?.matches('[data-node]:focus-visible')) head.current?.focus();
  }, [node.id]);
  const isDevice = kind === 'device';
  const isUp = state.name === 'waiting' || state.name === 'running';
  return (
    <section className={`node-panel k-${kind}`} aria-label={`${node.name}, in detail`}>
      <header className="node-head">
        <h2 ref={head} tabIndex={-1}>
          <KindGlyph kind={kind} />
          {node.name}
        </h2>
        <span className="node-kind">{kindWord(node)}</span>
        {!isDevice && (
          <span className="node-state" data-state={state.name}>
            <StateGlyph shape={state.shape} />
            {state.word}
          </span>
        )}
        <span className="grow" />
        {domain.kind === 'guest' && <Act label="Hang" possible={isUp} act={() => machine.hang(domain.name)} />}
        {(domain.kind === 'guest' || domain.kind === 'client') && (
          <Act label="Kill" possible={isUp} act={() => machine.kill(domain.name)} />
        )}
        <button className="btn s quiet" type="button" aria-label={`Close ${node.name}`} onClick={close}>
          <Sign name="cross" />
        </button>
      </header>
      <p className="node-role">{roleOf(node)}</p>
      <dl className="node-facts">
        {isDevice ? (
          <DeviceFacts node={node} />
        ) : (
          <>
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
          </>
        )}
      </dl>
      {!isDevice && (
        <div className="node-sections">
          <NodeChannels facts={facts.channels} />
          <NodeEvents facts={facts.events} />
          <NodeRegions facts={facts.regions} />
          <NodeLog lines={facts.lines} />
        </div>
      )}
    </section>
  );
}

/** It stays in its place while it is not possible, and keeps the focus. */
function Act({ label, possible, act }: { label: string; possible: boolean; act(): void }) {
  return (
    <button
      className="btn s act"
      type="button"
      aria-disabled={!possible}
      onClick={() => {
        if (possible) act();
      }}
    >
      {label}
    </button>
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
