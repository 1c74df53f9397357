/**
 * UART of the i.MX 8M. Both FIFOs are 32 bytes deep. A full transmit FIFO leaves at once if the line has room, a partly filled one when
 * the driver turns to UCR1 or with the next `poll`; bytes for the receiver wait on the line until the FIFO has room, so nothing overruns.
 * Not modelled: baud rate and framing (any setting works), modem lines, errors, break and escape sequences, ageing, loopback, infrared,
 * DMA requests, and interrupts other than RRDY and TRDY.
 */
import {
  IMX_UART,
  IMX_UART_FIFO_DEPTH,
  IMX_UART_RESET,
  IMX_UART_WIDTH,
  UCR1,
  UCR2,
  UFCR,
  URXD,
  USR1,
  USR2,
  UTS,
} from '../specs/imx_uart';
import type { Device, IrqLine } from './device';
import type { LineIn, LineOut } from './pl011';

/** Registers that only hold what is written, by offset: the bits they have. */
const WIDTHS: ReadonlyMap<number, number> = new Map([
  [IMX_UART.UCR3, IMX_UART_WIDTH.UCR3],
  [IMX_UART.UCR4, IMX_UART_WIDTH.UCR4],
  [IMX_UART.UFCR, IMX_UART_WIDTH.UFCR],
  [IMX_UART.UESC, IMX_UART_WIDTH.UESC],
  [IMX_UART.UTIM, IMX_UART_WIDTH.UTIM],
  [IMX_UART.UBIR, IMX_UART_WIDTH.UBIR],
  [IMX_UART.UBMR, IMX_UART_WIDTH.UBMR],
  [IMX_UART.ONEMS, IMX_UART_WIDTH.ONEMS],
]);

export class ImxUart implements Device {
  readonly #tx: number[] = [];
  readonly #rx: number[] = [];
  readonly #plain = new Map<number, number>([
    [IMX_UART.UCR1, 0],
    [IMX_UART.UCR2, IMX_UART_RESET.UCR2],
    [IMX_UART.UCR3, IMX_UART_RESET.UCR3],
    [IMX_UART.UCR4, IMX_UART_RESET.UCR4],
    [IMX_UART.UFCR, IMX_UART_RESET.UFCR],
    [IMX_UART.UESC, IMX_UART_RESET.UESC],
    [IMX_UART.UBRC, IMX_UART_RESET.UBRC],
  ]);

  constructor(
    readonly irq: IrqLine,
    readonly txd: LineOut,
    readonly rxd: LineIn,
  ) {}

  /** Time passes on the wire: what waits in the FIFO leaves, what waits on the line arrives. */
  poll(): void {
    this.#transmit();
    this.#receive();
    this.#drive();
  }

  read32(offset: number): number {
    switch (offset) {
      case IMX_UART.URXD:
        return this.#readData();
      case IMX_UART.USR1:
        return this.#status;
      case IMX_UART.USR2:
        return (this.#rx.length > 0 ? USR2.RDR : 0) | (this.#tx.length === 0 ? USR2.TXFE | USR2.TXDC : 0);
      case IMX_UART.UTS:
        return this.#fifoFlags;
      default:
        return this.#plain.get(offset) ?? 0;
    }
  }

  write32(offset: number, value: number): void {
    switch (offset) {
      case IMX_UART.UTXD:
        this.#writeData(value & 0xff);
        break;
      case IMX_UART.UCR1:
        this.#plain.set(offset, value & IMX_UART_WIDTH.UCR1);
        return this.poll();
      case IMX_UART.UCR2:
        if ((value & UCR2.SRST) === 0) this.#reset();
        // The reset takes four clocks: nobody sees the bit clear.
        this.#plain.set(offset, (value & IMX_UART_WIDTH.UCR2) | UCR2.SRST);
        return this.poll();
      default:
        if (WIDTHS.has(offset)) this.#plain.set(offset, value & WIDTHS.get(offset)!);
    }
    this.#drive();
  }

  /** UCR2, SRST: the FIFOs and the baud rate registers are reset, the control registers are not. */
  #reset(): void {
    this.#tx.length = 0;
    this.#rx.length = 0;
    this.#plain.set(IMX_UART.UBIR, 0);
    this.#plain.set(IMX_UART.UBMR, 0);
  }

  /** Both bits are levels: nothing but filling or emptying a FIFO changes them. */
  get #status(): number {
    const receive = this.#rx.length >= this.#receiveTrigger ? USR1.RRDY : 0;
    const transmit = this.#tx.length <= this.#transmitTrigger ? USR1.TRDY : 0;
    return receive | transmit;
  }

  get #fifoFlags(): number {
    const of = (length: number, empty: number, full: number) =>
      length === 0 ? empty : length >= IMX_UART_FIFO_DEPTH ? full : 0;
    return of(this.#rx.length, UTS.RXEMPTY, UTS.RXFULL) | of(this.#tx.length, UTS.TXEMPTY, UTS.TXFULL);
  }

  #writeData(byte: number): void {
    // A byte written to a full FIFO, or with the transmitter off, is lost, as on the chip.
    if (!this.#enabled(UCR2.TXEN) || this.#tx.length >= IMX_UART_FIFO_DEPTH) return;
    this.#tx.push(byte);
    if (this.#tx.length === IMX_UART_FIFO_DEPTH) this.#transmit();
  }

  #readData(): number {
    const byte = this.#rx.shift();
    if (this.#rx.length < this.#receiveTrigger) this.#receive();
    this.#drive();
    return byte === undefined ? 0 : byte | URXD.CHARRDY;
  }

  #transmit(): void {
    if (!this.#enabled(UCR2.TXEN) || this.#tx.length === 0) return;
    this.#tx.splice(0, this.txd.write(Uint8Array.from(this.#tx)));
    if (this.#tx.length === 0) return;
    // Room that came before the request would not be told.
    this.txd.requestRoom();
    this.#tx.splice(0, this.txd.write(Uint8Array.from(this.#tx)));
  }

  #receive(): void {
    const room = IMX_UART_FIFO_DEPTH - this.#rx.length;
    if (!this.#enabled(UCR2.RXEN) || room <= 0 || this.rxd.length === 0) return;
    this.#rx.push(...this.rxd.read(room));
  }

  #enabled(direction: number): boolean {
    return (this.#plain.get(IMX_UART.UCR1)! & UCR1.UARTEN) !== 0 && (this.#plain.get(IMX_UART.UCR2)! & direction) !== 0;
  }

  /** Level 0 would be an interrupt without a byte: it counts as 1. */
  get #receiveTrigger(): number {
    return Math.max(1, this.#plain.get(IMX_UART.UFCR)! & UFCR.RXTL);
  }

  get #transmitTrigger(): number {
    return (this.#plain.get(IMX_UART.UFCR)! & UFCR.TXTL) >> UFCR.TXTL_SHIFT;
  }

  #drive(): void {
    const enabled = this.#plain.get(IMX_UART.UCR1)! & (UCR1.RRDYEN | UCR1.TRDYEN);
    this.irq.level((this.#status & enabled) !== 0);
  }
}
