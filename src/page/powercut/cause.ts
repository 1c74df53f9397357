/** Whose a write is: the file system command that it is part of, and the statement that asked for that, out of the flight recorders. */
import type { SystemMemory } from '../../microkit/layout';
import { FS_CMD } from '../../protocol/fs';
import { TRACE } from '../../protocol/trace';
import type { WriteEntry } from '../../protocol/write_log_reader';
import { Entries } from '../follow/entries';
import { rowsOf } from '../follow/follow';
import { linesOf } from '../follow/lines';
import { rolesOf } from '../follow/roles';
import { nameIn } from '../follow/words';

export interface Cause {
  /** As in FILE_WRITE; undefined for what the guest does of its own accord. */
  readonly command: string | undefined;
  /** The lines of the statement, if somebody typed them. */
  readonly lines: readonly string[];
  /** Whose statement: a domain. */
  readonly domain: string;
}

interface CauseMachine {
  readonly memory: () => SystemMemory | undefined;
}

/** Writes in a row that one statement made: the moments from after the first to after the last of them. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

export class Causes {
  #memory: SystemMemory | undefined;
  #entries: Entries | undefined;

  constructor(readonly machine: CauseMachine) {}

  /** Undefined where the recorders do not know any more. */
  of(request: number): Cause | undefined {
    const entries = this.#follow();
    if (!entries || request === 0) return undefined;
    const row = rowsOf(entries, linesOf(this.machine), Number.POSITIVE_INFINITY).find(({ statement }) =>
      statement.requests.includes(request),
    );
    if (!row) return undefined;
    const { domain } = row.statement;
    const asked = entries.of(domain).find((entry) => entry.kind === TRACE.REQUEST && entry.request === request);
    const isGuest = domain === entries.roles.guest;
    return { command: asked && !isGuest ? nameIn(FS_CMD, asked.a) : undefined, lines: row.lines, domain };
  }

  /** The statements that made these writes, in order; what is not known is left out. */
  stretches(writes: readonly WriteEntry[]): Stretch[] {
    const entries = this.#follow();
    if (!entries) return [];
    const texts = new Map<number, { key: string; text: string }>();
    for (const { statement, lines } of rowsOf(entries, linesOf(this.machine), Number.POSITIVE_INFINITY)) {
      const text = lines.join(' ') || statement.domain;
      for (const request of statement.requests) texts.set(request, { key: statement.key, text });
    }
    const stretches: (Stretch & { to: number; readonly key: string })[] = [];
    for (const { number, request } of writes) {
      const found = texts.get(request);
      const last = stretches.at(-1);
      if (found && last?.key === found.key && last.to === number) last.to++;
      else if (found) stretches.push({ from: number + 1, to: number + 1, ...found });
    }
    return stretches;
  }

  #follow(): Entries | undefined {
    const memory = this.machine.memory();
    if (memory !== this.#memory) {
      const roles = memory && rolesOf(memory.description);
      this.#memory = memory;
      this.#entries = memory && roles ? new Entries(roles, memory) : undefined;
    }
    this.#entries?.read();
    return this.#entries;
  }
}
