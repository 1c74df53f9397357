/**
 * The management bus with one gigabit PHY at address 0, whose link is up: clause 22 registers, as far as a driver asks for them.
 * [IEEE 802.3] 22.2.4. Writes change nothing: the link stays as the boot loader left it.
 */
import { ENET_MMFR } from '../specs/imx_enet';

const PHY_ADDRESS = 0;
/** What nobody drives reads as ones. */
const FLOATING = 0xffff;

const REGISTERS: Readonly<Record<number, number>> = {
  /** Control: autonegotiation, full duplex, 1000 Mbit/s. */
  0: 0x1140,
  /** Status: link up, negotiation complete, extended status. */
  1: 0x796d,
  /** Identifiers of an Atheros AR8031. */
  2: 0x004d,
  3: 0xd074,
  /** What both ends offer: 10 and 100 Mbit/s, both duplexes. */
  4: 0x0de1,
  5: 0x4de1,
  /** 1000BASE-T control and status: both ends do full duplex. */
  9: 0x0200,
  10: 0x3800,
  15: 0x3000,
};

/** The MII management frame after it has gone over the bus: a read has its data filled in. */
export function mdioFrame(frame: number): number {
  const field = (shift: number, mask: number) => (frame >>> shift) & mask;
  if (field(ENET_MMFR.OP_SHIFT, 3) !== ENET_MMFR.READ) return frame;
  const here = field(ENET_MMFR.PA_SHIFT, 31) === PHY_ADDRESS;
  const data = here ? (REGISTERS[field(ENET_MMFR.RA_SHIFT, 31)] ?? 0) : FLOATING;
  return ((frame & ~ENET_MMFR.DATA) | data) >>> 0;
}
