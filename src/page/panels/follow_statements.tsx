/** The statements that can be followed, newest first: one stop for Tab, arrows inside. */
import { type KeyboardEvent, useRef } from 'react';
import type { Row } from '../follow/follow';
import { many } from '../follow/words';

interface Props {
  readonly rows: readonly Row[];
  readonly chosen: string | undefined;
  choose(key: string): void;
}

const MOVES: Readonly<Record<string, number>> = {
  ArrowDown: 1,
  ArrowUp: -1,
  Home: Number.NEGATIVE_INFINITY,
  End: Number.POSITIVE_INFINITY,
};

export function FollowStatements({ rows, chosen, choose }: Props) {
  const list = useRef<HTMLDivElement>(null);
  if (rows.length === 0) return null;
  const current = Math.max(
    0,
    rows.findIndex(({ statement }) => statement.key === chosen),
  );
  const move = (event: KeyboardEvent) => {
    const by = MOVES[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const next = Math.min(rows.length - 1, Math.max(0, current + by));
    choose(rows[next]!.statement.key);
    list.current?.querySelectorAll<HTMLElement>('[role=option]')[next]?.focus();
  };
  return (
    <div
      ref={list}
      className="statements"
      role="listbox"
      aria-label="Statements, the newest first"
      tabIndex={-1}
      onKeyDown={move}
    >
      {rows.map((row, i) => (
        <div
          key={row.statement.key}
          role="option"
          aria-selected={row.statement.key === chosen}
          tabIndex={i === current ? 0 : -1}
          onClick={() => choose(row.statement.key)}
          onKeyDown={(event) => event.key === 'Enter' && choose(row.statement.key)}
        >
          <Title row={row} />
          <span className="cost">{costOf(row)}</span>
        </div>
      ))}
    </div>
  );
}

/** What was typed, as the system's voice; what nobody typed, in ours. */
export function Title({ row: { lines, statement } }: { row: Row }) {
  if (lines.length > 0) return <code>{lines.length === 1 ? lines[0] : `${lines[0]} …`}</code>;
  const { of, domain } = statement;
  if (of === 'program') return <span>a program that was sent</span>;
  if (of === 'start') return <span>boot.py and main.py</span>;
  if (of === 'line') return <span>a line</span>;
  return (
    <span>
      <code>{domain}</code>
      {of === 'guest' ? ', of its own accord' : domain === 'files' ? ', for the page' : ', before its prompt'}
    </span>
  );
}

function costOf({ statement }: Row): string {
  const { requests, begin, end } = statement;
  if (statement.of === 'guest') return '';
  const time = end === undefined ? 'running' : `${(end - begin).toFixed(2)} ms`;
  return requests.length === 0 ? 'no file' : `${many(requests.length, 'command')}, ${time}`;
}
