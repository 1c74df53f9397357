/** The user program's memory: its own pages in guest RAM and what it has mapped from /dev/uio. Addresses are guest-physical. */
import { fail } from './errno';
import { PATH_MAX } from './namei';

export interface UserMapping {
  readonly start: number;
  readonly bytes: Uint8Array;
}

export class AddressSpace {
  readonly #mappings: UserMapping[] = [];

  map(mapping: UserMapping): void {
    this.#mappings.push(mapping);
  }

  /** The memory itself, not a copy. */
  at(address: number, length: number): Uint8Array {
    for (const { start, bytes } of this.#mappings) {
      const offset = address - start;
      if (offset >= 0 && offset <= bytes.length - length) {
        return bytes.subarray(offset, offset + length);
      }
    }
    return fail('EFAULT');
  }

  /** A private copy of the NUL-terminated string at `address`, without the NUL. */
  string(address: number): Uint8Array {
    for (const { start, bytes } of this.#mappings) {
      const offset = address - start;
      if (!(offset >= 0 && offset < bytes.length)) continue;
      const mapped = bytes.subarray(offset, offset + PATH_MAX);
      const length = mapped.indexOf(0);
      if (length < 0) return fail(mapped.length < PATH_MAX ? 'EFAULT' : 'ENAMETOOLONG');
      // Only so much is copied, which is slow out of shared memory; it may have become shorter meanwhile.
      const copy = mapped.slice(0, length + 1);
      const end = copy.indexOf(0);
      return copy.subarray(0, end < 0 ? length : end);
    }
    return fail('EFAULT');
  }
}
