/** What a person sits at: the machine, its terminal, the line history and the watch over activity, connected to each other. No React. */

import type { Board } from '../boards/board';
import { vmfs } from '../boards/vmfs';
import type { DomainStatus } from '../microkit/status';
import { ActivityWatch } from './activity';
import type { Input } from './console';
import { Dropped } from './dropped';
import { type LineCost, lineCost } from './facts';
import { Entered } from './follow/entered';
import { linesOf } from './follow/lines';
import { Hints } from './hints';
import { History } from './history';
import type { Machine } from './machine';
import { erase } from './paste';
import { rails } from './rails';
import { RailsView } from './rails_view';
import { switchTo } from './raw_repl';
import { Settings } from './settings';
import { Stage } from './stage';
import { StopOffer } from './stop_offer';
import { drawGutter } from './terminal/gutter';
import { connectKeyboard, type KeyboardActions } from './terminal/keyboard';
import { Recall } from './terminal/recall';
import { StatementMarks } from './terminal/statement_marks';
import { XtermScreen } from './terminal/xterm_screen';

const CTRL_C = '\x03';

export class Desk {
  readonly history = new History();
  readonly hints = new Hints();
  readonly settings = new Settings();
  readonly dropped = new Dropped();
  readonly stage = new Stage();
  readonly screen: XtermScreen;
  readonly marks: StatementMarks;
  readonly recall: Recall;
  readonly watch: ActivityWatch;
  readonly rails = new RailsView();
  readonly stopOffer: StopOffer;
  /** The terminal's own element; it may be moved in the page. */
  readonly element: HTMLElement;
  /** What the terminal asks of the page around it. */
  actions: KeyboardActions = { leave() {}, find() {} };
  /** What the views give for single keys. */
  acts: { [name in 'pause' | 'step' | 'stepStatement']?: () => void } = {};
  /** What the last line cost; undefined until one was run. */
  cost: LineCost | undefined;
  /** Ctrl held on the row of keys: what becomes of the next keys. */
  modify: ((keys: string) => string) | undefined;
  /** The board that the rails show. */
  #board: Board | undefined;
  #measured: { line: string; before: readonly DomainStatus[]; prompted: boolean } | undefined;
  #lastKeys = '';
  #drawGutter = () => {};
  readonly #entered: Entered;
  /** The counts when Enter was pressed: the page hears of a line only when it may be over already. */
  #atEnter: readonly DomainStatus[] = [];

  /** Opens the terminal inside `place`. */
  constructor(
    readonly machine: Machine,
    place: Element,
  ) {
    this.history.load();
    this.screen = new XtermScreen((line, continues) => this.#submitted(line, continues));
    this.marks = new StatementMarks(this.screen.terminal);
    this.#entered = new Entered(machine.console, this.marks, linesOf(machine), () => this.#lastKeys !== CTRL_C);
    this.recall = new Recall(
      this.history,
      () => this.input,
      (keys) => this.type(keys),
    );
    this.watch = new ActivityWatch(() => machine.domains());
    this.stopOffer = new StopOffer(machine);
    this.rails.open = (domain) => this.stage.choose(domain);
    this.#showBoard();
    this.element = this.#open(place);
    machine.console.attach(this.screen);
    machine.console.addEventListener('change', () => this.#lineChanged());
    machine.subscribe(() => {
      if (this.#board !== machine.board) this.#showBoard();
      this.watch.poke();
    });
    this.watch.subscribe(() => {
      this.rails.update(this.watch.activity.domains);
      if (this.watch.activity.idle && machine.console.prompted) linesOf(machine).settle();
      this.#measure();
    });
    this.settings.subscribe(() => this.screen.apply(this.settings.state));
  }

  /** What stands behind MicroPython's prompt, if it shows one. */
  get input(): Input | undefined {
    return this.machine.console.input;
  }

  type(typed: string): void {
    const keys = this.modify?.(typed) ?? typed;
    this.#lastKeys = keys;
    if (keys === CTRL_C) this.stopOffer.interrupted();
    if (keys.includes('\r')) this.#atEnter = this.machine.domains();
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

  /** Types a line at Python's prompt in place of what is there, with Enter; or says in one sentence why it cannot. */
  run(line: string): string | undefined {
    const { state } = this.machine;
    if (state.keysTo !== 0) return 'The keys go to linux_fs_vm: choose micropython above the terminal first.';
    if (this.input?.prompt !== '>>> ') return 'Python is busy: press Stop in the terminal first.';
    this.recall.typed();
    this.type(`${this.input.text === '' ? '' : erase(this.input.text)}${line}\r`);
    return undefined;
  }

  talkTo(client: 0 | 1): void {
    if (this.machine.state.keysTo !== client) this.type(switchTo(client));
    this.screen.terminal.focus();
  }

  interrupt(): void {
    this.type(CTRL_C);
    this.screen.terminal.focus();
  }

  /** Starts the system on that board, on the disk as it is. */
  switchTo(board: Board): void {
    this.machine.reboot(board).catch(() => {});
    const url = new URL(location.href);
    url.searchParams.set('board', board.name);
    history.replaceState(null, '', url);
    this.screen.terminal.focus();
  }

  /** Follows the bytes of a statement in the timeline's drawer; once more, and it is let go of. */
  async follow(key: string): Promise<void> {
    const { followOf } = await import('./follow/follow_of');
    const follow = followOf(this);
    if (this.marks.followed.has(key)) return follow.letGo();
    follow.choose(key);
    this.stage.toggleDrawer(true);
  }

  /** The lines of the statement that is followed. */
  showFollowed(keys: readonly string[]): void {
    this.marks.follow(keys);
    this.#drawGutter();
  }

  #showBoard(): void {
    this.#board = this.machine.board;
    this.rails.show(rails(vmfs(this.#board, { disk: { store: 'memory', name: '' } })));
  }

  /** Another MicroPython in place of the one that does not stop. */
  restartClient(): void {
    this.machine.restartDomain('micropython').catch(() => {});
    this.screen.terminal.focus();
  }

  #open(place: Element): HTMLElement {
    const element = document.createElement('div');
    const gutter = document.createElement('div');
    const host = document.createElement('div');
    element.className = 'rows';
    gutter.className = 'gutter';
    gutter.ariaHidden = 'true';
    host.className = 'xterm-host';
    element.append(gutter, host);
    place.append(element);
    this.screen.open(host, this.settings.state);
    connectKeyboard(this.screen, host, this, this.recall, {
      leave: () => this.actions.leave(),
      find: () => this.actions.find(),
    });
    this.#drawGutter = drawGutter(this.screen, gutter, this.marks, (key) => this.follow(key));
    new ResizeObserver(() => requestAnimationFrame(() => this.screen.fit())).observe(host);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.screen.repaint());
    this.screen.terminal.focus();
    return element;
  }

  #submitted(line: string, continues: boolean): void {
    // MicroPython ends a line that is given up, too.
    if (this.#lastKeys === CTRL_C) return;
    this.#entered.row(line, continues);
    this.history.add(line);
    this.hints.used(line);
    if (line.trim() !== '' && this.#atEnter.length > 0)
      this.#measured = { line, before: this.#atEnter, prompted: false };
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
