/** One queue as a strip of its slots; arrow keys go from slot to slot, and round its ends. */
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus, and names the cell
// biome-ignore-all lint/a11y/useKeyWithClickEvents: arrow keys choose the slot
// biome-ignore-all lint/a11y/useSemanticElements: a strip is no table to look at
import { type KeyboardEvent, type MouseEvent, memo } from 'react';
import type { InspectedQueue, QueueState } from '../inspect/queue';
import { cellsOf, countWords, firstOfPage, strides } from '../inspect/strip';

interface Props {
  readonly id: string;
  readonly queue: InspectedQueue;
  readonly state: QueueState;
  /** Undefined in the queues that are not chosen. */
  readonly chosen: number | undefined;
  /** Shown where none is chosen. */
  readonly interest: number;
  pick(slot: number): void;
}

export function InspectRing({ id, queue, state, chosen, interest, pick }: Props) {
  const { capacity, title, unit } = queue;
  const slot = chosen ?? interest;
  const first = firstOfPage(slot);
  const cells = cellsOf(state, capacity, first);
  const pressed = (event: KeyboardEvent) => {
    const to = strides(event.key, slot, capacity);
    if (to === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    pick(chosen === undefined ? slot : to);
  };
  const clicked = ({ target }: MouseEvent) => {
    const at = target instanceof HTMLElement ? target.dataset.slot : undefined;
    pick(at === undefined ? slot : Number(at));
  };
  const words = countWords(state, capacity);
  return (
    <div className="inspect-ring" data-queue={queue.name} data-level={levelOf(state, capacity)}>
      <code title={`${queue.name}, in ${queue.region}`}>{title}</code>
      <div
        className="cells"
        role="grid"
        aria-label={`${title}: ${words} ${unit[1]}, slots ${first} to ${first + cells.length - 1}`}
        tabIndex={0}
        aria-activedescendant={chosen === undefined ? undefined : `${id}-${slot}`}
        onKeyDown={pressed}
        onClick={clicked}
      >
        <Cells id={id} cells={cells} first={first} chosen={chosen} head={state.head} tail={state.tail} />
      </div>
      <span className="count">
        {words}
        {capacity > cells.length && <small>{`slots ${first}\u2013${first + cells.length - 1}`}</small>}
      </span>
    </div>
  );
}

interface CellsProps {
  readonly id: string;
  readonly cells: string;
  readonly first: number;
  readonly chosen: number | undefined;
  readonly head: number | undefined;
  readonly tail: number | undefined;
}

/** Drawn again only when a cell is another one. */
const Cells = memo(function Cells({ id, cells, first, chosen, head, tail }: CellsProps) {
  return (
    <div role="row">
      {Array.from(cells, (cell, i) => {
        const slot = first + i;
        const where = slot === head ? ', head' : slot === tail ? ', tail' : '';
        return (
          <span
            key={slot}
            id={`${id}-${slot}`}
            role="gridcell"
            aria-selected={slot === chosen}
            aria-label={`slot ${slot}, ${cell === 'f' ? 'filled' : 'free'}${where}`}
            data-slot={slot}
            className={[cell === 'f' && 'filled', slot === head && 'head', slot === tail && 'tail']
              .filter(Boolean)
              .join(' ')}
          />
        );
      })}
    </div>
  );
});

function levelOf({ length }: QueueState, capacity: number): string {
  if (length === undefined) return 'broken';
  return length === 0 ? 'empty' : length === capacity ? 'full' : 'some';
}
