/** [IMX8MDQLQRM] i.MX 8M Dual/8M QuadLite/8M Quad Reference Manual, "Ethernet MAC (ENET)". Numbers only. */

/** Register offsets. */
export const ENET = {
  EIR: 0x004,
  EIMR: 0x008,
  RDAR: 0x010,
  TDAR: 0x014,
  ECR: 0x024,
  MMFR: 0x040,
  MSCR: 0x044,
  MIBC: 0x064,
  RCR: 0x084,
  TCR: 0x0c4,
  PALR: 0x0e4,
  PAUR: 0x0e8,
  OPD: 0x0ec,
  TXIC0: 0x0f0,
  RXIC0: 0x100,
  IAUR: 0x118,
  IALR: 0x11c,
  GAUR: 0x120,
  GALR: 0x124,
  TFWR: 0x144,
  RDSR: 0x180,
  TDSR: 0x184,
  MRBR: 0x188,
  RSFL: 0x190,
  RSEM: 0x194,
  RAEM: 0x198,
  RAFL: 0x19c,
  TSEM: 0x1a0,
  TAEM: 0x1a4,
  TAFL: 0x1a8,
  TIPG: 0x1ac,
  FTRL: 0x1b0,
  TACC: 0x1c0,
  RACC: 0x1c4,
} as const;

/** EIR and EIMR: events, written 1 to clear. */
export const ENET_EVENT = {
  BABR: 1 << 30,
  BABT: 1 << 29,
  GRA: 1 << 28,
  TXF: 1 << 27,
  TXB: 1 << 26,
  RXF: 1 << 25,
  RXB: 1 << 24,
  MII: 1 << 23,
  EBERR: 1 << 22,
} as const;
/** Bits of EIR that are events. */
export const ENET_EVENTS = 0x7fff_8000;

/** RDAR and TDAR: descriptors are active. Any write sets it. */
export const ENET_ACTIVE = 1 << 24;

export const ENET_ECR = { RESET: 1 << 0, ETHEREN: 1 << 1, SPEED: 1 << 5, DBSWP: 1 << 8 } as const;

/** MIBC: MIB_DIS stops the counters, MIB_CLEAR zeroes them while it is set, MIB_IDLE reads 1 when they are at rest. */
export const ENET_MIBC = { DIS: 0x8000_0000, IDLE: 1 << 30, CLEAR: 1 << 29 } as const;

export const ENET_RCR = {
  MII_MODE: 1 << 2,
  PROM: 1 << 3,
  BC_REJ: 1 << 4,
  RGMII_EN: 1 << 6,
  /** 1 strips the FCS of received frames. */
  CRCFWD: 1 << 14,
  MAX_FL_SHIFT: 16,
  MAX_FL: 0x3fff,
} as const;

export const ENET_TCR = { GTS: 1 << 0, FDEN: 1 << 2 } as const;

/** TXIC0 and RXIC0: an interrupt after ICFT frames or ICTT ticks, whichever comes first. */
export const ENET_IC = { EN: 0x8000_0000, ICFT_SHIFT: 20, ICFT: 0xff, ICTT: 0xffff } as const;
/** A tick is 64 clocks of the 125 MHz transmit clock. */
export const ENET_IC_TICK_NS = 512;

export const ENET_TFWR = { STRFWD: 1 << 8 } as const;
export const ENET_TACC = { IPCHK: 1 << 3, PROCHK: 1 << 4 } as const;
export const ENET_RACC = { IPDIS: 1 << 1, PRODIS: 1 << 2, LINEDIS: 1 << 6 } as const;

/** MMFR: one frame on the management bus. Operation 2 reads, 1 writes. */
export const ENET_MMFR = { OP_SHIFT: 28, PA_SHIFT: 23, RA_SHIFT: 18, DATA: 0xffff, READ: 2, WRITE: 1 } as const;
/** MSCR: the divider of the management clock, which is off at 0. */
export const ENET_MSCR = { MII_SPEED: 0x7e } as const;

/** Values after a reset, where they are not 0. */
export const ENET_RESET: Readonly<Record<number, number>> = {
  [ENET.ECR]: 0xf000_0000,
  [ENET.MIBC]: 0xc000_0000,
  [ENET.RCR]: 0x05ee_0001,
  [ENET.PAUR]: 0x0000_8808,
  [ENET.OPD]: 0x0001_0000,
  [ENET.RAEM]: 0x4,
  [ENET.RAFL]: 0x4,
  [ENET.TAEM]: 0x4,
  [ENET.TAFL]: 0x8,
  [ENET.TIPG]: 0xc,
  [ENET.FTRL]: 0x7ff,
};

/** Bits that registers keep of what is written; the hash tables, which no reset changes, keep all. */
export const ENET_WIDTH: Readonly<Record<number, number>> = {
  [ENET.EIMR]: ENET_EVENTS,
  [ENET.ECR]: 0x0000_0372,
  [ENET.MSCR]: 0x0000_07fe,
  [ENET.MIBC]: 0xa000_0000,
  [ENET.RCR]: 0x7fff_ff7f,
  [ENET.TCR]: 0x0000_03fd,
  [ENET.PALR]: 0xffff_ffff,
  [ENET.PAUR]: 0xffff_0000,
  [ENET.OPD]: 0x0000_ffff,
  [ENET.TXIC0]: 0xcff0_ffff,
  [ENET.RXIC0]: 0xcff0_ffff,
  [ENET.IAUR]: 0xffff_ffff,
  [ENET.IALR]: 0xffff_ffff,
  [ENET.GAUR]: 0xffff_ffff,
  [ENET.GALR]: 0xffff_ffff,
  [ENET.TFWR]: 0x0000_013f,
  [ENET.RDSR]: 0xffff_fff8,
  [ENET.TDSR]: 0xffff_fff8,
  [ENET.MRBR]: 0x0000_3ff0,
  [ENET.RSFL]: 0x3ff,
  [ENET.RSEM]: 0x1f_03ff,
  [ENET.RAEM]: 0x3ff,
  [ENET.RAFL]: 0x3ff,
  [ENET.TSEM]: 0x3ff,
  [ENET.TAEM]: 0x3ff,
  [ENET.TAFL]: 0x3ff,
  [ENET.TIPG]: 0x1f,
  [ENET.FTRL]: 0x3fff,
  [ENET.TACC]: 0x19,
  [ENET.RACC]: 0xc7,
};

/** Legacy buffer descriptor: one word of status (high half) and length (low half), then the address. */
export const ENET_BD_SIZE = 8;
/** Receive status. L: the last buffer of a frame; the bits below it are valid there. */
export const ENET_RXBD = {
  EMPTY: 1 << 15,
  WRAP: 1 << 13,
  L: 1 << 11,
  /** Received in promiscuous mode only. */
  M: 1 << 8,
  BC: 1 << 7,
  MC: 1 << 6,
  LG: 1 << 5,
  NO: 1 << 4,
  CR: 1 << 2,
  OV: 1 << 1,
  TR: 1 << 0,
} as const;
/** Behind every frame on the wire. [IEEE 802.3] 3.2.9 */
export const ENET_FCS_SIZE = 4;
export const ENET_TXBD = { READY: 1 << 15, WRAP: 1 << 13, L: 1 << 11, TC: 1 << 10 } as const;

/** Counters that are kept, by offset. The ones of octets count the FCS, too. */
export const ENET_MIB = {
  RMON_T_PACKETS: 0x204,
  RMON_T_BC_PKT: 0x208,
  RMON_T_MC_PKT: 0x20c,
  RMON_T_CRC_ALIGN: 0x210,
  RMON_T_OVERSIZE: 0x218,
  RMON_T_P64: 0x228,
  RMON_T_OCTETS: 0x244,
  IEEE_T_FRAME_OK: 0x24c,
  IEEE_T_OCTETS_OK: 0x274,
  RMON_R_PACKETS: 0x284,
  RMON_R_BC_PKT: 0x288,
  RMON_R_MC_PKT: 0x28c,
  RMON_R_OVERSIZE: 0x298,
  RMON_R_P64: 0x2a8,
  RMON_R_OCTETS: 0x2c4,
  IEEE_R_FRAME_OK: 0x2cc,
  /** Frames that found no room in the FIFO. */
  IEEE_R_MACERR: 0x2d8,
  IEEE_R_OCTETS_OK: 0x2e0,
} as const;
/** Where the counters begin and end. */
export const ENET_MIB_RANGE = [0x200, 0x2e4] as const;
/** Largest length counted by RMON_x_P64 and the six counters behind it. */
export const ENET_MIB_SIZES = [64, 127, 255, 511, 1023, 2047, Number.POSITIVE_INFINITY] as const;
