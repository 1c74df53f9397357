/** The inspector's tab "Memory": any region of a node as bytes, of which only those in sight are read; names both ways where a layout has them. */
import { useRef, useState } from 'react';
import type { GraphNode } from '../graph/model';
import { fieldsOf, lengthOfField, type ShownField } from '../inspect/fields';
import { type Mark, PER_ROW, TONES } from '../inspect/hex';
import type { Look } from '../inspect/look';
import { nodeRegions } from '../inspect/node';
import { type Named, nameAt, type Piece, piecesOf } from '../inspect/pieces';
import { placeOfText } from '../inspect/places';
import { useChanges } from '../inspect/use_changes';
import { useRows } from '../inspect/use_rows';
import type { View } from '../inspect/use_view';
import { writerWords } from '../inspect/writers';
import { bytesWords } from '../storage_words';
import { InspectFields } from './inspect_fields';
import { InspectHex } from './inspect_hex';

export function InspectMemory({ view, node }: { view: View; node: GraphNode }) {
  const regions = nodeRegions(node);
  const [region, setRegion] = useState(regions[0]!.region);
  const { look } = view;
  return (
    <div className="inspect-memory">
      <div className="inspect-bar">
        <label className="wide">
          <span>Region</span>
          <select value={region} onChange={({ target }) => setRegion(target.value)}>
            {regions.map(({ symbol, region: name }) => (
              <option key={`${symbol} ${name}`} value={name}>
                {`${symbol}: ${name}, ${bytesWords(look.region(name).size)}`}
              </option>
            ))}
          </select>
        </label>
      </div>
      <Bytes key={region} view={view} region={region} />
    </div>
  );
}

function Bytes({ view: { look, frozen }, region }: { view: View; region: string }) {
  const { bytes } = look.region(region);
  const pieces = piecesOf(look, region);
  const box = useRef<HTMLDivElement>(null);
  const { rows, height, top, show } = useRows(box, Math.ceil(bytes.length / PER_ROW));
  const [cursor, setCursor] = useState<number>();
  const [hovered, setHovered] = useState<number>();
  const named = cursor === undefined ? undefined : nameAt(pieces, cursor);
  const over = hovered === undefined ? undefined : nameAt(pieces, hovered);
  const fields = named ? fieldsOf(named.piece.table, bytes, named.at, named.piece.meaning) : [];
  // What is hovered over lights up in the struct that is listed.
  const lit = over?.at === named?.at && over?.piece === named?.piece ? over : named;
  const field = fields.find(({ name }) => name === lit?.field);
  const changed = useChanges(bytes, rows, frozen);
  const pick = (at: number) => {
    setCursor(at);
    show(Math.floor(at / PER_ROW));
  };
  const offsets = rows.map((row) => row * PER_ROW);
  return (
    <>
      <Where look={look} region={region} pieces={pieces} go={pick} at={hovered ?? cursor} named={over ?? named} />
      <div className="inspect-split">
        <div className="inspect-scroll" ref={box}>
          <div style={{ height }}>
            <div style={{ transform: `translateY(${top}px)` }}>
              <InspectHex
                id="memory-hex"
                label={`Bytes of ${region}`}
                bytes={bytes}
                rows={offsets}
                marks={marksIn(pieces, offsets)}
                cursor={cursor}
                lit={field ?? (cursor === undefined ? undefined : { at: cursor, length: 1 })}
                changed={changed}
                pick={pick}
                hover={setHovered}
              />
            </div>
          </div>
        </div>
        <section
          className="fields"
          aria-label="Fields"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls
          tabIndex={0}
        >
          {named ? (
            <InspectFields
              title={named.piece.count > 1 ? `${named.piece.table.name} ${named.index}` : named.piece.table.name}
              fields={fields}
              chosen={lit?.field}
              toned
              pick={({ at }: ShownField) => pick(at)}
              hover={(shown) => setHovered(shown?.at)}
            />
          ) : (
            <p className="inspect-note">
              {pieces.length === 0
                ? 'No layout names these bytes: they are data.'
                : 'Pick a byte to see what it is called.'}
            </p>
          )}
        </section>
      </div>
    </>
  );
}

interface WhereProps {
  readonly look: Look;
  readonly region: string;
  readonly pieces: readonly Piece[];
  /** The byte that is hovered over, or the chosen one; and its name. */
  readonly at: number | undefined;
  readonly named: Named | undefined;
  go(at: number): void;
}

/** Goes to an offset or to what a layout names, and says where the cursor is. */
function Where({ look, region, pieces, at: byte, named, go }: WhereProps) {
  const [text, setText] = useState('');
  const [missed, setMissed] = useState(false);
  const { size } = look.region(region);
  return (
    <form
      className="inspect-bar"
      onSubmit={(event) => {
        event.preventDefault();
        const at = placeOfText(text, pieces, size);
        setMissed(at === undefined);
        if (at !== undefined) go(at);
      }}
    >
      <label>
        <span>Go to</span>
        <input
          value={text}
          placeholder={pieces[0] ? `0x40, ${pieces[0].name}` : '0x40'}
          list="inspect-names"
          aria-invalid={missed}
          onChange={({ target }) => setText(target.value)}
        />
      </label>
      <datalist id="inspect-names">
        {pieces.map(({ name }) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <output>
        {missed
          ? `There is no ${text} in ${bytesWords(size)}.`
          : byte === undefined
            ? writerWords(look.memory, region)
            : `0x${byte.toString(16)}${named ? ` is ${named.words}` : ''}`}
      </output>
    </form>
  );
}

/** The fields in sight, in colours by their order in their struct. */
function marksIn(pieces: readonly Piece[], rows: readonly number[]): Mark[] {
  const [from, to] = [rows[0] ?? 0, (rows.at(-1) ?? -PER_ROW) + PER_ROW];
  return pieces.flatMap(({ table, at, count }) => {
    const first = Math.max(0, Math.floor((from - at) / table.size));
    const last = Math.min(count, Math.ceil((to - at) / table.size));
    const tones = Object.values(table.fields).sort((a, b) => a.offset - b.offset);
    return Array.from({ length: Math.max(0, last - first) }, (_, i) => at + (first + i) * table.size).flatMap((start) =>
      tones.map((field, tone) => ({
        at: start + field.offset,
        length: lengthOfField(field),
        tone: (tone % TONES) + 1,
      })),
    );
  });
}
