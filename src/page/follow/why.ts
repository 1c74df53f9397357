/** Why a statement made the disk work, or did not: sentences. */
import { FS_STATUS } from '../../protocol/fs';
import { WHY } from '../../protocol/trace_words';
import type { Access } from './accesses';
import { commandWords, SECTORS_PER_BLOCK } from './hops';
import type { Command, Statement } from './statements';
import { many, nameIn, range, whatWords } from './words';

export interface Reason {
  readonly words: string;
  /** How often in a row. */
  readonly times: number;
}

/** One sentence per command that the disk had no part in, one per request for the disk otherwise; repeats are told once. */
export function reasonsOf(statement: Statement, commands: readonly Command[]): Reason[] {
  if (commands.length === 0) return [{ words: nothingAsked(statement), times: 1 }];
  const reasons: Reason[] = [];
  for (const words of commands.flatMap(commandReasons)) {
    const last = reasons.at(-1);
    if (last?.words === words) reasons[reasons.length - 1] = { words, times: last.times + 1 };
    else reasons.push({ words, times: 1 });
  }
  return reasons;
}

/** "3 disk reads, 2 disk writes, 1 flush": the question that the reasons answer. */
export function diskWork(commands: readonly Command[]): string {
  const accesses = commands.flatMap(({ tries }) => tries.flatMap((one) => one.accesses));
  const count = (op: Access['op']) => accesses.filter((access) => access.op === op).length;
  const words = [
    [count('read'), 'disk read'],
    [count('write'), 'disk write'],
  ] as const;
  const parts = words.filter(([n]) => n > 0).map(([n, what]) => many(n, what));
  const flushes = count('flush');
  if (flushes > 0) parts.push(`${flushes} flush${flushes === 1 ? '' : 'es'}`);
  return parts.length === 0 ? 'no disk request' : parts.join(', ');
}

function nothingAsked({ of }: Statement): string {
  if (of !== 'line') return 'It asked nothing of the file system.';
  return "It asked nothing of the file system: it touches no file, or what it read was in MicroPython's own read-ahead.";
}

function commandReasons(command: Command): string[] {
  const accesses = command.tries.flatMap((one) => one.accesses);
  if (accesses.length > 0) return accesses.map((access) => accessReason(access));
  if (command.end === undefined) return [`${commandWords(command)}: not answered yet.`];
  if (command.status !== FS_STATUS.SUCCESS) {
    return [`${command.name}: none, all it took to answer ${nameIn(FS_STATUS, command.status ?? 0)} was in memory.`];
  }
  if (command.name !== 'FILE_READ') return [`${command.name}: none, all it needed was in memory.`];
  if (command.result === 0) return ['FILE_READ: none, the file ends here.'];
  return [`${commandWords(command)}: none, it was in the page cache.`];
}

function accessReason(access: Access): string {
  const { op, why, asked, ahead } = access;
  if (op === 'flush') return 'FLUSH: what was written is on the disk before anything goes on.';
  const sectors = `${op === 'read' ? 'Read' : 'Wrote'} ${sectorsOf(access)}`;
  const mark = why & WHY.MARK ? ', where the mark stands that the volume is in use' : '';
  if (op === 'write') return `${sectors}: ${whatWords(why)}${mark}.`;
  if (asked === 0) return `${sectors}: read-ahead, ${many(ahead, 'page')} that nobody has asked for yet.`;
  const part = why & WHY.PART ? ', of which only a part will be changed' : '';
  const further = ahead > 0 ? ` ${many(asked, 'page')} needed, ${many(ahead, 'page')} of read-ahead behind.` : '';
  return `${sectors}: ${whatWords(why)}${mark}${part}.${further}`;
}

/** As the device counts; as the partition does where the device was not seen to be asked. */
export function sectorsOf({ parts, sector, asked, ahead }: Access): string {
  const devices = parts.flatMap(({ virt }) => (virt ? [virt] : []));
  const first = devices[0];
  if (!first) return `sectors ${range(sector, (asked + ahead) * SECTORS_PER_BLOCK)} of the partition`;
  const count = devices.reduce((sum, { count: n }) => sum + n, 0);
  return `sectors ${range(first.block * SECTORS_PER_BLOCK, count * SECTORS_PER_BLOCK)}`;
}
