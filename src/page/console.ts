/**
 * The page's end of the serial line: takes its bytes apart by speaker, hands them to the screen at the screen's pace, and keeps track of
 * what the line shows: the prompt, and which client gets the keys. A script's exchange with MicroPython can be kept off the screen.
 */
import { deferred } from './deferred';
import { reportsIn } from './reports';
import { type Piece, SpeakerParser } from './speakers';

export interface Screen {
  /** Fulfilled when the text is on the screen: the next bytes leave the machine only then. */
  write(pieces: readonly Piece[]): Promise<void>;
  /** Everything on it, with what has scrolled off, as far as it is kept. */
  text(): string;
  /** What has been typed behind a prompt; undefined when the cursor's line has none. */
  input(): Input | undefined;
  clear(): void;
}

export interface Input {
  readonly prompt: '>>> ' | '... ';
  readonly text: string;
  /** Characters between the cursor and the end of the text. */
  readonly behindCursor: number;
}

/** How much output is kept before there is a screen; a boot log is a tenth of it. */
const BACKLOG = 64 * 1024;
const LINE_KEPT = 256;
const PROMPTED = /^(>>>|\.\.\.) /;

export class Console extends EventTarget {
  #parser = new SpeakerParser();
  #screen: Screen | undefined;
  #backlog: Piece[] = [];
  #backlogLength = 0;
  readonly #attached = deferred();
  #tap: ((text: string) => void) | undefined;
  /** The end of the line that client 0 is printing, and of the one that the kernel is. */
  #line = '';
  #kernelLine = '';
  keysTo: 0 | 1 = 0;

  /** A new system prints on the same screen. */
  restart(): void {
    this.#parser = new SpeakerParser();
    this.#tap = undefined;
    this.#line = '';
    this.#kernelLine = '';
    this.keysTo = 0;
    this.#screen?.clear();
  }

  /** MicroPython starts anew: its last line is nobody's prompt. */
  forgetPrompt(): void {
    this.#line = '';
  }

  async attach(screen: Screen): Promise<void> {
    const waiting = this.#backlog;
    this.#backlog = [];
    this.#screen = screen;
    await screen.write(waiting);
    this.#attached.resolve();
    this.#changed();
  }

  async receive(bytes: Uint8Array): Promise<void> {
    const pieces = this.#parser.push(bytes);
    const heard = this.#tap ? pieces.filter(ofExchange) : [];
    const shown = this.#tap ? pieces.flatMap(besideExchange) : pieces;
    for (const { text } of heard) this.#tap?.(text);
    for (const piece of heard) this.#followKernel(piece);
    if (this.#screen) await this.#screen.write(shown);
    else await this.#keep(shown);
    for (const piece of shown) this.#follow(piece);
    this.#changed();
  }

  /** From now on what MicroPython prints goes to `tap` and not to the screen, until the returned function is called. */
  hide(tap: (text: string) => void): () => void {
    this.#tap = tap;
    return () => {
      this.#tap = undefined;
      this.#changed();
    };
  }

  /** Puts text on the screen as if MicroPython had printed it. */
  async show(text: string): Promise<void> {
    await this.#screen?.write([{ kind: 'text', speaker: 'client0', text }]);
    this.#follow({ kind: 'text', speaker: 'client0', text });
    this.#changed();
  }

  get text(): string {
    return this.#screen?.text() ?? this.#backlog.map(({ text }) => text).join('');
  }

  get input(): Input | undefined {
    return this.keysTo === 0 && this.reading ? this.#screen?.input() : undefined;
  }

  /** MicroPython reads a line, in which something may stand already. */
  get reading(): boolean {
    return PROMPTED.test(this.#line);
  }

  /** MicroPython waits for a line: it printed the prompt and nothing since. */
  get prompted(): boolean {
    return this.#line === '>>> ' && this.#screen !== undefined;
  }

  async #keep(pieces: readonly Piece[]): Promise<void> {
    this.#backlog.push(...pieces);
    this.#backlogLength += pieces.reduce((sum, { text }) => sum + text.length, 0);
    if (this.#backlogLength > BACKLOG) await this.#attached.promise;
  }

  #follow(piece: Piece): void {
    this.#followKernel(piece);
    if (piece.speaker === 'client0') this.#followClient(piece.text);
  }

  /** Tells of each line that was ended at a prompt, as it was echoed, whatever others have printed in between: event `entered`. */
  #followClient(text: string): void {
    const all = this.#line + text;
    for (const line of all.split('\n').slice(0, -1)) {
      if (PROMPTED.test(line)) this.dispatchEvent(new CustomEvent('entered', { detail: line }));
    }
    this.#line = lastLine(all);
  }

  #followKernel({ speaker, text }: Piece): void {
    if (speaker !== 'kernel') return;
    const all = this.#kernelLine + text;
    // VIRT_RX's own word for it: a switch that was refused changes nothing.
    const switched = [...all.matchAll(/switching to client (\d+)\r?\n/g)].at(-1);
    if (switched) this.keysTo = switched[1] === '1' ? 1 : 0;
    this.#kernelLine = lastLine(all);
  }

  #changed(): void {
    this.dispatchEvent(new Event('change'));
  }
}

/** All but what the guest says. Reports of components are among it, wherever they fell; whoever listens takes them out. */
function ofExchange({ speaker }: Piece): boolean {
  return speaker !== 'client1';
}

/** What the guest says, and reports: that a virtual machine was rebooted is for the screen. */
function besideExchange(piece: Piece): Piece[] {
  if (!ofExchange(piece)) return [piece];
  const text = reportsIn(piece.text);
  return text === '' ? [] : [{ kind: 'text', speaker: 'kernel', text }];
}

function lastLine(text: string): string {
  return text.slice(text.lastIndexOf('\n') + 1).slice(0, LINE_KEPT);
}
