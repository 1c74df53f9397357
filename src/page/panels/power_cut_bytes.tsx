/** What changed from one moment to the other: rows of bytes before and after, the changed ones marked. */
import { useRef, useState } from 'react';
import { ascii, hexByte } from '../byte_words';
import { useWidth } from '../gallery/use_width';
import { type ChangedRow, changedRows } from '../powercut/changed_rows';
import { placeWords } from '../powercut/place';
import type { PowerCutState } from '../powercut/power_cut_model';

/** Of a row of 16 bytes with their signs, in CSS pixels. */
const WIDTH_OF_16 = 520;
/** Rows shown at first. */
const FEW = 24;
const MOST = 600;

export function PowerCutBytes({ state }: { state: PowerCutState }) {
  const { chosen, base, differences, examined } = state;
  const [all, setAll] = useState<string>();
  const place = useRef<HTMLElement>(null);
  const width = useWidth(place);
  const key = `${base} ${chosen}`;
  const sectors = differences?.sectors ?? [];
  const rows = changedRows(sectors, width > 0 && width < WIDTH_OF_16 ? 8 : 16, MOST);
  const shown = all === key ? rows : rows.slice(0, FEW);
  return (
    <section ref={place} className="pc-bytes" aria-label="What changed">
      <h3>
        {state.marked
          ? `Changed between write ${Math.min(base, chosen)} and ${Math.max(base, chosen)}`
          : 'Changed by this write'}
      </h3>
      <p>{changedWords(state)}</p>
      {shown.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls sideways where it is narrow
        <section className="pc-rows" tabIndex={0} aria-label="Bytes before and after">
          {shown.map((row, i) => (
            <Row
              key={`${row.sector} ${row.offset}`}
              row={row}
              head={shown[i - 1]?.sector === row.sector ? undefined : placeWords(examined?.volume, row.sector)}
            />
          ))}
        </section>
      )}
      {shown.length < rows.length && (
        <button className="btn s" type="button" onClick={() => setAll(key)}>
          Show {rows.length === MOST ? 'the first' : 'all'} {rows.length} rows
        </button>
      )}
      {differences?.isCut && <p>There are more sectors than are compared.</p>}
    </section>
  );
}

function changedWords({ chosen, base, differences }: PowerCutState): string {
  if (chosen === base) return 'It is the same moment.';
  if (!differences) return 'The log does not lead back there any more.';
  const bytes = differences.sectors.reduce((sum, { before, after }) => sum + changedBytes(before, after), 0);
  if (differences.unfetched > 0 && bytes === 0) return unfetchedWords(differences.unfetched);
  if (bytes === 0) return 'No byte: what was written was there already.';
  const count = differences.sectors.length;
  return `${bytes} byte${bytes === 1 ? '' : 's'} in ${count} sector${count === 1 ? '' : 's'}.`;
}

const unfetchedWords = (sectors: number) =>
  `${sectors} sectors that had never been fetched: what was there before is on the disk's server.`;

const changedBytes = (before: Uint8Array, after: Uint8Array) =>
  after.reduce((sum, byte, i) => sum + (byte === before[i] ? 0 : 1), 0);

function Row({ row, head }: { row: ChangedRow; head: string | undefined }) {
  const { sector, offset, before, after } = row;
  return (
    <>
      {head !== undefined && (
        <h4>
          Sector {sector}: {head}
        </h4>
      )}
      <Bytes sign="-" name="before" offset={offset} bytes={before} other={after} />
      <Bytes sign="+" name="after" offset={offset} bytes={after} other={before} />
    </>
  );
}

interface BytesProps {
  readonly sign: string;
  readonly name: 'before' | 'after';
  readonly offset: number;
  readonly bytes: Uint8Array;
  readonly other: Uint8Array;
}

function Bytes({ sign, name, offset, bytes, other }: BytesProps) {
  return (
    <code className={name}>
      <span className="sr">{name} </span>
      <span className="off">
        {sign} {offset.toString(16).padStart(3, '0')}
      </span>
      {Array.from(bytes, (byte, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a byte is its place
        <span key={i}> {byte === other[i] ? hexByte(byte) : <b>{hexByte(byte)}</b>}</span>
      ))}
      <span className="asc"> {ascii(bytes)}</span>
    </code>
  );
}
