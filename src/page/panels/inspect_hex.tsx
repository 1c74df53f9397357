/** Bytes of a region, sixteen a row: numbers and signs. Named bytes are underlined; the chosen byte, and all of its field, is gold. */
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus, and names the cell
// biome-ignore-all lint/a11y/useKeyWithMouseEvents: what is hovered over is only previewed
// biome-ignore-all lint/a11y/useKeyWithClickEvents: arrow keys move the cursor
// biome-ignore-all lint/a11y/useSemanticElements: bytes are no table to look at
import type { KeyboardEvent, MouseEvent } from 'react';
import { ascii, hexByte } from '../byte_words';
import { type Mark, moved, PER_ROW } from '../inspect/hex';

interface Props {
  readonly id: string;
  readonly label: string;
  readonly bytes: Uint8Array;
  /** First bytes of the rows. */
  readonly rows: readonly number[];
  readonly marks: readonly Mark[];
  /** The chosen byte. */
  readonly cursor: number | undefined;
  /** The chosen field. */
  readonly lit: { readonly at: number; readonly length: number } | undefined;
  changed?(at: number): boolean;
  /** A byte was chosen, by the pointer or by a key. */
  pick(at: number): void;
  /** The pointer is over a byte, or over none. */
  hover(at: number | undefined): void;
}

export function InspectHex({ id, label, bytes, rows, marks, cursor, lit, changed, pick, hover }: Props) {
  const digits = Math.max(4, (bytes.length - 1).toString(16).length);
  const start = cursor ?? rows[0] ?? 0;
  const pressed = (event: KeyboardEvent) => {
    const to = moved(event.key, start, bytes.length, Math.max(1, rows.length - 1));
    if (to === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    pick(to);
  };
  const byteOf = ({ target }: MouseEvent) => {
    const at = target instanceof HTMLElement ? target.dataset.at : undefined;
    return at === undefined ? undefined : Number(at);
  };
  const clicked = (event: MouseEvent) => {
    const at = byteOf(event);
    if (at !== undefined) pick(at);
  };
  return (
    <div
      className="inspect-hex"
      id={id}
      role="grid"
      aria-label={label}
      aria-readonly
      tabIndex={0}
      aria-activedescendant={cursor === undefined ? undefined : `${id}-${cursor}`}
      onKeyDown={pressed}
      onClick={clicked}
      onMouseOver={(event) => hover(byteOf(event))}
      onMouseLeave={() => hover(undefined)}
    >
      {rows.map((row) => (
        <div key={row} role="row">
          <span role="rowheader">{row.toString(16).padStart(digits, '0')}</span>
          {Array.from({ length: Math.min(PER_ROW, bytes.length - row) }, (_, i) => {
            const at = row + i;
            return (
              <span
                key={at}
                id={`${id}-${at}`}
                role="gridcell"
                aria-selected={at === cursor}
                data-at={at}
                className={classOf(at, i, { marks, cursor, lit, changed: changed?.(at) ?? false })}
              >
                {hexByte(bytes[at]!)}
              </span>
            );
          })}
          <span className="signs" role="presentation" aria-hidden="true">
            {ascii(bytes.subarray(row, row + PER_ROW))}
          </span>
        </div>
      ))}
    </div>
  );
}

function classOf(
  at: number,
  column: number,
  { marks, cursor, lit, changed }: Pick<Props, 'marks' | 'cursor' | 'lit'> & { readonly changed: boolean },
): string | undefined {
  const mark = marks.find((candidate) => at >= candidate.at && at < candidate.at + candidate.length);
  const isLit = lit !== undefined && at >= lit.at && at < lit.at + lit.length;
  const isLast = mark !== undefined && at === mark.at + mark.length - 1;
  const names = [
    mark && `tone-${mark.tone}`,
    isLast && 'last',
    isLit && 'lit',
    at === cursor && 'cursor',
    changed && 'changed',
    column === PER_ROW / 2 && 'half',
  ];
  return names.filter(Boolean).join(' ') || undefined;
}
