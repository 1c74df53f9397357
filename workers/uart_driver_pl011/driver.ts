/**
 * Serial driver for the PL011: moves bytes between its FIFOs and the queues of the two virtualisers, which it trusts.
 * Upstream twin: au-ts/sddf drivers/serial/arm/uart.c; like it, this never writes UARTICR.
 */
import type { Channel, Kernel, ProtectionDomain } from '../../src/libmicrokit/pd';
import type { SerialQueue } from '../../src/protocol/serial_queue';
import { PL011, UARTCR, UARTFR, UARTINT, UARTLCR_H } from '../../src/specs/pl011';

export interface Mmio {
  read32(offset: number): number;
  write32(offset: number, value: number): void;
}

export interface SerialEnd {
  readonly ch: Channel;
  readonly queue: SerialQueue;
}

/** 24 MHz / (16 * 115200), whole part and 64ths. [DDI0183] 3.3.6 */
const INTEGER_BAUD = 13;
const FRACTIONAL_BAUD = 1;
const HANDLED = UARTINT.RX | UARTINT.RT | UARTINT.TX;

export class UartDriver implements ProtectionDomain {
  constructor(
    readonly kernel: Kernel,
    readonly mmio: Mmio,
    readonly irq: Channel,
    /** Bytes towards serial_virt_rx: this end produces. */
    readonly rx: SerialEnd,
    /** Bytes from serial_virt_tx: this end consumes. */
    readonly tx: SerialEnd,
  ) {}

  /** [DDI0183] 3.3.8: the order in which the control register may be programmed. */
  init(): void {
    // A polled wait, but the model sends as soon as it can: the flag is clear unless the terminal is stuck.
    while (this.mmio.read32(PL011.UARTFR) & UARTFR.BUSY);
    this.mmio.write32(PL011.UARTCR, 0);
    this.mmio.write32(PL011.UARTIBRD, INTEGER_BAUD);
    this.mmio.write32(PL011.UARTFBRD, FRACTIONAL_BAUD);
    // differs: 8 bits and no parity, where upstream's expression sets neither.
    this.mmio.write32(PL011.UARTLCR_H, UARTLCR_H.WLEN_8 | UARTLCR_H.FEN);
    this.mmio.write32(PL011.UARTIFLS, 0);
    this.mmio.write32(PL011.UARTIMSC, HANDLED);
    this.mmio.write32(PL011.UARTCR, UARTCR.UARTEN | UARTCR.TXE | UARTCR.RXE);
  }

  notified(ch: Channel): void {
    if (ch === this.irq) this.#handleIrq();
    else if (ch === this.tx.ch) this.#txProvide();
    else if (ch === this.rx.ch) this.#rxReturn();
  }

  #handleIrq(): void {
    for (let pending = this.#pending; pending !== 0; pending = this.#pending) {
      if (pending & (UARTINT.RX | UARTINT.RT)) this.#rxReturn();
      if (pending & UARTINT.TX) this.#txProvide();
    }
    this.kernel.irqAck(this.irq);
  }

  get #pending(): number {
    return this.mmio.read32(PL011.UARTMIS) & HANDLED;
  }

  /** Sends what is queued now and no more: bytes that come later are notified, and keys must not wait for them. */
  #txProvide(): void {
    const { queue, ch } = this.tx;
    const bytes = queue.peek();
    let sent = 0;
    while (sent < bytes.length && !this.#flag(UARTFR.TXFF)) this.mmio.write32(PL011.UARTDR, bytes[sent++]!);
    queue.consume(sent);
    this.#enable(UARTINT.TX, sent < bytes.length);
    if (sent > 0 && queue.takeProducerSignal()) this.kernel.notify(ch);
  }

  /** With the queue full the interrupts stay masked, and bytes wait on the line until the virtualiser has made room. */
  #rxReturn(): void {
    const { queue, ch } = this.rx;
    let received = 0;
    let blocked = false;
    do {
      received += this.#receive(queue);
      blocked = !this.#flag(UARTFR.RXFE);
      if (blocked) queue.requestProducerSignal();
      // Room that came before the request is not signalled.
    } while (blocked && queue.free > 0);
    this.#enable(UARTINT.RX | UARTINT.RT, !blocked);
    if (received > 0) this.kernel.notify(ch);
  }

  #receive(queue: SerialQueue): number {
    const bytes: number[] = [];
    const room = queue.free;
    while (bytes.length < room && !this.#flag(UARTFR.RXFE)) bytes.push(this.mmio.read32(PL011.UARTDR) & 0xff);
    return queue.write(Uint8Array.from(bytes));
  }

  #flag(bit: number): boolean {
    return (this.mmio.read32(PL011.UARTFR) & bit) !== 0;
  }

  #enable(interrupts: number, on: boolean): void {
    const mask = this.mmio.read32(PL011.UARTIMSC);
    this.mmio.write32(PL011.UARTIMSC, on ? mask | interrupts : mask & ~interrupts);
  }
}
