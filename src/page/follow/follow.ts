/** The statements that can be followed, and the one that is. Reads the recorders only while somebody looks. */
import type { SystemMemory } from '../../microkit/layout';
import type { ActivityWatch } from '../activity';
import { graphOf } from '../graph/model';
import type { Stage } from '../stage';
import { Entries } from './entries';
import { type Followed, followed, pathOf } from './followed';
import type { Line, Lines } from './lines';
import { rolesOf } from './roles';
import { type Statement, statementsOf } from './statements';

/** What it needs of the page. */
export interface FollowDesk {
  readonly stage: Stage;
  readonly watch: Pick<ActivityWatch, 'subscribe' | 'activity'>;
  readonly machine: { readonly memory: () => SystemMemory | undefined };
}

export interface Row {
  readonly statement: Statement;
  /** The lines of its block; none for what nobody typed. */
  readonly lines: readonly string[];
}

export interface FollowState {
  /** Newest first. */
  readonly rows: readonly Row[];
  /** Key of the statement that was chosen. */
  readonly chosen?: string | undefined;
  /** The chosen one; while none is, the newest that asked something. */
  readonly shown?: Followed | undefined;
  /** Records that were overwritten before anyone read them. */
  readonly lost: number;
}

const ROWS = 40;
/** Commands of one statement that are told hop by hop. */
const COMMANDS = 20;
/** Looks of the watch, ten a second, of which one is taken: a busy system is told of now and then, a quiet one at once. */
const EVERY = 5;

export class Follow {
  state: FollowState = { rows: [], lost: 0 };
  readonly #listeners = new Set<() => void>();
  #memory: SystemMemory | undefined;
  #entries: Entries | undefined;
  #stop = () => {};

  constructor(
    readonly desk: FollowDesk,
    readonly lines: Lines,
    /** Hears the keys of the lines that are followed. */
    readonly followed: (keys: readonly string[]) => void = () => {},
  ) {
    desk.stage.subscribe(() => {
      if (this.state.chosen !== undefined && desk.stage.state.path === undefined) this.#show(undefined);
    });
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    if (this.#listeners.size === 1) this.#begin();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#stop();
    };
  };

  /** Lights its way in the graph, until it is let go of. */
  choose(key: string): void {
    this.#look();
    this.#show(key);
    const { shown } = this.state;
    const roles = this.#entries?.roles;
    if (!shown || !roles || !this.#memory || this.state.chosen === undefined) return;
    this.desk.stage.follow(pathOf(shown, roles, graphOf(this.#memory.description)));
  }

  letGo(): void {
    this.#show(undefined);
    this.desk.stage.follow(undefined);
  }

  #begin(): void {
    let looks = 0;
    this.#stop = this.desk.watch.subscribe(() => {
      const quiet = this.desk.watch.activity.idle || this.desk.watch.activity.beats.at(-1) === 0;
      if ((quiet || looks++ % EVERY === 0) && this.#look()) this.#show(this.state.chosen);
    });
    this.#look();
    this.#show(this.state.chosen);
  }

  /** Reads on; true when there is something new. */
  #look(): boolean {
    const memory = this.desk.machine.memory();
    const same = memory === this.#memory;
    if (!same) {
      const roles = memory && rolesOf(memory.description);
      this.#memory = memory;
      this.#entries = memory && roles ? new Entries(roles, memory) : undefined;
    }
    return (this.#entries?.read() ?? false) || !same;
  }

  #show(wanted: string | undefined): void {
    const rows = this.#entries ? rowsOf(this.#entries, this.lines) : [];
    const chosen = rows.find(({ statement }) => statement.key === wanted);
    const row = chosen ?? rows.find(({ statement }) => statement.requests.length > 0);
    const shown = row && this.#entries ? followed(row.statement, this.#entries, COMMANDS) : undefined;
    this.state = { rows, chosen: chosen?.statement.key, shown, lost: this.#entries?.lost ?? 0 };
    this.followed(chosen?.statement.keys ?? []);
    for (const listener of this.#listeners) listener();
  }
}

/** Newest first. What was neither typed nor asked anything is left out: MicroPython counts lines of a paste, too. */
export function rowsOf(entries: Entries, lines: Pick<Lines, 'get'>, most = ROWS): Row[] {
  const statements = statementsOf(entries, (key) => lines.get(key)?.continues ?? false);
  const rows = statements.map((statement): Row => {
    const typed = statement.keys.map((key) => lines.get(key)).filter((line): line is Line => line !== undefined);
    return { statement, lines: typed.map(({ text }) => text) };
  });
  const told = rows.filter(
    ({ statement, lines: typed }) => statement.requests.length > 0 || typed.join('').trim() !== '',
  );
  return told.slice(-most).reverse();
}
