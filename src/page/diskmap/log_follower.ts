/** What a running disk is written, from its driver's write log: the driver is not asked. */
import type { SystemMemory } from '../../microkit/layout';
import { Region } from '../../protocol/region';
import { type WriteEntry, WriteLogReader } from '../../protocol/write_log_reader';
import { WRITE_LOG_REGION } from '../powercut/write_history';

export interface Written {
  readonly sector: number;
  readonly sectors: number;
  /** Of what nobody keeps: undefined. */
  readonly bytes: Uint8Array | undefined;
}

export class LogFollower {
  #reader: WriteLogReader | undefined;
  /** Number of the next write. */
  #next = 0;

  /** From now on. */
  start(memory: SystemMemory | undefined): void {
    const buffer = memory?.regions.get(WRITE_LOG_REGION);
    this.#reader = buffer && new WriteLogReader(new Region(WRITE_LOG_REGION, buffer));
    this.#writesOf(this.#reader);
  }

  get isBehind(): boolean {
    return this.#reader?.isBehind === true;
  }

  /**
   * What was written since the last time; undefined when some of it is not known any more. The bytes are copied only of what `isKept`: a
   * disk is mostly written contents of files, which no map shows.
   */
  take(isKept: (sector: number, sectors: number) => boolean): Written[] | undefined {
    const reader = this.#reader;
    if (!reader) return [];
    const expected = this.#next;
    const writes = this.#writesOf(reader);
    const isWhole = (writes[0]?.number ?? this.#next) === expected;
    if (!isWhole) return undefined;
    const written: Written[] = [];
    for (const entry of writes) {
      const { sector, sectors } = entry;
      const kept = isKept(sector, sectors);
      const bytes = kept ? reader.bytes(entry, 'after') : undefined;
      if (kept && !bytes) return undefined;
      written.push({ sector, sectors, bytes });
    }
    return written;
  }

  /** Those that are new in the log; counts them. */
  #writesOf(reader: WriteLogReader | undefined): WriteEntry[] {
    const writes = reader?.look().filter(({ kind }) => kind === 'write') ?? [];
    const last = writes.at(-1);
    if (last) this.#next = last.number + 1;
    // One that left no record shows in the count.
    else if (reader && !reader.isBehind) this.#next = reader.writes;
    return writes;
  }
}
