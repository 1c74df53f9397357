/** The inspector: the chosen node below the graph, what it is, and what is in its queues, its memory and its device's registers. */
import { lazy, Suspense, useEffect, useRef } from 'react';
import type { Desk } from '../desk';
import type { GraphNode } from '../graph/model';
import type { ShownGraph } from '../graph/use_shown';
import { kindWord, metaOf, stateOf } from '../graph/words';
import { Sign } from './../icons';
import type { InspectorTab } from '../inspect/node';
import { tabsOf } from '../inspect/node';
import { useView } from '../inspect/use_view';
import { usePart } from '../use';
import { KindGlyph, StateGlyph } from './graph_glyphs';
import { InspectTabs } from './inspect_tabs';
import { NodeOverview } from './node_overview';
import '../style/graph.css';
import '../style/inspect.css';

const InspectQueues = lazy(() => import('./inspect_queues').then((file) => ({ default: file.InspectQueues })));
const InspectMemory = lazy(() => import('./inspect_memory').then((file) => ({ default: file.InspectMemory })));
const InspectRegisters = lazy(() => import('./inspect_registers').then((file) => ({ default: file.InspectRegisters })));
const InspectLog = lazy(() => import('./inspect_log').then((file) => ({ default: file.InspectLog })));
const NodeBreak = lazy(() => import('./node_break').then((file) => ({ default: file.NodeBreak })));

interface Props extends ShownGraph {
  readonly desk: Desk;
  readonly node: GraphNode;
  close(): void;
}

export function NodePanel(props: Props) {
  const { desk, machine, domains, rebooted, node, close } = props;
  const { domain, kind } = node;
  const { view, freeze } = useView(machine, node);
  const wanted = usePart(desk.stage, ({ tab }) => tab);
  const tabs = tabsOf(view?.look, node);
  const tab: InspectorTab = tabs.find((one) => one === wanted) ?? 'overview';
  const status = domains.find(({ name }) => name === domain.name);
  const state = stateOf(status, rebooted.has(domain.name));
  const head = useRef<HTMLHeadingElement>(null);
  // Opened by a key, or by what it took the place of, it is where the reader goes on; Esc comes back.
  // biome-ignore lint/correctness/useExhaustiveDependencies: another node is another panel
  useEffect(() => {
    const { activeElement } = document;
    if (activeElement === document.body || activeElement?.matches('[data-node]:focus-visible')) head.current?.focus();
  }, [node.id]);
  const isUp = state.name === 'waiting' || state.name === 'running';
  return (
    <section className={`node-panel k-${kind}`} aria-label={`${node.name}, in detail`}>
      <header className="node-head">
        <h2 ref={head} tabIndex={-1}>
          <KindGlyph kind={kind} />
          {node.name}
        </h2>
        <span className="node-kind">{kindWord(node)}</span>
        {kind !== 'device' && (
          <span className="node-state" data-state={state.name}>
            <StateGlyph shape={state.shape} />
            {`${state.word}, priority ${metaOf(node)}`}
          </span>
        )}
        <span className="grow" />
        {kind !== 'device' && (
          <Suspense fallback={null}>
            <NodeBreak desk={desk} domain={domain.name} />
          </Suspense>
        )}
        {domain.kind === 'guest' && <Act label="Hang" possible={isUp} act={() => machine.hang(domain.name)} />}
        {(domain.kind === 'guest' || domain.kind === 'client') && (
          <Act label="Kill" possible={isUp} act={() => machine.kill(domain.name)} />
        )}
        <button className="btn s quiet" type="button" aria-label={`Close ${node.name}`} onClick={close}>
          <Sign name="cross" />
        </button>
      </header>
      <InspectTabs
        tabs={tabs}
        tab={tab}
        show={(next) => desk.stage.showTab(next)}
        {...(view ? { frozen: view.frozen, freeze } : {})}
      />
      <div
        className="inspect-body"
        role="tabpanel"
        id="inspect-panel"
        aria-labelledby={`inspect-tab-${tab}`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and may hold nothing that takes the focus
        tabIndex={0}
      >
        <Suspense fallback={null}>
          {tab === 'overview' && <NodeOverview {...props} status={status} />}
          {tab === 'queues' && view && <InspectQueues key={node.id} look={view.look} node={node} />}
          {tab === 'memory' && view && <InspectMemory key={node.id} view={view} node={node} />}
          {tab === 'registers' && view && <InspectRegisters key={node.id} look={view.look} node={node} />}
          {tab === 'log' && <InspectLog machine={machine} name={domain.name} />}
        </Suspense>
      </div>
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
