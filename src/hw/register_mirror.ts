/**
 * A device's registers in memory, for whoever wants to see them without touching the device: a look must not take a byte from a FIFO.
 * What can be read is copied by `look`, what cannot is kept as it was last written. The driver sees the device as it is.
 */
import type { Register, RegisterTable } from '../specs/registers';
import type { Device } from './device';

const KEEPS = { writes: 1, reads: 2, bank: 4 } as const;

/** A device that has configuration bytes, as virtio-mmio's has. */
export interface MirroredDevice extends Device {
  read8?(offset: number): number;
}

export class RegisterMirror implements MirroredDevice {
  readonly #view: DataView;
  /** By word: KEEPS. */
  readonly #keeps: Uint8Array;
  /** Offsets of the words that can be read: those that change at any time, and those that seldom do. */
  readonly #readable: readonly number[];
  readonly #seldom: readonly number[];
  /** The table's generation at which the latter were copied. */
  #generation = -1;

  constructor(
    readonly device: MirroredDevice,
    readonly table: RegisterTable,
    /** The device's window in memory that others may read. */
    window: Uint8Array,
    /** A register's value without side effects. */
    readonly peek: (offset: number) => number = (offset) => device.read32(offset),
  ) {
    if (window.length < table.size) throw new RangeError(`${table.name} has ${table.size} bytes of registers`);
    this.#view = new DataView(window.buffer, window.byteOffset, table.size);
    this.#keeps = new Uint8Array(table.size >> 2);
    for (const { offset, access } of table.registers) {
      if (access !== 'r') this.#keeps[offset >> 2]! |= KEEPS.writes;
      if (access === 'data') this.#keeps[offset >> 2]! |= KEEPS.reads;
    }
    for (const offset of table.bank?.registers ?? []) this.#keeps[offset >> 2]! |= KEEPS.bank;
    if (table.bank) this.#keeps[table.bank.reset >> 2]! |= KEEPS.bank;
    this.#readable = wordsOf(table.registers.filter(({ seldom }) => !seldom));
    this.#seldom = wordsOf(table.registers.filter(({ seldom }) => seldom));
  }

  read8(offset: number): number {
    return this.device.read8?.(offset) ?? 0;
  }

  read32(offset: number): number {
    const value = this.device.read32(offset);
    if (this.#keeps[offset >> 2]! & KEEPS.reads) this.#view.setUint32(offset, value, true);
    return value;
  }

  write32(offset: number, value: number): void {
    this.device.write32(offset, value);
    const keeps = this.#keeps[offset >> 2]!;
    if (keeps & KEEPS.writes) this.#view.setUint32(offset, value, true);
    if (keeps & KEEPS.bank) this.#keepInBank(offset, value);
  }

  /** Copies what can be read. Call it when the device has settled: it costs a load and a store for each register. */
  look(): void {
    for (const offset of this.#readable) this.#view.setUint32(offset, this.peek(offset), true);
    const { generation = 0 } = this.table;
    const now = generation === 0 ? 0 : this.peek(generation);
    if (now === this.#generation) return;
    this.#generation = now;
    for (const offset of this.#seldom) this.#view.setUint32(offset, this.peek(offset), true);
  }

  #keepInBank(offset: number, value: number): void {
    const { select, reset, registers, at, count } = this.table.bank!;
    const size = 4 * registers.length;
    if (offset === reset) {
      if (value === 0) for (let i = 0; i < count * size; i += 4) this.#view.setUint32(at + i, 0, true);
      return;
    }
    const which = this.#view.getUint32(select, true);
    if (which < count) this.#view.setUint32(at + which * size + 4 * registers.indexOf(offset), value, true);
  }
}

const wordsOf = (registers: readonly Register[]): number[] => [...new Set(registers.flatMap(readableWords))];

function readableWords({ offset, width, access }: Register): number[] {
  if (access === 'w' || access === 'data') return [];
  const first = offset & ~3;
  return Array.from({ length: Math.ceil((offset + width / 8 - first) / 4) }, (_, i) => first + 4 * i);
}
