/**
 * Guest accesses to addresses without memory: each goes to the device whose window it is in. The address and value are the guest's
 * word and may be anything.
 */
import type { Message } from '../../src/libmicrokit/pd';
import { VCPU_FAULT } from '../../src/protocol/vmfs';

export interface FaultDevice {
  read32(offset: number): number;
  write32(offset: number, value: number): void;
  read8?(offset: number): number;
}

export interface FaultWindow {
  readonly guestPhys: number;
  readonly size: number;
  readonly device: FaultDevice;
}

/** A guest that faults for ever must not fill the log. */
const MAX_LOGGED = 16;

export class FaultHandler {
  #logged = 0;

  constructor(
    readonly windows: readonly FaultWindow[],
    readonly log: (line: string) => void,
  ) {}

  handle({ label, words }: Message): Message {
    const [address = Number.NaN, value = 0] = words;
    const window = this.windows.find(({ guestPhys, size }) => address >= guestPhys && address - guestPhys < size);
    if (!window || label > VCPU_FAULT.LOAD8) return this.#unhandled(label, address);
    const offset = address - window.guestPhys;
    switch (label) {
      case VCPU_FAULT.LOAD32:
        return answer(window.device.read32(offset));
      case VCPU_FAULT.STORE32:
        window.device.write32(offset, (value % 0x1_0000_0000) >>> 0);
        return { label: 0, words: [] };
      default:
        return answer(window.device.read8?.(offset) ?? 0);
    }
  }

  #unhandled(label: number, address: number): Message {
    if (this.#logged++ < MAX_LOGGED) {
      const access = label === VCPU_FAULT.STORE32 ? 'store to' : 'load from';
      const where = Number.isNaN(address) ? 'an address beyond 2^53' : `0x${address.toString(16)}`;
      this.log(`unhandled guest ${access} ${where}`);
      if (this.#logged === MAX_LOGGED) this.log('further guest faults are not logged');
    }
    return answer(0);
  }
}

const answer = (value: number): Message => ({ label: 0, words: [value >>> 0] });
