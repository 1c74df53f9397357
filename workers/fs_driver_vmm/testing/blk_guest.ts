/** A raw guest that drives the block device: one queue, requests made of any pieces of memory. */
import type { MachineOptions } from '../../linux_fs_vm/testing/machine';
import { BLK, type Descriptor, RAM, type RawGuest, type RawQueue, rawGuest } from './raw_guest';

export const QUEUE = RAM + 0x10_0000;
export const HEADERS = RAM + 0x20_0000;
export const STATUS = RAM + 0x21_0000;
const OUT = 1;
const WRITE = 2;

export class BlkGuest {
  queue: RawQueue;
  #next = 0;

  constructor(readonly raw: RawGuest) {
    this.queue = this.start();
  }

  start(): RawQueue {
    this.raw.enableInterrupts();
    this.queue = this.raw.bringUp(BLK, 0, QUEUE, 1 << 9);
    this.raw.driverOk(BLK);
    this.#next = 0;
    return this.queue;
  }

  header(place: number, type: number, sector: number | bigint): Descriptor {
    const at = HEADERS - RAM + 16 * place;
    this.raw.ram.view.setUint32(at, type, true);
    this.raw.ram.view.setBigUint64(at + 8, BigInt(sector), true);
    return { addr: RAM + at, len: 16 };
  }

  status(place: number): Descriptor {
    this.raw.ram.bytes[STATUS - RAM + place] = 0xee;
    return { addr: STATUS + place, len: 1, flags: WRITE };
  }

  /** Queues a request with data pieces anywhere; returns its place. */
  put(type: number, sector: number | bigint, pieces: readonly Descriptor[]): number {
    if (this.#next + pieces.length + 2 > 128) this.#next = 0;
    const place = this.#next;
    this.#next += pieces.length + 2;
    const data = pieces.map((piece) => ({ ...piece, flags: type === OUT ? 0 : WRITE }));
    this.queue.chain(place, [this.header(place, type, sector), ...data, this.status(place)]);
    return place;
  }

  answer(place: number): number {
    return this.raw.ram.bytes[STATUS - RAM + place]!;
  }

  /** One request to its end. */
  ask(type: number, sector: number | bigint, pieces: readonly Descriptor[]): number {
    this.#next = 0;
    const place = this.put(type, sector, pieces);
    this.raw.kick('virq_blk');
    return this.answer(place);
  }

  get needsReset(): boolean {
    return (this.raw.load32(BLK + 0x70) & 0x40) !== 0;
  }
}

export async function blkGuest(options: MachineOptions = {}): Promise<BlkGuest> {
  return new BlkGuest(await rawGuest(options));
}
