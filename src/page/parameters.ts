/** What the page's address asks for: `?board=maaxboard&partition=1&disk=memory`. */
import { BOARDS, boardNamed } from '../boards';
import type { Board } from '../boards/board';

export interface Parameters {
  readonly board: Board;
  readonly store: 'opfs' | 'memory';
  /** Of the disk's table, from 0; undefined for the board's own choice. */
  readonly partition?: number;
}

/** A sentence for the person who followed the link. */
export interface Problem {
  readonly problem: string;
}

export function readParameters(search: string): Parameters | Problem {
  const parameters = new URLSearchParams(search);
  const board = parameters.get('board');
  const disk = parameters.get('disk');
  const found = board === null ? BOARDS[0]! : boardNamed(board);
  if (!found)
    return { problem: `There is no board "${board}" here. There is: ${BOARDS.map(({ name }) => name).join(', ')}.` };
  if (disk !== null && disk !== 'memory')
    return {
      problem: `There is no disk "${disk}". The address may say disk=memory, or nothing for the disk kept here.`,
    };
  const partition = parameters.get('partition');
  if (partition !== null && !/^\d{1,3}$/.test(partition))
    return { problem: `partition=${partition} is not the number of a partition. They are counted from 0.` };
  const chosen = partition === null ? {} : { partition: Number(partition) };
  return { ...chosen, board: found, store: disk === 'memory' ? 'memory' : 'opfs' };
}
