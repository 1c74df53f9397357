/**
 * mount and umount for several clients: the first one that asks mounts the disk, the last one that lets go unmounts it, and each works
 * only between its own two commands.
 */
import { FS_STATUS } from '../../../src/protocol/fs';
import type { ErrnoName } from '../../../src/specs/errno';
import { Errno } from '../kernel/errno';
import type { Linux } from '../kernel/linux';
import type { Syscalls } from '../kernel/syscalls';
import type { SuperBlock } from '../kernel/vfs';
import { statusOf } from './fs_status';
import { strerror } from './strerror';

/** What INITIALISE and DEINITIALISE of one client do. Both answer with a status. */
export interface Mounter {
  readonly isMounted: boolean;
  mount(): number;
  unmount(): number;
}

export class Mounts {
  /** What each client mounted; it holds while that is still what is mounted. */
  readonly #users = new Map<Syscalls, SuperBlock>();

  constructor(readonly linux: Linux) {}

  /** For the client whose files these are. */
  mounter(syscalls: Syscalls): Mounter {
    const uses = () => this.#uses(syscalls);
    return {
      get isMounted() {
        return uses();
      },
      mount: () => (uses() ? FS_STATUS.ERROR : this.#mount(syscalls)),
      unmount: () => (uses() ? this.#unmount(syscalls) : FS_STATUS.NOT_MOUNTED),
    };
  }

  #uses(syscalls: Syscalls): boolean {
    const { superBlock } = this.linux.mounts;
    return superBlock !== undefined && this.#users.get(syscalls) === superBlock;
  }

  #mount(syscalls: Syscalls): number {
    const { mounts } = this.linux;
    const status = mounts.superBlock
      ? FS_STATUS.SUCCESS
      : this.#attempt(() => mounts.mount(), 'mount: mounting /dev/vda on /mnt failed');
    if (mounts.superBlock) this.#users.set(syscalls, mounts.superBlock);
    return status;
  }

  /** Its files are closed; the disk is let go of when nobody else uses it. */
  #unmount(syscalls: Syscalls): number {
    this.#users.delete(syscalls);
    const shared = [...this.#users.keys()].some((other) => this.#uses(other));
    return this.#attempt(
      () => (shared ? syscalls.closeAll() : this.linux.mounts.unmount()),
      "umount: can't unmount /mnt",
    );
  }

  #attempt(operation: () => void, failure: string): number {
    try {
      operation();
      return FS_STATUS.SUCCESS;
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
      if (error.detail) this.linux.printk.warn(`FAT-fs (vda): ${error.detail}`);
      this.linux.console?.write(`${failure}: ${strerror(error.code)}\n`);
      return statusOf(refusal(error.code));
    }
  }
}

/** mount(2) says EINVAL of a disk with nothing it knows on it; to the client that is no file system, not a wrong argument. */
function refusal(code: ErrnoName): ErrnoName {
  return code === 'EINVAL' ? 'ENODEV' : code;
}
