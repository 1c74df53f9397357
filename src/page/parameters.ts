/** What the page's address asks for: `?board=maaxboard&partition=1&disk=images/class.img`. */
import { BOARDS, boardNamed } from '../boards';
import type { Board } from '../boards/board';

/** `memory`: gone with the tab; `opfs`: kept by this browser, and begun as the hosted image if there is one. */
export interface DiskChoice {
  readonly store: 'opfs' | 'memory';
  /** Address of an image on this server. */
  readonly hosted?: string;
}

export interface Parameters {
  readonly board: Board;
  readonly disk: DiskChoice;
  /** Of the disk's table, from 0; undefined for the board's own choice. */
  readonly partition?: number;
  /** Requests of the guest to other hosts are carried by fetch from the start. */
  readonly carry?: boolean;
}

/** A sentence for the person who followed the link. */
export interface Problem {
  readonly problem: string;
}

/** `address`: the page's own. */
export function readParameters(address: string): Parameters | Problem {
  const parameters = new URL(address).searchParams;
  const board = parameters.get('board');
  const found = board === null ? BOARDS[0]! : boardNamed(board);
  if (!found)
    return { problem: `There is no board "${board}" here. There is: ${BOARDS.map(({ name }) => name).join(', ')}.` };
  const disk = readDisk(parameters.get('disk'), address);
  if ('problem' in disk) return disk;
  const partition = parameters.get('partition');
  if (partition !== null && !/^\d{1,3}$/.test(partition))
    return { problem: `partition=${partition} is not the number of a partition. They are counted from 0.` };
  const net = parameters.get('net');
  if (net !== null && net !== 'fetch')
    return {
      problem: `net=${net} is not known. It may be net=fetch: requests of the guest to other hosts are carried.`,
    };
  const chosen = partition === null ? {} : { partition: Number(partition) };
  return { ...chosen, carry: net === 'fetch', board: found, disk };
}

/** What looks like a path is one: words are kept for kinds of disks. */
function readDisk(disk: string | null, address: string): DiskChoice | Problem {
  if (disk === null) return { store: 'opfs' };
  if (disk === 'memory') return { store: 'memory' };
  if (!/[./]/.test(disk))
    return {
      problem: `There is no disk "${disk}". The address may say disk=memory, the path of an image on this server as in disk=images/class.img, or nothing for the disk kept here.`,
    };
  if (!URL.canParse(disk, address)) return { problem: `disk=${disk} is not the path of an image on this server.` };
  const hosted = new URL(disk, address);
  if (hosted.origin !== new URL(address).origin)
    return {
      problem: `The disk ${disk} is on another server, and this page reads from its own only. Download it and open it on the page, or put it beside the page.`,
    };
  hosted.hash = '';
  return { store: 'opfs', hosted: hosted.href };
}
