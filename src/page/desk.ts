/** What a person sits at: the machine, its terminal, the line history and the watch over activity, connected to each other. No React. */

import type { DomainStatus } from '../microkit/monitor';
import { ActivityWatch } from './activity';
import type { Input } from './console';
import { type LineCost, lineCost } from './facts';
import { Hints } from './hints';
import { History } from './history';
import type { Machine } from './machine';
import { erase } from './paste';
import { switchTo } from './raw_repl';
import { Settings } from './settings';
import { Recall } from './terminal/recall';
import { XtermScreen } from './terminal/xterm_screen';

const CTRL_C = '\x03';

export class Desk {
  readonly history = new History();
  readonly hints = new Hints();
  readonly settings = new Settings();
  readonly screen: XtermScreen;
  readonly recall: Recall;
  readonly watch: ActivityWatch;
  /** What the last line cost; undefined until one was run. */
  cost: LineCost | undefined;
  #measured: { line: string; before: readonly DomainStatus[]; prompted: boolean } | undefined;
  #lastKeys = '';
  /** Ctrl held on the row of keys: what becomes of the next keys. */
  modify: ((keys: string) => string) | undefined;

  constructor(readonly machine: Machine) {
    this.history.load();
    this.screen = new XtermScreen((line) => this.#submitted(line));
    this.recall = new Recall(
      this.history,
      () => this.input,
      (keys) => this.type(keys),
    );
    this.watch = new ActivityWatch(() => machine.domains());
    machine.console.attach(this.screen);
    machine.console.addEventListener('change', () => this.#lineChanged());
    machine.subscribe(() => this.watch.poke());
    this.watch.subscribe(() => this.#measure());
  }

  /** What stands behind MicroPython's prompt, if it shows one. */
  get input(): Input | undefined {
    return this.machine.console.input;
  }

  type(typed: string): void {
    const keys = this.modify?.(typed) ?? typed;
    this.#lastKeys = keys;
    this.watch.poke();
    this.machine.type(keys);
  }

  /** Puts a line behind the prompt in place of what is there, without Enter. */
  suggest(line: string): void {
    const typed = this.input?.text ?? '';
    this.recall.typed();
    this.type((typed === '' ? '' : erase(typed)) + line);
    this.screen.terminal.focus();
  }

  talkTo(client: 0 | 1): void {
    if (this.machine.state.keysTo !== client) this.type(switchTo(client));
    this.screen.terminal.focus();
  }

  interrupt(): void {
    this.type(CTRL_C);
    this.screen.terminal.focus();
  }

  #submitted(line: string): void {
    // MicroPython ends a line that is given up, too.
    if (this.#lastKeys === CTRL_C) return;
    this.history.add(line);
    this.hints.used(line);
    if (line.trim() !== '') this.#measured = { line, before: this.machine.domains(), prompted: false };
  }

  #lineChanged(): void {
    this.watch.poke();
    if (this.#measured && this.machine.console.prompted) this.#measured.prompted = true;
  }

  #measure(): void {
    if (!this.#measured?.prompted) return;
    this.cost = lineCost(this.#measured.line, this.#measured.before, this.machine.domains());
    this.#measured = undefined;
  }
}
