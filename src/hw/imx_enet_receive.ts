/** The ENET's way in: filters frames by address and puts them into the buffers of the receive ring. */
import { crc32 } from '../specs/crc32';
import { ETHERNET, MAC_SIZE } from '../specs/ethernet';
import { ENET, ENET_ACTIVE, ENET_EVENT, ENET_FCS_SIZE, ENET_MIB, ENET_RCR, ENET_RXBD } from '../specs/imx_enet';
import type { Coalescing } from './imx_enet_coalescing';
import { isBroadcast, isGroup, type MibCounters } from './imx_enet_counters';
import type { EnetRegisters } from './imx_enet_registers';
import { type BdRing, KEPT_STATUS } from './imx_enet_rings';
import { padded } from './imx_enet_transmit';

export class EnetReceiver {
  constructor(
    readonly registers: EnetRegisters,
    readonly ring: BdRing,
    readonly counters: MibCounters,
    readonly coalescing: Coalescing,
  ) {}

  stop(): void {
    this.registers.set(ENET.RDAR, 0);
  }

  /** The driver says that there are empty buffers; false when the engine cannot reach its descriptor. */
  activate(): boolean {
    this.registers.set(ENET.RDAR, ENET_ACTIVE);
    return this.#look();
  }

  /** A frame from the wire; false when a descriptor or a buffer cannot be reached. */
  frame(unpadded: Uint8Array): boolean {
    if (!this.registers.enabled) return true;
    const frame = padded(unpadded);
    const control = this.registers.get(ENET.RCR);
    const listed = this.#isForUs(frame, control);
    if (!listed && (control & ENET_RCR.PROM) === 0) return true;
    const onWire = frame.length + ENET_FCS_SIZE;
    const oversize = onWire > ((control >>> ENET_RCR.MAX_FL_SHIFT) & ENET_RCR.MAX_FL);
    this.counters.arrived(frame, onWire, oversize);
    if (oversize) this.registers.raise(ENET_EVENT.BABR);
    const group = isGroup(frame) ? (isBroadcast(frame) ? ENET_RXBD.BC : ENET_RXBD.MC) : 0;
    const status = ENET_RXBD.L | (listed ? 0 : ENET_RXBD.M) | group | (oversize ? ENET_RXBD.LG : 0);
    return this.#deliver(control & ENET_RCR.CRCFWD ? frame : withFcs(frame), status, onWire);
  }

  /** Whether there is an empty buffer at all. When there is none, the engine rests until it is told of one. */
  #look(): boolean {
    const empty = this.ring.have(ENET_RXBD.EMPTY, 1);
    if (empty === false) this.registers.set(ENET.RDAR, 0);
    return empty !== undefined;
  }

  #deliver(bytes: Uint8Array, status: number, onWire: number): boolean {
    const size = this.registers.get(ENET.MRBR);
    const buffers = size === 0 ? Number.POSITIVE_INFINITY : Math.ceil(bytes.length / size);
    const room = this.registers.get(ENET.RDAR) !== 0 && size !== 0 && this.ring.have(ENET_RXBD.EMPTY, buffers);
    if (room === undefined) return false;
    if (!room) {
      // The FIFO takes it, and loses it when the next one comes.
      this.counters.count(ENET_MIB.IEEE_R_MACERR);
      return this.#look();
    }
    for (let at = 0; at < bytes.length; at += size) {
      const bd = this.ring.current()!;
      const piece = bytes.subarray(at, at + size);
      const target = this.ring.dma.at(bd.addr, piece.length);
      if (!target) return false;
      target.set(piece);
      const last = at + size >= bytes.length;
      this.ring.finish(bd, (bd.stat & KEPT_STATUS) | (last ? status : 0), last ? bytes.length : size);
      this.registers.raise(ENET_EVENT.RXB);
    }
    this.counters.received(onWire);
    this.coalescing.frame();
    return this.#look();
  }

  /** Own address, broadcast unless refused, or a member of the hash tables. */
  #isForUs(frame: Uint8Array, control: number): boolean {
    if (isBroadcast(frame)) return (control & ENET_RCR.BC_REJ) === 0;
    const destination = frame.subarray(ETHERNET.destination, ETHERNET.destination + MAC_SIZE);
    const { registers } = this;
    const own = [24, 16, 8, 0].map((shift) => (registers.get(ENET.PALR) >>> shift) & 0xff);
    own.push(registers.get(ENET.PAUR) >>> 24, (registers.get(ENET.PAUR) >>> 16) & 0xff);
    if (destination.every((byte, i) => byte === own[i])) return true;
    // The upper six bits of the remainder, before it is turned over, choose one of 64.
    const hash = (~crc32(destination) >>> 26) & 63;
    const [upper, lower] = isGroup(frame) ? [ENET.GAUR, ENET.GALR] : [ENET.IAUR, ENET.IALR];
    return ((registers.get(hash < 32 ? lower : upper) >>> (hash & 31)) & 1) !== 0;
  }
}

function withFcs(frame: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(frame.length + ENET_FCS_SIZE);
  bytes.set(frame);
  new DataView(bytes.buffer).setUint32(frame.length, crc32(frame), true);
  return bytes;
}
