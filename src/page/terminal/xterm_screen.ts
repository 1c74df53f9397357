/** The screen that a person reads: xterm.js, fed by the console at its own pace, with its colours, size and bars. */
import { FitAddon } from '@xterm/addon-fit';
import { Terminal } from '@xterm/xterm';
import type { Input, Screen } from '../console';
import { bufferInput, bufferText, lineAbove } from '../screen_text';
import type { Piece, Speaker } from '../speakers';
import { acrossRows, keepWrapped, prepare } from './line_editing';
import { SpeakerRuns } from './speaker_runs';
import { CLIENT_INK, terminalTheme } from './theme';

export interface ScreenOptions {
  readonly fontSize: number;
  readonly upstreamColours: boolean;
  readonly screenReader: boolean;
}

const SCROLLBACK = 5000;
const SCROLLBAR = 10;
const FONT = '"AH Mono", ui-monospace, "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace';
/** Longer output is a program's, not the line editor's. */
const EDITED = 1024;
const PROMPT = /(^|\n)(>>> |\.\.\. )/g;
const PAINTED = `$1\x1b[1;38;5;${CLIENT_INK.prompt}m$2\x1b[22;38;5;${CLIENT_INK.client0}m`;
/** Titles, links, palette and clipboard: nothing that is printed here may reach outside the terminal's cells. */
const REFUSED_OSC = [0, 1, 2, 4, 7, 8, 9, 10, 11, 12, 52, 104, 110, 111, 112, 777, 1337];

export class XtermScreen implements Screen {
  readonly terminal = new Terminal({
    allowProposedApi: false,
    convertEol: true,
    cursorBlink: !matchMedia('(prefers-reduced-motion: reduce)').matches,
    cursorInactiveStyle: 'outline',
    fontFamily: FONT,
    fontWeightBold: 650,
    lineHeight: 1.3,
    logLevel: 'off',
    minimumContrastRatio: 4.5,
    reflowCursorLine: true,
    overviewRuler: { width: SCROLLBAR },
    scrollback: SCROLLBACK,
    smoothScrollDuration: 0,
  });
  readonly runs = new SpeakerRuns(this.terminal);
  readonly #fit = new FitAddon();
  #speaker: Speaker = 'kernel';
  #element: HTMLElement | undefined;
  #options: ScreenOptions | undefined;

  /** `submitted` hears each line that was ended at a prompt, and whether that was the one inside a block. */
  constructor(submitted: (line: string, continues: boolean) => void) {
    this.terminal.loadAddon(this.#fit);
    for (const ident of REFUSED_OSC) this.terminal.parser.registerOscHandler(ident, () => true);
    this.terminal.onLineFeed(() => {
      const line = this.#speaker === 'client0' ? lineAbove(this.terminal.buffer.active) : '';
      if (/^(>>>|\.\.\.) /.test(line)) submitted(line.slice(4), line.startsWith('...'));
    });
    keepWrapped(this.terminal);
    prepare(this.terminal);
  }

  open(element: HTMLElement, options: ScreenOptions): void {
    this.#element = element;
    this.apply(options);
    this.terminal.open(element);
    this.fit();
    // Cells are measured with whatever font is there; measure again when ours is.
    document.fonts.load(`${options.fontSize}px "AH Mono"`).then(() => {
      this.terminal.options.fontFamily = `${FONT}, monospace`;
      this.fit();
    });
  }

  apply(options: ScreenOptions): void {
    this.#options = options;
    this.terminal.options.fontSize = options.fontSize;
    this.terminal.options.screenReaderMode = options.screenReader;
    this.repaint();
    this.fit();
  }

  /** After the page's colours have changed. */
  repaint(): void {
    if (this.#element && this.#options)
      this.terminal.options.theme = terminalTheme(this.#element, this.#options.upstreamColours);
  }

  fit(): void {
    const size = this.terminal.element && this.#fit.proposeDimensions();
    // A hidden pane has no size, and its text must not be folded into it.
    if (!size || !(size.cols > 4) || !(size.rows > 1) || !this.#element?.offsetParent) return;
    if (size.cols !== this.terminal.cols || size.rows !== this.terminal.rows)
      this.terminal.resize(size.cols, size.rows);
  }

  write(pieces: readonly Piece[]): Promise<void> {
    let text = '';
    for (const piece of pieces) {
      if (piece.kind === 'text' && piece.speaker !== this.#speaker) {
        this.#speaker = piece.speaker;
        // The callback comes when everything before it is in the buffer.
        this.terminal.write(text, () => this.runs.turn(piece.speaker));
        text = '';
      }
      text += this.#codes(piece);
    }
    return new Promise((resolve) => {
      if (text === '') resolve();
      else this.terminal.write(text, resolve);
    });
  }

  text(): string {
    return bufferText(this.terminal.buffer.active);
  }

  input(): Input | undefined {
    return bufferInput(this.terminal.buffer.active);
  }

  clear(): void {
    this.terminal.reset();
    prepare(this.terminal);
    this.#speaker = 'kernel';
    this.runs.turn('kernel');
  }

  #codes({ kind, speaker, text }: Piece): string {
    if (kind === 'end') return '\x1b[0m';
    if (kind === 'begin') return speaker === 'kernel' ? '' : `\x1b[38;5;${CLIENT_INK[speaker]}m`;
    if (speaker !== 'client0') return text;
    return (text.length < EDITED && this.input() ? acrossRows(text) : text).replace(PROMPT, PAINTED);
  }
}
