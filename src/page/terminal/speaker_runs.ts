/** Who printed which rows of the terminal: one mark where the speaker changes, moved and dropped by xterm.js as rows scroll and reflow. */
import type { IMarker, Terminal } from '@xterm/xterm';
import type { Speaker } from '../speakers';

interface Run {
  readonly speaker: Speaker;
  readonly marker: IMarker;
}

export interface Bar {
  readonly speaker: Speaker;
  readonly row: number;
  readonly rows: number;
}

export class SpeakerRuns {
  #runs: Run[] = [];
  /** Whose mark has scrolled off last: it speaks at the top of what is kept. */
  #first: Speaker = 'kernel';

  constructor(readonly terminal: Terminal) {}

  /** The text parsed from now on is the speaker's. A row that is already begun stays with who began it. */
  turn(speaker: Speaker): void {
    this.#prune();
    const begun = this.terminal.buffer.active.cursorX > 0;
    const marker = this.terminal.registerMarker(begun ? 1 : 0);
    if (!marker) return;
    const last = this.#runs.at(-1);
    if (last?.marker.line === marker.line) {
      last.marker.dispose();
      this.#runs.pop();
    }
    this.#runs.push({ speaker, marker });
  }

  /** Bars beside the rows in view, top to bottom; nothing below the cursor. */
  bars(): Bar[] {
    this.#prune();
    const { viewportY, baseY, cursorY } = this.terminal.buffer.active;
    const end = Math.min(viewportY + this.terminal.rows, baseY + cursorY + 1);
    const starts = [{ speaker: this.#first, line: 0 }, ...this.#runs.map((run) => ({ ...run, line: run.marker.line }))];
    return starts.flatMap(({ speaker, line }, i): Bar[] => {
      const from = Math.max(line, viewportY);
      const to = Math.min(starts[i + 1]?.line ?? end, end);
      return to > from && speaker !== 'kernel' ? [{ speaker, row: from - viewportY, rows: to - from }] : [];
    });
  }

  #prune(): void {
    for (let run = this.#runs[0]; run?.marker.isDisposed; run = this.#runs[0]) {
      this.#first = run.speaker;
      this.#runs.shift();
    }
    this.#runs = this.#runs.filter(({ marker }) => !marker.isDisposed);
  }
}
