/** [IMX8MDQLQRM] i.MX 8M Dual/8M QuadLite/8M Quad Reference Manual, "Universal Asynchronous Receiver/Transmitter (UART)". Numbers only. */
import { type RegisterTable, registers } from './registers';

/** Register offsets. "UART Memory Map" */
export const IMX_UART = {
  URXD: 0x00,
  UTXD: 0x40,
  UCR1: 0x80,
  UCR2: 0x84,
  UCR3: 0x88,
  UCR4: 0x8c,
  UFCR: 0x90,
  USR1: 0x94,
  USR2: 0x98,
  UESC: 0x9c,
  UTIM: 0xa0,
  UBIR: 0xa4,
  UBMR: 0xa8,
  UBRC: 0xac,
  ONEMS: 0xb0,
  UTS: 0xb4,
} as const;

/** URXD: a byte in bits 7:0, and whether there was one. */
export const URXD = { RX_DATA: 0xff, CHARRDY: 1 << 15 } as const;

/** UCR1: control. RRDYEN and TRDYEN are where RRDY and TRDY are in USR1. */
export const UCR1 = { UARTEN: 1 << 0, RRDYEN: 1 << 9, TRDYEN: 1 << 13 } as const;

/** UCR2: control. SRST is active low and reads 1 when the reset is over. */
export const UCR2 = {
  SRST: 1 << 0,
  RXEN: 1 << 1,
  TXEN: 1 << 2,
  ATEN: 1 << 3,
  WS: 1 << 5,
  STPB: 1 << 6,
  PREN: 1 << 8,
  ESCEN: 1 << 11,
  ESCI: 1 << 15,
} as const;

/** UFCR: trigger levels in bytes, and the divider of the reference clock. */
export const UFCR = { RXTL: 0x3f, RFDIV: 7 << 7, TXTL: 0x3f << 10, RFDIV_SHIFT: 7, TXTL_SHIFT: 10 } as const;
/** RFDIV: divide by two. */
export const UFCR_RFDIV_2 = 4;

/** USR1: status. ESCF and the two errors are written 1 to clear; RRDY and TRDY follow the FIFOs. */
export const USR1 = { RRDY: 1 << 9, FRAMERR: 1 << 10, ESCF: 1 << 11, TRDY: 1 << 13, PARITYERR: 1 << 15 } as const;

/** USR2: status. */
export const USR2 = { RDR: 1 << 0, TXDC: 1 << 3, TXFE: 1 << 14 } as const;

/** UTS: test register; the state of the FIFOs. */
export const UTS = { SOFTRST: 1 << 0, RXFULL: 1 << 3, TXFULL: 1 << 4, RXEMPTY: 1 << 5, TXEMPTY: 1 << 6 } as const;

/** Bits that the registers keep of what is written. */
export const IMX_UART_WIDTH = {
  UCR1: 0xffff,
  UCR2: 0xffff,
  UCR3: 0xffff,
  UCR4: 0xffff,
  UFCR: 0xffff,
  UESC: 0xff,
  UTIM: 0xfff,
  UBIR: 0xffff,
  UBMR: 0xffff,
  ONEMS: 0xff_ffff,
} as const;

/** Reset values that are not zero. */
export const IMX_UART_RESET = { UCR2: 1, UCR3: 0x700, UCR4: 0x8000, UFCR: 0x801, UESC: 0x2b, UBRC: 4 } as const;

/** Bytes in each of the two FIFOs. */
export const IMX_UART_FIFO_DEPTH = 32;

export const IMX_UART_REGISTERS: RegisterTable = {
  name: 'i.MX UART',
  size: 0x1000,
  registers: registers(IMX_UART, {
    URXD: { access: 'data', masks: URXD },
    UTXD: { access: 'w', masks: { TX_DATA: 0xff } },
    UCR1: { masks: UCR1 },
    UCR2: { masks: UCR2 },
    UFCR: {
      masks: { RXTL: UFCR.RXTL, RFDIV: UFCR.RFDIV, TXTL: UFCR.TXTL },
      valuesOf: { RFDIV: { 'by two': UFCR_RFDIV_2 } },
    },
    USR1: { access: 'r', masks: USR1 },
    USR2: { access: 'r', masks: USR2 },
    UBRC: { access: 'r' },
    UTS: { access: 'r', masks: UTS },
  }),
};
