/** What the client holds against the file system server: answers that nobody asked for, silence. It may have the guest rebooted for it. */
import type { GuestView, Kernel } from '../libmicrokit/pd';
import { FS_STATUS, FS_STATUS_ERRNO } from '../protocol/fs';
import type { ErrnoName } from '../specs/errno';
import { Errno } from './errors';
import type { Request } from './fs_request';

const STATUS_ERRNO = new Map<number, ErrnoName>(
  Object.entries(FS_STATUS_ERRNO).map(([status, errno]) => [FS_STATUS[status as keyof typeof FS_STATUS], errno]),
);
/** A server that errs for ever must not fill the log. */
const COMPLAINTS = 8;
/** A server that is silent for longer may hang: the monitor is asked to look, once for every such while. */
const PATIENCE_NS = 1e9;
/** So many of them in a row are more than the guest's own patience with its disk: whatever it waits for, it will not come. */
const PATIENCES = 40;

export class ServerConduct {
  #bad = 0;
  #silences = 0;

  constructor(
    readonly kernel: Kernel,
    readonly guest: GuestView | undefined,
    /** Blocks until the server may have answered (true) or the deadline has passed; throws Interrupted on Ctrl-C. */
    readonly block: (deadlineNs: number) => boolean,
  ) {}

  /** The server of that generation broke the protocol: the guest that it runs in is rebooted. */
  accuse(what: string, generation: number): void {
    if (this.#bad++ < COMPLAINTS) this.kernel.print(`micropython|ERROR: ${what}\r\n`);
    this.guest?.breach(generation);
  }

  answered(): void {
    this.#silences = 0;
  }

  awaitAnswer(generation: number): void {
    const deadline = this.kernel.now() + PATIENCE_NS;
    if (this.block(deadline) || this.kernel.now() < deadline) return;
    this.guest?.complain();
    if (++this.#silences < PATIENCES) return;
    this.#silences = 0;
    this.accuse(`the file system server has not answered for ${PATIENCES} seconds`, generation);
  }

  /** The result of an answered request; throws the Errno of its status. */
  result({ completion, limit }: Request, generation: number): number {
    if (!completion) throw new Error('the request has not been answered');
    const { status, result } = completion;
    if (status !== FS_STATUS.SUCCESS) throw new Errno(STATUS_ERRNO.get(status) ?? 'EIO');
    if (result <= limit) return result;
    this.accuse(`received bad fs completion: result ${result} where ${limit} was the most`, generation);
    throw new Errno('EIO');
  }
}
