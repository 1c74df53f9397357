/**
 * ARM PL011 UART as QEMU's virt board wires it. A full transmit FIFO leaves at once if the line has room, a partly filled one when
 * the driver turns to its interrupt mask or with the next `poll`; bytes for the receiver wait on the line until the FIFO has room, so nothing overruns.
 * Not modelled: baud rate and framing (any setting works), modem lines, errors and break, loopback, DMA requests.
 */
import {
  PL011,
  PL011_FIFO_DEPTH,
  UART_ID,
  UART_RESET,
  UART_WIDTH,
  UARTCR,
  UARTFR,
  UARTIFLS,
  UARTIFLS_LEVELS,
  UARTINT,
  UARTLCR_H,
} from '../specs/pl011';
import type { Device, IrqLine } from './device';

/** The wire out of the transmitter. */
export interface LineOut {
  /** Takes as many bytes as it has room for and returns how many that was. */
  write(bytes: Uint8Array): number;
  /** `poll` is to be called when there is room again. */
  requestRoom(): void;
}

/** The wire into the receiver. `poll` is to be called when bytes arrive. */
export interface LineIn {
  /** Bytes that wait. */
  readonly length: number;
  /** At most `max` of them, in order. */
  read(max: number): Uint8Array;
}

export class Pl011 implements Device {
  readonly #tx: number[] = [];
  readonly #rx: number[] = [];
  #raw = 0;
  #mask = 0;
  readonly #plain = new Map<number, number>([
    [PL011.UARTIBRD, 0],
    [PL011.UARTFBRD, 0],
    [PL011.UARTLCR_H, 0],
    [PL011.UARTCR, UART_RESET.UARTCR],
    [PL011.UARTIFLS, UART_RESET.UARTIFLS],
    [PL011.UARTDMACR, 0],
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
      case PL011.UARTDR:
        return this.#readData();
      case PL011.UARTFR:
        return this.#flags();
      case PL011.UARTIMSC:
        return this.#mask;
      case PL011.UARTRIS:
        return this.#raw;
      case PL011.UARTMIS:
        return this.#raw & this.#mask;
      default:
        return this.#plain.get(offset) ?? UART_ID[(offset - PL011.UARTPeriphID0) / 4] ?? 0;
    }
  }

  write32(offset: number, value: number): void {
    switch (offset) {
      case PL011.UARTDR:
        this.#writeData(value & 0xff);
        break;
      case PL011.UARTIMSC:
        this.#mask = value & UARTINT.ALL;
        this.#transmit();
        break;
      case PL011.UARTICR:
        this.#raw &= ~value;
        break;
      case PL011.UARTIBRD:
        return this.#store(offset, value & UART_WIDTH.UARTIBRD);
      case PL011.UARTFBRD:
        return this.#store(offset, value & UART_WIDTH.UARTFBRD);
      case PL011.UARTIFLS:
        return this.#store(offset, value & UART_WIDTH.UARTIFLS);
      case PL011.UARTDMACR:
        return this.#store(offset, value & UART_WIDTH.UARTDMACR);
      case PL011.UARTCR:
        this.#store(offset, value & UART_WIDTH.UARTCR);
        return this.poll();
      case PL011.UARTLCR_H:
        // [DDI0183] 3.3.8: clearing FEN flushes the transmit FIFO.
        if ((value & UARTLCR_H.FEN) === 0) this.#tx.length = 0;
        return this.#store(offset, value & UART_WIDTH.UARTLCR_H);
    }
    this.#drive();
  }

  #store(offset: number, value: number): void {
    this.#plain.set(offset, value);
  }

  #flags(): number {
    const transmit = this.#tx.length === 0 ? UARTFR.TXFE : UARTFR.BUSY;
    const full = this.#tx.length >= this.#depth ? UARTFR.TXFF : 0;
    const receive = this.#rx.length === 0 ? UARTFR.RXFE : this.#rx.length >= this.#depth ? UARTFR.RXFF : 0;
    return transmit | full | receive;
  }

  #writeData(byte: number): void {
    // A byte written to a full FIFO is lost, as on the chip.
    if (this.#tx.length < this.#depth) this.#tx.push(byte);
    if (this.#tx.length > this.#transmitTrigger) this.#raw &= ~UARTINT.TX;
    if (this.#tx.length === this.#depth) this.#transmit();
  }

  #readData(): number {
    const byte = this.#rx.shift() ?? 0;
    // [DDI0183] 2.8.1: both clear themselves when software has read enough.
    if (this.#rx.length < this.#receiveTrigger) this.#raw &= ~UARTINT.RX;
    if (this.#rx.length === 0) this.#raw &= ~UARTINT.RT;
    if (this.#rx.length < this.#receiveTrigger) this.#receive();
    this.#drive();
    return byte;
  }

  #transmit(): void {
    if (!this.#enabled(UARTCR.TXE) || this.#tx.length === 0) return;
    const before = this.#tx.length;
    this.#tx.splice(0, this.txd.write(Uint8Array.from(this.#tx)));
    if (this.#tx.length > 0) {
      // Room that came before the request would not be told.
      this.txd.requestRoom();
      this.#tx.splice(0, this.txd.write(Uint8Array.from(this.#tx)));
    }
    // [DDI0183] 2.8.2: asserted by the transition through the level, so not by enabling it on an idle line.
    if (before > this.#transmitTrigger && this.#tx.length <= this.#transmitTrigger) this.#raw |= UARTINT.TX;
  }

  #receive(): void {
    const room = this.#depth - this.#rx.length;
    if (!this.#enabled(UARTCR.RXE) || room <= 0 || this.rxd.length === 0) return;
    this.#rx.push(...this.rxd.read(room));
    if (this.#rx.length >= this.#receiveTrigger) this.#raw |= UARTINT.RX;
    // Nothing follows: the 32 bit periods of silence after which the timeout is asserted are over at once.
    if (this.rxd.length === 0) this.#raw |= UARTINT.RT;
  }

  #enabled(direction: number): boolean {
    const wanted = UARTCR.UARTEN | direction;
    return (this.#plain.get(PL011.UARTCR)! & wanted) === wanted;
  }

  get #fifos(): boolean {
    return (this.#plain.get(PL011.UARTLCR_H)! & UARTLCR_H.FEN) !== 0;
  }

  get #depth(): number {
    return this.#fifos ? PL011_FIFO_DEPTH : 1;
  }

  get #transmitTrigger(): number {
    return this.#fifos ? this.#level(UARTIFLS.TXIFLSEL_SHIFT) : 0;
  }

  get #receiveTrigger(): number {
    return this.#fifos ? this.#level(UARTIFLS.RXIFLSEL_SHIFT) : 1;
  }

  #level(shift: number): number {
    const select = (this.#plain.get(PL011.UARTIFLS)! >> shift) & UARTIFLS.SEL_MASK;
    return UARTIFLS_LEVELS[select] ?? PL011_FIFO_DEPTH / 2;
  }

  #drive(): void {
    this.irq.level((this.#raw & this.#mask) !== 0);
  }
}
