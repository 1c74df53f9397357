/**
 * What was typed, for each statement that the client's recorder tells of. The recorder has no text, and the screen no numbers: both come in
 * the same order. Where they come apart (a paste has lines without a prompt), they meet again when the prompt has been quiet for a while.
 */
import type { SystemMemory } from '../../microkit/layout';
import { Region } from '../../protocol/region';
import { STATEMENT_OF, TRACE, type TraceRecord } from '../../protocol/trace';
import { TraceReader } from '../../protocol/trace_reader';
import { rolesOf } from './roles';

export interface Line {
  readonly text: string;
  /** It goes on with the block of the line before. */
  readonly continues: boolean;
}

/** Lines that are remembered. */
const KEPT = 500;

export const keyOf = (domain: string, { a, time }: Pick<TraceRecord, 'a' | 'time'>): string => `${domain} ${a} ${time}`;

export class Lines {
  readonly #texts = new Map<string, Line>();
  #memory: SystemMemory | undefined;
  #reader: { readonly domain: string; readonly trace: TraceReader } | undefined;
  /** Keys of statements whose lines have not been seen on the screen. */
  #waiting: string[] = [];

  constructor(readonly memory: () => SystemMemory | undefined) {}

  get(key: string): Line | undefined {
    return this.#texts.get(key);
  }

  /** A line was ended at a prompt; returns the key of its statement, if its client has recorded one. */
  submitted(line: Line): string | undefined {
    this.#read();
    const key = this.#waiting.shift();
    if (key === undefined) return undefined;
    this.#texts.set(key, line);
    const [oldest] = this.#texts.keys();
    if (this.#texts.size > KEPT && oldest !== undefined) this.#texts.delete(oldest);
    return key;
  }

  /** The prompt is there and nothing happens: what has not been seen by now was no line at a prompt. */
  settle(): void {
    this.#read();
    this.#waiting = [];
  }

  #read(): void {
    const memory = this.memory();
    if (memory !== this.#memory) this.#begin(memory);
    if (!this.#reader) return;
    const { domain, trace } = this.#reader;
    for (const record of trace.next()) {
      if (record.kind === TRACE.STATEMENT && record.b === STATEMENT_OF.LINE) this.#waiting.push(keyOf(domain, record));
    }
  }

  #begin(memory: SystemMemory | undefined): void {
    this.#memory = memory;
    this.#waiting = [];
    const domain = memory && rolesOf(memory.description)?.clients[0];
    const trace = domain === undefined ? undefined : memory?.trace.get(domain);
    this.#reader =
      domain !== undefined && trace ? { domain, trace: new TraceReader(new Region('trace', trace)) } : undefined;
  }
}

const LINES = new WeakMap<object, Lines>();

/** Those of a machine: whoever asks first makes them. */
export function linesOf(machine: { readonly memory: () => SystemMemory | undefined }): Lines {
  const known = LINES.get(machine) ?? new Lines(() => machine.memory());
  LINES.set(machine, known);
  return known;
}
