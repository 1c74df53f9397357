/**
 * Serial driver for the i.MX UART: moves bytes between its FIFOs and the queues of the two virtualisers, which it trusts.
 * Upstream twin: au-ts/sddf drivers/serial/imx/uart.c.
 */
import type { Channel, Kernel, ProtectionDomain } from '../../src/libmicrokit/pd';
import type { SerialQueue } from '../../src/protocol/serial_queue';
import { IMX_UART, UCR1, UCR2, UFCR, UFCR_RFDIV_2, URXD, USR1, UTS } from '../../src/specs/imx_uart';

export interface Mmio {
  read32(offset: number): number;
  write32(offset: number, value: number): void;
}

export interface SerialEnd {
  readonly ch: Channel;
  readonly queue: SerialQueue;
}

/** 24.192 MHz / 2 is 105 / 16 times 16 * 115200; the registers hold numerator and denominator less one. */
const UBIR_115200 = 15;
const UBMR_115200 = 104;
/** An interrupt for every byte received, and when two are left to send. */
const RX_TRIGGER = 1;
const TX_TRIGGER = 2;
const ERRORS = USR1.FRAMERR | USR1.PARITYERR;

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

  /** UBIR comes before UBMR: the second write takes both over. */
  init(): void {
    this.#change(IMX_UART.UCR1, 0, UCR1.UARTEN);
    this.#change(IMX_UART.UCR2, UCR2.STPB, UCR2.TXEN | UCR2.RXEN | UCR2.WS);
    this.#change(IMX_UART.UFCR, UFCR.RFDIV, UFCR_RFDIV_2 << UFCR.RFDIV_SHIFT);
    this.mmio.write32(IMX_UART.UBIR, UBIR_115200);
    this.mmio.write32(IMX_UART.UBMR, UBMR_115200);
    this.#change(IMX_UART.UCR2, UCR2.PREN | UCR2.ESCEN | UCR2.ESCI | UCR2.ATEN, 0);
    this.#change(IMX_UART.UFCR, UFCR.RXTL | UFCR.TXTL, RX_TRIGGER | (TX_TRIGGER << UFCR.TXTL_SHIFT));
    this.#change(IMX_UART.UCR1, 0, UCR1.RRDYEN);
  }

  notified(ch: Channel): void {
    if (ch === this.irq) this.#handleIrq();
    else if (ch === this.tx.ch) this.#txProvide();
    else if (ch === this.rx.ch) this.#rxReturn();
  }

  #handleIrq(): void {
    for (let events = this.#events; events !== 0; events = this.#events) {
      if (events & USR1.RRDY) this.#rxReturn();
      if (events & USR1.TRDY) this.#txProvide();
      if (events & ERRORS) this.#reportErrors();
    }
    this.kernel.irqAck(this.irq);
  }

  /**
   * What there is to do now; each enable bit has its status bit's place.
   * differs: upstream takes RRDY for an event also while it is disabled, and with a full queue never leaves its loop.
   */
  get #events(): number {
    const enabled = this.mmio.read32(IMX_UART.UCR1) & (UCR1.RRDYEN | UCR1.TRDYEN);
    return this.mmio.read32(IMX_UART.USR1) & (enabled | ERRORS);
  }

  #reportErrors(): void {
    const status = this.mmio.read32(IMX_UART.USR1);
    this.kernel.print(`UART|ERROR: Uart device encountered an error with status register ${status}\n`);
    this.mmio.write32(IMX_UART.USR1, status & ERRORS);
  }

  /** Sends what is queued now and no more: bytes that come later are notified, and keys must not wait for them. */
  #txProvide(): void {
    const { queue, ch } = this.tx;
    const bytes = queue.peek();
    let sent = 0;
    while (sent < bytes.length && !this.#flag(UTS.TXFULL)) this.mmio.write32(IMX_UART.UTXD, bytes[sent++]!);
    queue.consume(sent);
    this.#enable(UCR1.TRDYEN, sent < bytes.length);
    if (sent > 0 && queue.takeProducerSignal()) this.kernel.notify(ch);
  }

  /** With the queue full the interrupt stays disabled, and bytes wait on the line until the virtualiser has made room. */
  #rxReturn(): void {
    const { queue, ch } = this.rx;
    let received = 0;
    let blocked = false;
    do {
      received += this.#receive(queue);
      blocked = !this.#flag(UTS.RXEMPTY);
      if (blocked) queue.requestProducerSignal();
      // Room that came before the request is not signalled.
    } while (blocked && queue.free > 0);
    this.#enable(UCR1.RRDYEN, !blocked);
    if (received > 0) this.kernel.notify(ch);
  }

  #receive(queue: SerialQueue): number {
    const bytes: number[] = [];
    const room = queue.free;
    while (bytes.length < room && !this.#flag(UTS.RXEMPTY)) {
      bytes.push(this.mmio.read32(IMX_UART.URXD) & URXD.RX_DATA);
    }
    return queue.write(Uint8Array.from(bytes));
  }

  #flag(bit: number): boolean {
    return (this.mmio.read32(IMX_UART.UTS) & bit) !== 0;
  }

  #enable(interrupt: number, on: boolean): void {
    this.#change(IMX_UART.UCR1, interrupt, on ? interrupt : 0);
  }

  #change(register: number, clear: number, set: number): void {
    this.mmio.write32(register, (this.mmio.read32(register) & ~clear) | set);
  }
}
