/** The system graph with what belongs to it: legend, and the same as a table. */
import { type RefObject, useEffect, useMemo, useRef, useState } from 'react';
import type { Desk } from '../desk';
import { layoutOf, outer, type Size } from '../graph/layout';
import type { Graph } from '../graph/model';
import { useShownGraph } from '../graph/use_shown';
import type { RailKind } from '../rails';
import { usePart } from '../use';
import { BoardChoice } from './board_choice';
import { GraphDrawing } from './graph_drawing';
import { KindGlyph } from './graph_glyphs';
import { GraphStrip } from './graph_strip';
import { GraphTable } from './graph_table';
import '../style/graph.css';

const LEGEND: readonly (readonly [RailKind, string])[] = [
  ['driver', 'driver'],
  ['virtualiser', 'virtualiser'],
  ['vm', 'virtual machine and its monitor'],
  ['client', 'client'],
  ['device', 'device'],
];

export function GraphView({ desk }: { desk: Desk }) {
  const shown = useShownGraph(desk);
  const { machine, graph, chosen } = shown;
  const { stage } = desk;
  const lit = usePart(stage, (state) => state.lit);
  const path = usePart(stage, (state) => state.path);
  const [asTable, setAsTable] = useState(false);
  const view = useRef<HTMLDivElement>(null);
  const size = useSize(view);
  const switched = useJustChanged(desk.machine.board);
  const slot = usePart(stage, (state) => state.slot);
  // Where something is broken, or comes back, it is the victim that is looked at.
  const looked = chosen ?? (slot === 'break' || slot === 'recovery' ? (lit ?? 'linux_fs_vm') : undefined);
  const node = graph.nodes.find(({ id }) => id === looked);
  const { layout, scale, tooLow } = useMemo(() => fitted(machine.description, graph, size), [machine, graph, size]);
  const left = useRef<string>(undefined);
  // Who closed a panel by key goes on at its node, which may have been drawn anew.
  useEffect(() => {
    const from = left.current;
    left.current = chosen;
    if (chosen !== undefined || from === undefined || document.activeElement !== document.body) return;
    view.current?.querySelector<SVGElement>(`[data-node="${from}"]`)?.focus();
  }, [chosen]);

  return (
    <div className={`graph-view${switched ? ' switched' : ''}`} ref={view}>
      <div className="graph-area">
        {asTable ? (
          <GraphTable {...shown} />
        ) : node && tooLow ? (
          <GraphStrip {...shown} node={node} layout={layout} />
        ) : (
          <GraphDrawing
            {...shown}
            layout={layout}
            scale={scale}
            lit={lit}
            path={path}
            light={(id) => stage.light(id)}
            openEdge={(id) => stage.choose(id, 'queues')}
          />
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

/** What lies beside the drawing, and below it. */
const BESIDE = 24;
const FOOT = 46;
const SCALE = { least: 0.82, most: 1.3 };
/** A drawing cut in half is worse than a row of the chosen node and its neighbours. */
const TOO_LOW = 0.7;

const EASES = [1, 0.8, 0.6, 0.4, 0.2, 0];

/** The airiest drawing that fits as large as the width allows, else the compact one, which scrolls before it is too small to read. */
function fitted(description: Parameters<typeof layoutOf>[0], graph: Graph, size: Size) {
  const room = { width: size.width - BESIDE, height: size.height - FOOT };
  const draw = (ease: number) => {
    const layout = layoutOf(description, graph, ease);
    const byWidth = Math.min(SCALE.most, room.width / outer(layout).width);
    return { layout, byWidth, scale: Math.min(byWidth, room.height / outer(layout).height) };
  };
  for (const ease of EASES) {
    const drawn = draw(ease);
    if (drawn.scale >= Math.min(1, drawn.byWidth) * 0.97) return { ...drawn, tooLow: false };
  }
  const compact = draw(0);
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
