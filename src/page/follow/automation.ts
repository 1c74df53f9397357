/** `lionsos.follow`: what the last statements asked of the file system, and what became of it down to the sectors. */
import type { SystemMemory } from '../../microkit/layout';
import type { Access, AccessOp } from './accesses';
import { Entries } from './entries';
import { rowsOf } from './follow';
import { type Followed, followed, type Sectors, sectorsOfDevice } from './followed';
import { linesOf } from './lines';
import { rolesOf } from './roles';
import type { Of } from './statements';
import { type WhyName, whyNames } from './words';

export interface FollowedRequest {
  readonly op: AccessOp;
  /** Why the guest touched its disk: BOOT_SECTOR, FSINFO, FAT, FAT_COPY, DIRECTORY, FILE, and PART, MARK. */
  readonly why: readonly WhyName[];
  /** Of the device, 512 bytes each; undefined for a flush, or where the virtualiser was not seen to pass it on. */
  readonly sectors?: Sectors;
  /** Pages of 4 KiB that somebody waited for, and those read ahead. */
  readonly pages: number;
  readonly ahead: number;
  /** First descriptor in the guest's queue. */
  readonly slot: number;
}

export interface FollowedStatement {
  /** The lines that were typed; none for a script's program, the start files, another client or the guest itself. */
  readonly lines: readonly string[];
  readonly domain: string;
  readonly of: Of;
  /** How long it took; undefined while it runs. */
  readonly ms?: number;
  readonly commands: readonly {
    /** Of the file system protocol. */
    readonly name: string;
    /** The number that goes with every request that it causes. */
    readonly request: number;
    /** Bytes asked for, from that offset on; 0 where it is no transfer. */
    readonly length: number;
    readonly offset: number;
    /** FS_STATUS; undefined while it is not answered. */
    readonly status?: number;
    /** How often it was asked; more than once after a reboot of the server. */
    readonly tries: number;
    readonly requests: readonly FollowedRequest[];
  }[];
  /** Who did what when, in milliseconds since the statement began. */
  readonly hops: readonly { readonly who: string; readonly words: string; readonly at: number; readonly ms?: number }[];
  /** Why the disk had to work, or had not: sentences, repeats left out. */
  readonly reasons: readonly string[];
  readonly read: readonly Sectors[];
  readonly written: readonly Sectors[];
  readonly clusters: readonly Sectors[];
}

export interface FollowAutomation {
  /**
   * The last `count` statements (1), newest first, as far back as the flight recorders reach: 4096 records of each domain. Those that
   * asked nothing of the file system are among them when they were typed.
   */
  follow(count?: number): Promise<FollowedStatement[]>;
}

export function followAutomation(machine: { readonly memory: () => SystemMemory | undefined }): FollowAutomation {
  return {
    async follow(count = 1) {
      const memory = machine.memory();
      const roles = memory && rolesOf(memory.description);
      if (!roles) return [];
      const entries = new Entries(roles, memory);
      entries.read();
      return rowsOf(entries, linesOf(machine), count).map(({ statement, lines }) => {
        return tell(followed(statement, entries), lines);
      });
    },
  };
}

function tell({ statement, commands, reasons, read, written, clusters }: Followed, lines: readonly string[]) {
  const { domain, of, begin, end } = statement;
  return {
    ...{ lines, domain, of, read, written, clusters },
    ...(end === undefined ? {} : { ms: end - begin }),
    commands: commands.map(({ name, request, length, offset, status, tries }) => ({
      ...{ name, request, length, offset, tries: tries.length },
      ...(status === undefined ? {} : { status }),
      requests: tries.flatMap(({ accesses }) => accesses.map(requestOf)),
    })),
    hops: commands
      .flatMap(({ hops }) => hops)
      .sort((x, y) => x.time - y.time)
      .map(({ who, words, time, ms }) => ({ who, words, at: time - begin, ...(ms === undefined ? {} : { ms }) })),
    reasons: reasons.map(({ words }) => words),
  };
}

function requestOf(access: Access): FollowedRequest {
  const { op, why, asked, ahead, slot } = access;
  const [sectors] = op === 'flush' ? [] : sectorsOfDevice(access);
  return { op, why: whyNames(why), ...(sectors ? { sectors } : {}), pages: asked, ahead, slot };
}
