/** The inspector's tab "Queues": every queue of a node as a strip, and the chosen slot's bytes and fields; either chooses in the other. */
import { useMemo, useState } from 'react';
import type { GraphNode } from '../graph/model';
import { fieldsOf, type ShownField } from '../inspect/fields';
import { type Mark, PER_ROW, rowsOver, TONES } from '../inspect/hex';
import type { Look } from '../inspect/look';
import { nodeQueues } from '../inspect/node';
import type { InspectedQueue, QueueState, Slot } from '../inspect/queue';
import { slotOfInterest } from '../inspect/strip';
import { writerWords } from '../inspect/writers';
import { InspectFields } from './inspect_fields';
import { InspectHex } from './inspect_hex';
import { InspectRing } from './inspect_ring';

interface Shown {
  readonly queue: InspectedQueue;
  readonly state: QueueState;
  readonly interest: number;
}

export function InspectQueues({ look, node }: { look: Look; node: GraphNode }) {
  const [picked, setPicked] = useState<{ readonly queue: string; readonly slot: number }>();
  const shown = nodeQueues(look, node).map((queue): Shown => {
    const state = queue.read(look);
    return { queue, state, interest: slotOfInterest(state, queue.capacity) };
  });
  const chosen =
    shown.find(({ queue }) => queue.name === picked?.queue) ??
    // One that is full of empty buffers is at rest.
    shown.find(({ queue, state }) => state.length && state.head !== undefined && state.length < queue.capacity) ??
    shown[0];
  if (!chosen) return <p className="inspect-note">Its driver has not set up a queue yet.</p>;
  const slot = picked?.queue === chosen.queue.name ? picked.slot : chosen.interest;
  return (
    <div className="inspect-queues">
      <div className="inspect-rings">
        {shown.map(({ queue, state, interest }, i) => (
          <InspectRing
            key={queue.name}
            id={`ring-${i}`}
            queue={queue}
            state={state}
            chosen={queue === chosen.queue ? slot : undefined}
            interest={interest}
            pick={(next) => setPicked({ queue: queue.name, slot: next })}
          />
        ))}
      </div>
      <SlotView
        key={`${chosen.queue.name} ${slot}`}
        look={look}
        shown={chosen}
        slot={slot}
        following={picked === undefined}
      />
    </div>
  );
}

interface SlotProps {
  readonly look: Look;
  readonly shown: Shown;
  readonly slot: number;
  readonly following: boolean;
}

/** What is in one slot, with what belongs to it elsewhere in memory. */
function SlotView({ look, shown: { queue, state }, slot, following }: SlotProps) {
  const [part, setPart] = useState(0);
  const [cursor, setCursor] = useState<number>();
  const [hovered, setHovered] = useState<number>();
  const parts = useMemo(() => [queue.slot(look, slot), ...(queue.parts?.(look, slot) ?? [])], [queue, look, slot]);
  const current = parts[part] ?? parts[0]!;
  const { bytes } = look.region(current.region);
  const groups = parts.map((of) => fieldsOf(of.table, look.region(of.region).bytes, of.at, of.meaning));
  const fields = groups[parts.indexOf(current)]!;
  const field = fieldAtByte(fields, hovered ?? cursor);
  const marks = fields.map(({ at, length }, i): Mark => ({ at, length, tone: (i % TONES) + 1 }));
  const pick = (of: number) => (chosen: ShownField) => {
    setPart(of);
    setCursor(chosen.at);
  };
  const indices = Object.entries(state.indices).map(([name, value]) => `${name} ${value}`);
  return (
    <div className="inspect-slot">
      <div className="bytes">
        <p className="inspect-caption">
          Slot {slot} in <code>{current.region}</code>
          {!state.filled(slot) && <span>, not in the queue now</span>}
          {following && state.filled(slot) && state.head === slot && <span>, the next to be taken</span>}
        </p>
        <InspectHex
          id="slot-hex"
          label={`Bytes of slot ${slot}`}
          bytes={bytes}
          rows={rowsAround(current, bytes.length)}
          marks={marks}
          cursor={cursor}
          lit={field}
          pick={setCursor}
          hover={setHovered}
        />
        <p className="inspect-note">
          Underlined bytes are fields of <code>{current.table.name}</code> ({current.table.size} bytes). Pick a field or
          a byte: both light up. {writersOfSlot(look, queue)} {queue.note}
        </p>
      </div>
      <div className="fields">
        {groups.map((group, of) => (
          <InspectFields
            // biome-ignore lint/suspicious/noArrayIndexKey: a chain's parts are their places
            key={of}
            title={parts[of]!.table.name}
            fields={group}
            chosen={parts[of] === current ? field?.name : undefined}
            toned={parts[of] === current}
            pick={pick(of)}
            hover={(over) => setHovered(parts[of] === current ? over?.at : undefined)}
          />
        ))}
        {indices.length > 0 && <p className="inspect-note indices">{indices.join(', ')}</p>}
      </div>
    </div>
  );
}

const fieldAtByte = (fields: readonly ShownField[], byte: number | undefined) =>
  fields.find(({ at, length }) => byte !== undefined && byte >= at && byte < at + length);

/** The slot's rows, with one before and one behind. */
function rowsAround({ at, table }: Slot, size: number): number[] {
  const from = Math.max(0, at - PER_ROW);
  return rowsOver(from, Math.min(size, at + table.size + PER_ROW));
}

function writersOfSlot(look: Look, { from, region }: InspectedQueue): string {
  return from === undefined ? writerWords(look.memory, region) : `${from} writes the slots.`;
}
