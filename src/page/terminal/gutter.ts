/** The 3 px bar left of the rows: solid for micropython, dashed for linux_fs_vm, none for kernel and monitor. */
import type { XtermScreen } from './xterm_screen';

/** Redraws when the terminal does. */
export function drawGutter(screen: XtermScreen, gutter: HTMLElement): void {
  let drawn = '';
  const draw = () => {
    const rowHeight =
      (screen.terminal.element?.querySelector('.xterm-screen')?.clientHeight ?? 0) / screen.terminal.rows;
    const bars = screen.runs.bars();
    const now = JSON.stringify([rowHeight, bars]);
    if (now === drawn) return;
    drawn = now;
    gutter.replaceChildren(
      ...bars.map(({ speaker, row, rows }) => {
        const bar = document.createElement('i');
        bar.className = speaker;
        bar.style.top = `${row * rowHeight}px`;
        bar.style.height = `${rows * rowHeight}px`;
        return bar;
      }),
    );
  };
  screen.terminal.onRender(draw);
  screen.terminal.onScroll(draw);
  screen.terminal.onResize(draw);
  draw();
}
