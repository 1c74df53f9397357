/**
 * Lines that were ended at a prompt: that they were is known from what the client prints, whatever others print in between; how they
 * look and where they are, from the screen. Both are told in one turn; where they do not agree, a line has its echo and no place.
 */
import type { Row, StatementMarks } from '../terminal/statement_marks';
import type { Line, Lines } from './lines';

export class Entered {
  #echoes: string[] = [];
  #rows: (Line & { readonly row: Row | undefined })[] = [];

  /** `console`: tells `entered` for each line, then `change`. `counts`: what is ended now is a statement, not given up by Ctrl-C. */
  constructor(
    console: EventTarget,
    readonly marks: Pick<StatementMarks, 'mark' | 'add'>,
    readonly lines: Pick<Lines, 'submitted'>,
    counts: () => boolean,
  ) {
    console.addEventListener('entered', (event) => {
      if (counts()) this.#echoes.push((event as CustomEvent<string>).detail);
    });
    console.addEventListener('change', () => this.#settle());
  }

  /** The screen shows that line above its cursor. */
  row(text: string, continues: boolean): void {
    this.#rows.push({ text, continues, row: this.marks.mark() });
  }

  #settle(): void {
    const [echoes, rows] = [this.#echoes, this.#rows];
    [this.#echoes, this.#rows] = [[], []];
    const agree = echoes.length === rows.length;
    for (const [i, echo] of echoes.entries()) {
      const seen = agree ? rows[i]! : undefined;
      const key = this.lines.submitted(seen ?? { text: echoed(echo), continues: echo.startsWith('...') });
      if (key !== undefined && seen?.row) this.marks.add(key, seen.row);
    }
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: an escape sequence begins with one
const ESCAPES = /\x1b\[[0-9;?]*[A-Za-z]|[\r\x00-\x07]/g;
const PROMPT_LENGTH = 4;

/** What a line's echo comes to: backspaces take back, other editing is left out. */
export function echoed(line: string): string {
  let text = '';
  for (const character of line.replace(ESCAPES, '').slice(PROMPT_LENGTH)) {
    text = character === '\b' ? text.slice(0, -1) : text + character;
  }
  return text;
}
