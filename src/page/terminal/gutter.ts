/**
 * The 3 px bar left of the rows: solid for micropython, dashed for linux_fs_vm, none for kernel and monitor. Beside a statement it takes
 * clicks; the list of statements in the timeline's drawer is the same for keys.
 */
import type { StatementMarks } from './statement_marks';
import type { XtermScreen } from './xterm_screen';
import '../style/gutter.css';

const TITLE = 'Follow the bytes of this line';

/** Redraws when the terminal does, and whenever the returned function is called. `follow`: a statement was clicked. */
export function drawGutter(
  screen: XtermScreen,
  gutter: HTMLElement,
  marks: StatementMarks,
  follow: (key: string) => void,
): () => void {
  let drawn = '';
  const draw = () => {
    const rowHeight =
      (screen.terminal.element?.querySelector('.xterm-screen')?.clientHeight ?? 0) / screen.terminal.rows;
    const bars = screen.runs.bars();
    const statements = marks.visible().map((rows) => ({ ...rows, followed: marks.followed.has(rows.key) }));
    const now = JSON.stringify([rowHeight, bars, statements]);
    if (now === drawn) return;
    drawn = now;
    const place = ({ row, rows }: { row: number; rows: number }, className: string) => {
      const element = document.createElement('i');
      element.className = className;
      element.style.top = `${row * rowHeight}px`;
      element.style.height = `${rows * rowHeight}px`;
      return element;
    };
    gutter.replaceChildren(
      ...bars.map((bar) => place(bar, bar.speaker)),
      ...statements.flatMap((rows) => {
        const element = place(rows, 'statement');
        element.title = TITLE;
        element.addEventListener('click', () => follow(rows.key));
        return rows.followed ? [place(rows, 'followed'), element] : [element];
      }),
    );
  };
  screen.terminal.onRender(draw);
  screen.terminal.onScroll(draw);
  screen.terminal.onResize(draw);
  draw();
  return draw;
}
