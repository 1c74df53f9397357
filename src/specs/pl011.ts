/** [DDI0183] ARM PrimeCell UART (PL011) Technical Reference Manual, revision G, chapter 3. Numbers only. */
import { type RegisterTable, registers } from './registers';

/** Register offsets. [DDI0183] 3.2 */
export const PL011 = {
  UARTDR: 0x000,
  UARTRSR: 0x004,
  UARTFR: 0x018,
  UARTIBRD: 0x024,
  UARTFBRD: 0x028,
  UARTLCR_H: 0x02c,
  UARTCR: 0x030,
  UARTIFLS: 0x034,
  UARTIMSC: 0x038,
  UARTRIS: 0x03c,
  UARTMIS: 0x040,
  UARTICR: 0x044,
  UARTDMACR: 0x048,
  UARTPeriphID0: 0xfe0,
} as const;

/** UARTFR: flags. [DDI0183] 3.3.3 */
export const UARTFR = { BUSY: 1 << 3, RXFE: 1 << 4, TXFF: 1 << 5, RXFF: 1 << 6, TXFE: 1 << 7 } as const;

/** UARTLCR_H: line control. [DDI0183] 3.3.7 */
export const UARTLCR_H = { PEN: 1 << 1, EPS: 1 << 2, STP2: 1 << 3, FEN: 1 << 4, WLEN_8: 3 << 5 } as const;

/** UARTCR: control. [DDI0183] 3.3.8 */
export const UARTCR = { UARTEN: 1 << 0, TXE: 1 << 8, RXE: 1 << 9 } as const;

/** UARTIFLS: where the trigger levels are. [DDI0183] 3.3.9 */
export const UARTIFLS = { TXIFLSEL_SHIFT: 0, RXIFLSEL_SHIFT: 3, SEL_MASK: 7 } as const;
/** Trigger levels of a 16-byte FIFO by selector: 1/8, 1/4, 1/2, 3/4, 7/8; the other selectors are reserved. */
export const UARTIFLS_LEVELS = [2, 4, 8, 12, 14] as const;

/** Bits of UARTIMSC, UARTRIS, UARTMIS and UARTICR. [DDI0183] 3.3.10 to 3.3.13 */
export const UARTINT = { RX: 1 << 4, TX: 1 << 5, RT: 1 << 6, ALL: 0x7ff } as const;

/** Bits that the other registers keep of what is written. */
export const UART_WIDTH = {
  UARTIBRD: 0xffff,
  UARTFBRD: 0x3f,
  UARTLCR_H: 0xff,
  UARTCR: 0xff87,
  UARTIFLS: 0x3f,
  UARTDMACR: 7,
};

/** Reset values that are not zero. [DDI0183] 3.2 */
export const UART_RESET = { UARTCR: 0x300, UARTIFLS: 0x12 } as const;

/** UARTPeriphID0 to 3 and UARTPCellID0 to 3, one byte each in a word. [DDI0183] 3.3.15 and 3.3.16; the revision is QEMU's. */
export const UART_ID = [0x11, 0x10, 0x14, 0x00, 0x0d, 0xf0, 0x05, 0xb1] as const;

export const PL011_FIFO_DEPTH = 16;

/** Of UARTLCR_H, the field WLEN: bits of a character. */
const UART_WLEN = { '5 bits': 0, '6 bits': 1, '7 bits': 2, '8 bits': 3 };
const UART_INTERRUPTS = { RX: UARTINT.RX, TX: UARTINT.TX, RT: UARTINT.RT };

export const PL011_REGISTERS: RegisterTable = {
  name: 'PL011',
  size: 0x1000,
  registers: registers(
    { ...PL011, UARTPeriphID1: 0xfe4, UARTPeriphID2: 0xfe8, UARTPeriphID3: 0xfec },
    {
      UARTDR: { access: 'data', masks: { DATA: 0xff } },
      UARTRSR: { access: 'r', seldom: true },
      UARTFR: { access: 'r', masks: UARTFR },
      UARTLCR_H: {
        masks: { PEN: 1 << 1, EPS: 1 << 2, STP2: 1 << 3, FEN: 1 << 4, WLEN: 3 << 5 },
        valuesOf: { WLEN: UART_WLEN },
      },
      UARTCR: { masks: UARTCR },
      UARTIFLS: { masks: { TXIFLSEL: 7, RXIFLSEL: 7 << 3 } },
      UARTIMSC: { masks: UART_INTERRUPTS },
      UARTRIS: { access: 'r', masks: UART_INTERRUPTS },
      UARTMIS: { access: 'r', masks: UART_INTERRUPTS },
      UARTICR: { access: 'w', masks: UART_INTERRUPTS },
      UARTPeriphID0: { access: 'r', seldom: true },
      UARTPeriphID1: { access: 'r', seldom: true },
      UARTPeriphID2: { access: 'r', seldom: true },
      UARTPeriphID3: { access: 'r', seldom: true },
    },
  ),
};
