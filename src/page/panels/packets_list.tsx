/** Frames as rows, the newest at the bottom, where the list stays while it is there. Only those in sight are drawn. */
// biome-ignore-all lint/a11y/useSemanticElements: most rows of the grid are not in the tree, which a table cannot say
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus and says which of its rows is the active one
// biome-ignore-all lint/a11y/useKeyWithClickEvents: the grid has the keys
import { type KeyboardEvent, type RefObject, useLayoutEffect, useRef } from 'react';
import type { Frame } from '../packets/frames';
import { hopMarks, hopSentence, timeWords } from '../packets/packet_words';
import type { PacketsModel } from '../packets/packets_model';
import { useStore } from '../use';
import { useInSight, useWindow } from './files_window';

const ROW = 44;
const rowId = (frame: Frame) => `packet-${frame.number}`;

export function PacketsList({ model }: { model: PacketsModel }) {
  const { rows, chosen, filter } = useStore(model);
  const grid = useRef<HTMLDivElement>(null);
  const [first, last] = useWindow(grid, ROW, rows.length);
  const at = chosen === undefined ? -1 : rows.indexOf(chosen);
  useInSight(grid, { at, key: chosen && rowId(chosen), height: ROW, list: filter });
  useStay(grid, rows.length, at < 0);
  const drawn = rows.slice(first, last).map((frame, i) => ({ frame, index: first + i }));
  // The row that the keys act from is in the tree even when it is out of sight.
  if (at >= 0 && (at < first || at >= last)) drawn.push({ frame: chosen!, index: at });
  const keyed = (event: KeyboardEvent) => {
    const page = Math.max(1, Math.floor(grid.current!.clientHeight / ROW) - 1);
    const to = rowAfter(event.key, at, rows.length, page);
    if (to === undefined) return;
    event.preventDefault();
    model.choose(rows[to]);
  };
  return (
    <div
      ref={grid}
      className="packets-grid"
      role="grid"
      aria-label="Frames"
      aria-rowcount={rows.length + 1}
      aria-activedescendant={at >= 0 ? rowId(chosen!) : undefined}
      tabIndex={0}
      onKeyDown={keyed}
    >
      <div role="rowgroup" className="packets-head">
        <div role="row" aria-rowindex={1} className="packet">
          <span role="columnheader">Time, s</span>
          <span role="columnheader">Frame</span>
          <span role="columnheader">Hops</span>
        </div>
      </div>
      <div role="rowgroup" className="packets-body" style={{ height: rows.length * ROW }}>
        {drawn.map(({ frame, index }) => (
          <div
            key={frame.number}
            id={rowId(frame)}
            role="row"
            aria-rowindex={index + 2}
            aria-selected={frame === chosen}
            className="packet"
            style={{ top: index * ROW }}
            onClick={() => model.choose(frame === chosen ? undefined : frame)}
          >
            <Row frame={frame} />
          </div>
        ))}
      </div>
    </div>
  );
}

/** Where the keys lead; -1 is no row. */
function rowAfter(key: string, at: number, count: number, page: number): number | undefined {
  const to = {
    ArrowDown: at + 1,
    ArrowUp: at < 0 ? count - 1 : at - 1,
    PageDown: at + page,
    PageUp: at - page,
    Home: 0,
    End: count - 1,
  }[key];
  if (key === 'Escape' && at >= 0) return -1;
  return to === undefined || count === 0 ? undefined : Math.min(Math.max(to, 0), count - 1);
}

function Row({ frame }: { frame: Frame }) {
  const { protocol, info, source, destination, wrongs } = frame.packet;
  return (
    <>
      <span role="gridcell" className="time">
        {timeWords(frame.timeNs)}
      </span>
      <span role="gridcell" className="what">
        <span className="info">
          <b className="packet-protocol">{protocol}</b>{' '}
          {info.startsWith(`${protocol} `) ? info.slice(protocol.length + 1) : info}
        </span>
        <span className="ends">
          {`${source} to ${destination}, ${frame.length} bytes`}
          {wrongs.length > 0 && <em className="packet-wrong">, malformed</em>}
        </span>
      </span>
      <span role="gridcell" className="hops" title={hopSentence(frame)}>
        <span className="sr">{hopSentence(frame)}</span>
        {hopMarks(frame).map(({ hop, kind, letter, seen, sinceMs }) => (
          <span key={hop} aria-hidden="true">
            {sinceMs !== undefined && <small>{sinceMs}</small>}
            <i className={`k-${kind}${seen ? '' : ' unseen'}`}>{letter}</i>
          </span>
        ))}
      </span>
    </>
  );
}

/** A list that shows its end goes on showing it, unless a row is chosen. */
function useStay(box: RefObject<HTMLElement | null>, count: number, follows: boolean): void {
  const before = useRef(0);
  useLayoutEffect(() => {
    const element = box.current!;
    const wasAtEnd = element.scrollTop + element.clientHeight >= before.current - ROW;
    if (follows && wasAtEnd) element.scrollTop = element.scrollHeight;
    before.current = element.scrollHeight;
  });
  useLayoutEffect(() => {
    if (count === 0) before.current = 0;
  }, [count]);
}
