/** The system graph with what belongs to it: legend, the same as a table, and the panel of the chosen node. */
import { type RefObject, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import type { Desk } from '../desk';
import { graphMachine } from '../graph/graph_machine';
import { type Drawing, layoutOf, outer, type Size } from '../graph/layout';
import { type Graph, graphOf } from '../graph/model';
import { useRebooted } from '../graph/rebooted';
import type { RailKind } from '../rails';
import { useStore } from '../use';
import { BoardChoice } from './board_choice';
import { GraphDrawing } from './graph_drawing';
import { KindGlyph } from './graph_glyphs';
import { GraphStrip } from './graph_strip';
import { GraphTable } from './graph_table';
import { NodePanel } from './node_panel';
import '../style/graph.css';

const LEGEND: readonly (readonly [RailKind, string])[] = [
  ['driver', 'driver'],
  ['virtualiser', 'virtualiser'],
  ['vm', 'virtual machine and its monitor'],
  ['client', 'client'],
  ['device', 'device'],
];

export function GraphView({ desk }: { desk: Desk }) {
  useStore(desk.machine);
  const { board } = desk.machine;
  const machine = useMemo(() => graphMachine(desk.machine, desk.watch), [desk]);
  const { domains } = useSyncExternalStore(desk.watch.subscribe, () => desk.watch.activity);
  const rebooted = useRebooted(desk.watch);
  const [chosen, setChosen] = useState<string>();
  const [asTable, setAsTable] = useState(false);
  const view = useRef<HTMLDivElement>(null);
  const size = useSize(view);
  const switched = useJustChanged(board);
  // The board decides what there is; the rest of the description is the same for all.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the machine's description changes with its board
  const graph = useMemo(() => graphOf(machine.description), [machine, board]);
  const node = graph.nodes.find(({ id }) => id === chosen);
  const { layout, scale, tooLow } = useMemo(
    () => fitted(machine.description, graph, size, node !== undefined),
    [machine, graph, size, node],
  );
  const returnTo = useRef<string>(undefined);
  const close = () => {
    returnTo.current = chosen;
    setChosen(undefined);
  };
  useEffect(() => {
    const id = chosen === undefined ? returnTo.current : undefined;
    if (id !== undefined) view.current?.querySelector<SVGElement>(`[data-node="${id}"]`)?.focus();
    returnTo.current = undefined;
  }, [chosen]);
  const choose = (id: string) => setChosen((before) => (before === id ? undefined : id));
  const shown = { machine, graph, domains, rebooted, chosen, choose };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Esc comes from the nodes and the panel
    <div
      className={`graph-view${switched ? ' switched' : ''}`}
      ref={view}
      onKeyDown={(event) => {
        if (event.key === 'Escape' && chosen !== undefined) close();
      }}
    >
      <div className="graph-area">
        {asTable ? (
          <GraphTable {...shown} />
        ) : node && tooLow ? (
          <GraphStrip {...shown} node={node} layout={layout} />
        ) : (
          <GraphDrawing {...shown} layout={layout} scale={scale} />
        )}
      </div>
      <div className="graph-foot">
        <BoardChoice desk={desk} className="fact narrow" />
        {!asTable && <Legend />}
        <span className="grow" />
        <button className="btn s quiet" type="button" onClick={() => setAsTable(!asTable)}>
          {asTable ? 'As a drawing' : 'As a table'}
        </button>
      </div>
      {node && <NodePanel {...shown} node={node} close={close} />}
    </div>
  );
}

function Legend() {
  return (
    <p className="graph-legend">
      {LEGEND.map(([kind, word]) => (
        <span key={kind} className={`k-${kind}`}>
          <KindGlyph kind={kind} />
          {word}
        </span>
      ))}
      <span className="graph-note">number = priority</span>
    </p>
  );
}

/** What another board changes is gold for as long as it takes to find it. */
const SWITCHED_MS = 2500;

function useJustChanged(value: unknown): boolean {
  const [known, setKnown] = useState(value);
  useEffect(() => {
    if (known === value) return;
    const timer = setTimeout(() => setKnown(value), SWITCHED_MS);
    return () => clearTimeout(timer);
  }, [known, value]);
  return known !== value;
}

/** What lies beside the drawing, below it, and how much of the height a panel takes. */
const BESIDE = 24;
const FOOT = 46;
const PANEL = { share: 0.44, least: 240 };
const SCALE = { least: 0.82, most: 1.3 };
/** A drawing cut in half is worse than a row of the chosen node and its neighbours. */
const TOO_LOW = 0.7;

/** The full drawing if it fits as large as the width allows, else the compact one, which scrolls before it is too small to read. */
function fitted(description: Parameters<typeof layoutOf>[0], graph: Graph, size: Size, panel: boolean) {
  const panelHeight = panel ? Math.max(PANEL.least, size.height * PANEL.share) : 0;
  const room = { width: size.width - BESIDE, height: size.height - FOOT - panelHeight };
  const draw = (drawing: Drawing) => {
    const layout = layoutOf(description, graph, drawing);
    const byWidth = Math.min(SCALE.most, room.width / outer(layout).width);
    return { layout, byWidth, scale: Math.min(byWidth, room.height / outer(layout).height) };
  };
  const full = draw('full');
  if (full.scale >= Math.min(1, full.byWidth) * 0.97) return { ...full, tooLow: false };
  const compact = draw('compact');
  const tooLow = room.height < TOO_LOW * outer(compact.layout).height;
  return { ...compact, tooLow, scale: Math.min(compact.byWidth, Math.max(SCALE.least, compact.scale)) };
}

function useSize(element: RefObject<Element | null>): Size {
  const [size, setSize] = useState<Size>({ width: 800, height: 700 });
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => {
      const { width, height } = entry!.contentRect;
      setSize((before) => (before.width === width && before.height === height ? before : { width, height }));
    });
    observer.observe(element.current!);
    return () => observer.disconnect();
  }, [element]);
  return size;
}
