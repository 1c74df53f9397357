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
      const copy = bytes.slice(offset, offset + PATH_MAX);
      const end = copy.indexOf(0);
      if (end >= 0) return copy.subarray(0, end);
      return fail(copy.length < PATH_MAX ? 'EFAULT' : 'ENAMETOOLONG');
    }
    return fail('EFAULT');
  }
}
