/** The ENET's statistics (MIB block): what has passed since the last clear. Words of 32 bits that wrap. */
import { ETHERNET } from '../specs/ethernet';
import { ENET_MIB, ENET_MIB_RANGE, ENET_MIB_SIZES } from '../specs/imx_enet';

const [START, END] = ENET_MIB_RANGE;

export class MibCounters {
  readonly #words = new Uint32Array((END - START) / 4);
  /** MIBC.DIS and MIBC.CLEAR stop the counting. */
  enabled = false;

  clear(): void {
    this.#words.fill(0);
  }

  /** By register offset; undefined where there is none. */
  read(offset: number): number | undefined {
    return offset >= START && offset < END ? this.#words[(offset - START) / 4] : undefined;
  }

  count(offset: number, n = 1): void {
    if (this.enabled) this.#words[(offset - START) / 4]! += n;
  }

  /** A frame that went out, with `length` counting the FCS. */
  sent(frame: Uint8Array, length: number, oversize: boolean): void {
    this.count(ENET_MIB.RMON_T_PACKETS);
    this.count(ENET_MIB.RMON_T_OCTETS, length);
    this.count(ENET_MIB.RMON_T_P64 + sizeOffset(length));
    if (isGroup(frame)) this.count(isBroadcast(frame) ? ENET_MIB.RMON_T_BC_PKT : ENET_MIB.RMON_T_MC_PKT);
    if (oversize) return this.count(ENET_MIB.RMON_T_OVERSIZE);
    this.count(ENET_MIB.IEEE_T_FRAME_OK);
    this.count(ENET_MIB.IEEE_T_OCTETS_OK, length);
  }

  /** A frame that came in and passed the address filter, whether there was room for it or not. */
  arrived(frame: Uint8Array, length: number, oversize: boolean): void {
    this.count(ENET_MIB.RMON_R_PACKETS);
    this.count(ENET_MIB.RMON_R_OCTETS, length);
    this.count(ENET_MIB.RMON_R_P64 + sizeOffset(length));
    if (isGroup(frame)) this.count(isBroadcast(frame) ? ENET_MIB.RMON_R_BC_PKT : ENET_MIB.RMON_R_MC_PKT);
    if (oversize) this.count(ENET_MIB.RMON_R_OVERSIZE);
  }

  /** A frame that reached the driver. */
  received(length: number): void {
    this.count(ENET_MIB.IEEE_R_FRAME_OK);
    this.count(ENET_MIB.IEEE_R_OCTETS_OK, length);
  }
}

export const isGroup = (frame: Uint8Array): boolean => (frame[ETHERNET.destination]! & 1) !== 0;

export const isBroadcast = (frame: Uint8Array): boolean =>
  frame.subarray(ETHERNET.destination, ETHERNET.source).every((byte) => byte === 0xff);

function sizeOffset(length: number): number {
  return 4 * ENET_MIB_SIZES.findIndex((limit) => length <= limit);
}
