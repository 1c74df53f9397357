/** Which rows of the terminal hold which statement: one mark per line that was entered, moved and dropped by xterm.js as rows scroll. */
import type { IMarker, Terminal } from '@xterm/xterm';

export interface Row {
  readonly marker: IMarker;
  /** The line may be longer than one. */
  readonly rows: number;
}

interface Mark extends Row {
  /** The statement's, of its line. */
  readonly key: string;
}

export interface MarkedRows {
  readonly key: string;
  readonly row: number;
  readonly rows: number;
}

export class StatementMarks {
  #marks: Mark[] = [];
  /** Of the statement that is followed. */
  #followed: ReadonlySet<string> = new Set();

  constructor(readonly terminal: Terminal) {}

  /** Marks the line above the cursor, which was ended just now. */
  mark(): Row | undefined {
    const { active } = this.terminal.buffer;
    let rows = 1;
    for (let y = active.baseY + active.cursorY - 1; y > 0 && active.getLine(y)?.isWrapped; y--) rows++;
    const marker = this.terminal.registerMarker(-rows);
    return marker && { marker, rows };
  }

  /** Those rows are that statement's. */
  add(key: string, row: Row): void {
    this.#marks.push({ ...row, key });
  }

  get followed(): ReadonlySet<string> {
    return this.#followed;
  }

  /** Lines of that statement are shown as followed. */
  follow(keys: readonly string[]): void {
    this.#followed = new Set(keys);
  }

  /** In view, top to bottom. */
  visible(): MarkedRows[] {
    this.#marks = this.#marks.filter(({ marker }) => !marker.isDisposed);
    const { viewportY } = this.terminal.buffer.active;
    return this.#marks.flatMap(({ key, marker, rows }) => {
      const row = marker.line - viewportY;
      return row >= 0 && row < this.terminal.rows ? [{ key, row, rows }] : [];
    });
  }
}
