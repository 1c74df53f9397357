/** A guest in the test's hands, above the real monitor, virtualisers, driver and disk: registers and rings by their digits. */

import type { Environment, Program } from '../../../src/libmicrokit/pd';
import type { Region } from '../../../src/protocol/region';
import { VCPU_FAULT } from '../../../src/protocol/vmfs';
import { type Machine, type MachineOptions, machine } from '../../linux_fs_vm/testing/machine';

export const RAM = 0x4000_0000;
export const CONSOLE = 0x13_0000;
export const BLK = 0x15_0000;
const GICD = 0x800_0000;
const SIZE = 128;

export interface Descriptor {
  readonly addr: number | bigint;
  readonly len: number;
  readonly flags?: number;
  readonly next?: number;
}

/** A virtqueue of 128 in guest RAM: descriptors, available and used areas a page apart. */
export class RawQueue {
  avail = 0;
  seen = 0;

  constructor(
    readonly ram: Region,
    readonly at: number,
  ) {
    ram.bytes.fill(0, at - RAM, at - RAM + 0x3000);
  }

  get desc(): number {
    return this.at;
  }
  get driver(): number {
    return this.at + 0x1000;
  }
  get device(): number {
    return this.at + 0x2000;
  }

  set(index: number, { addr, len, flags = 0, next = 0 }: Descriptor): void {
    const at = this.desc - RAM + 16 * index;
    this.ram.view.setBigUint64(at, BigInt(addr), true);
    this.ram.view.setUint32(at + 8, len, true);
    this.ram.view.setUint16(at + 12, flags, true);
    this.ram.view.setUint16(at + 14, next, true);
  }

  /** A chain from descriptor `first` on. */
  chain(first: number, parts: readonly Descriptor[]): void {
    for (const [i, part] of parts.entries()) {
      const isLast = i === parts.length - 1;
      this.set(first + i, { ...part, flags: (part.flags ?? 0) | (isLast ? 0 : 1), next: first + i + 1 });
    }
    this.offer(first);
  }

  offer(head: number): void {
    this.ram.view.setUint16(this.driver - RAM + 4 + 2 * (this.avail % SIZE), head, true);
    this.avail = (this.avail + 1) & 0xffff;
    this.setAvail(this.avail);
  }

  setAvail(index: number): void {
    this.ram.view.setUint16(this.driver - RAM + 2, index, true);
  }

  get usedIndex(): number {
    return this.ram.view.getUint16(this.device - RAM + 2, true);
  }

  /** [head, length] of every chain that came back since the last call. */
  used(): [head: number, length: number][] {
    const all: [number, number][] = [];
    for (; this.seen !== this.usedIndex; this.seen = (this.seen + 1) & 0xffff) {
      const at = this.device - RAM + 4 + 8 * (this.seen % SIZE);
      all.push([this.ram.view.getUint32(at, true), this.ram.view.getUint32(at + 4, true)]);
    }
    return all;
  }
}

export class RawGuest {
  readonly ram: Region;
  readonly status: Region;

  constructor(
    readonly machine: Machine,
    readonly env: Environment,
    /** Notifications received, by channel. */
    readonly interrupts: readonly number[],
  ) {
    this.ram = env.region('guest_ram');
    this.status = env.region('virq_status');
  }

  load32 = (address: number) => this.#fault(VCPU_FAULT.LOAD32, [address])[0]!;
  load8 = (address: number) => this.#fault(VCPU_FAULT.LOAD8, [address])[0]!;
  store32 = (address: number, value: number) => void this.#fault(VCPU_FAULT.STORE32, [address, value]);

  #fault(label: number, words: number[]): readonly number[] {
    return this.env.kernel.ppcall(this.env.channel('fault'), { label, words }).words;
  }

  enableInterrupts(): void {
    this.store32(GICD, 1);
    this.store32(GICD + 0x108, (1 << (71 - 64)) | (1 << (74 - 64)) | (1 << (79 - 64)));
  }

  /** Reset, negotiate what is given, one queue, DRIVER_OK. */
  bringUp(base: number, queue: number, at: number, features = 0): RawQueue {
    const raw = new RawQueue(this.ram, at);
    if (queue === 0) {
      for (const status of [0, 1, 3]) this.store32(base + 0x70, status);
      this.store32(base + 0x24, 0);
      this.store32(base + 0x20, features);
      this.store32(base + 0x24, 1);
      this.store32(base + 0x20, 1);
      this.store32(base + 0x70, 11);
    }
    this.store32(base + 0x30, queue);
    this.store32(base + 0x38, SIZE);
    for (const [register, address] of [
      [0x80, raw.desc],
      [0x90, raw.driver],
      [0xa0, raw.device],
    ] as const) {
      this.store32(base + register, address);
      this.store32(base + register + 4, 0);
    }
    this.store32(base + 0x44, 1);
    return raw;
  }

  driverOk(base: number): void {
    this.store32(base + 0x70, 15);
  }

  /** Rings as the real guest does, past the trap, and lets everything run. */
  kick(symbol: 'virq_blk' | 'virq_console'): void {
    this.env.kernel.notify(this.env.channel(symbol));
    this.machine.simulator.settle();
  }

  /** Interrupt bits of a window, acknowledged. */
  takeStatus(word: 0 | 1): number {
    return Atomics.exchange(this.status.words, word, 0);
  }

  text(address: number, length: number): string {
    return new TextDecoder().decode(this.ram.bytes.slice(address - RAM, address - RAM + length));
  }
}

export async function rawGuest(options: MachineOptions = {}): Promise<RawGuest> {
  let env: Environment | undefined;
  const interrupts: number[] = [];
  const program: Program = (environment) => {
    env = environment;
    return { notified: (ch) => void (interrupts[ch] = (interrupts[ch] ?? 0) + 1) };
  };
  const vm = await machine({ ...options, programs: { ...options.programs, linux_fs_vm: program } });
  vm.simulator.settle();
  return new RawGuest(vm, env!, interrupts);
}
