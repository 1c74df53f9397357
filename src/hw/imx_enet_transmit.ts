/** The ENET's way out: gathers frames from the transmit ring and puts them on the wire. */
import { crc32 } from '../specs/crc32';
import { ETHERNET_MIN_SIZE } from '../specs/ethernet';
import { ENET, ENET_EVENT, ENET_FCS_SIZE, ENET_MIB, ENET_RCR, ENET_TCR, ENET_TXBD } from '../specs/imx_enet';
import type { Coalescing } from './imx_enet_coalescing';
import type { MibCounters } from './imx_enet_counters';
import type { EnetRegisters } from './imx_enet_registers';
import { type BdRing, KEPT_STATUS } from './imx_enet_rings';
import type { Wire } from './wire';

/** As much as is ever gathered of a frame: longer than any. */
const GATHER_MAX = 0x4000;

export class EnetTransmitter {
  /** The frame that is being gathered, without those of its bytes that are too many. */
  #parts: Uint8Array[] = [];
  #length = 0;

  constructor(
    readonly registers: EnetRegisters,
    readonly ring: BdRing,
    readonly counters: MibCounters,
    readonly coalescing: Coalescing,
    readonly wire: Wire,
  ) {}

  stop(): void {
    this.registers.set(ENET.TDAR, 0);
    this.#parts = [];
    this.#length = 0;
  }

  /** Sends while there are descriptors to send; false when one, or its buffer, cannot be reached. */
  run(): boolean {
    const { registers, ring } = this;
    while (registers.get(ENET.TDAR) !== 0 && (registers.get(ENET.TCR) & ENET_TCR.GTS) === 0) {
      const bd = ring.current();
      if (!bd) return false;
      if ((bd.stat & ENET_TXBD.READY) === 0) {
        registers.set(ENET.TDAR, 0);
        break;
      }
      const bytes = ring.dma.at(bd.addr, bd.len);
      if (!bytes) return false;
      if (this.#length <= GATHER_MAX) this.#parts.push(bytes.slice());
      this.#length += bd.len;
      ring.finish(bd, bd.stat & (KEPT_STATUS | ENET_TXBD.L | ENET_TXBD.TC), bd.len);
      registers.raise(ENET_EVENT.TXB);
      if (bd.stat & ENET_TXBD.L) this.#finish((bd.stat & ENET_TXBD.TC) !== 0);
    }
    return true;
  }

  #finish(addsFcs: boolean): void {
    const body = joined(this.#parts);
    const length = Math.max(this.#length + (addsFcs ? ENET_FCS_SIZE : 0), ETHERNET_MIN_SIZE + ENET_FCS_SIZE);
    this.#parts = [];
    this.#length = 0;
    const oversize = length > ((this.registers.get(ENET.RCR) >>> ENET_RCR.MAX_FL_SHIFT) & ENET_RCR.MAX_FL);
    // A frame that is too long goes out whole all the same.
    if (oversize) this.registers.raise(ENET_EVENT.BABT);
    const frame = addsFcs ? body : withoutFcs(body);
    this.counters.sent(body, length, oversize);
    if (frame) this.wire.send(padded(frame));
    else this.counters.count(ENET_MIB.RMON_T_CRC_ALIGN);
    this.coalescing.frame();
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0]!;
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** The frame, for a body that ends with its FCS; undefined when that is wrong: nobody would receive it. */
function withoutFcs(body: Uint8Array): Uint8Array | undefined {
  if (body.length < ENET_FCS_SIZE) return undefined;
  const frame = body.subarray(0, -ENET_FCS_SIZE);
  const fcs = new DataView(body.buffer, body.byteOffset, body.length).getUint32(frame.length, true);
  return fcs === crc32(frame) ? frame : undefined;
}

/** The MAC fills up what is too short for the wire. */
export function padded(frame: Uint8Array): Uint8Array {
  if (frame.length >= ETHERNET_MIN_SIZE) return frame;
  const longer = new Uint8Array(ETHERNET_MIN_SIZE);
  longer.set(frame);
  return longer;
}
