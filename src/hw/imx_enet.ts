/**
 * Gigabit Ethernet MAC of the i.MX 8M (ENET), ring 0, legacy descriptors. Frames leave within the write to TDAR and arrive within
 * `poll`; on the wire they have 60 bytes at least and a FCS that is always right.
 * Not modelled: checksum offloads (TACC, RACC), FIFO thresholds, pause frames, loopback, half duplex, VLAN and pad removal (RCR.PADEN),
 * source address insertion, enhanced descriptors and time stamps, rings 1 and 2, Magic Packets.
 */
import { ENET, ENET_ACTIVE, ENET_ECR, ENET_EVENT, ENET_MIBC, ENET_MSCR, ENET_TCR } from '../specs/imx_enet';
import type { Device, Dma, IrqLine } from './device';
import { Coalescing } from './imx_enet_coalescing';
import { MibCounters } from './imx_enet_counters';
import { mdioFrame } from './imx_enet_mdio';
import { EnetReceiver } from './imx_enet_receive';
import { EnetRegisters } from './imx_enet_registers';
import { BdRing } from './imx_enet_rings';
import { EnetTransmitter } from './imx_enet_transmit';
import { drainWire, type Wire } from './wire';

export class ImxEnet implements Device {
  readonly #registers = new EnetRegisters();
  readonly #counters = new MibCounters();
  readonly #receiver: EnetReceiver;
  readonly #transmitter: EnetTransmitter;
  #moreToReceive = false;

  constructor(
    readonly wire: Wire,
    /** What the boot loader has written into PALR and PAUR. */
    mac: Uint8Array,
    dma: Dma,
    readonly irq: IrqLine,
    /** The transmit clock: nanoseconds since power-on. */
    nowNs: () => number,
  ) {
    const registers = this.#registers;
    const ring = () => new BdRing(dma, () => (registers.get(ENET.ECR) & ENET_ECR.DBSWP) !== 0);
    const coalescing = (register: number, event: number) =>
      new Coalescing(
        nowNs,
        () => registers.get(register),
        () => registers.raise(event),
      );
    const rxEvents = coalescing(ENET.RXIC0, ENET_EVENT.RXF);
    const txEvents = coalescing(ENET.TXIC0, ENET_EVENT.TXF);
    this.#receiver = new EnetReceiver(registers, ring(), this.#counters, rxEvents);
    this.#transmitter = new EnetTransmitter(registers, ring(), this.#counters, txEvents, wire);
    const view = new DataView(mac.buffer, mac.byteOffset, mac.byteLength);
    registers.write(ENET.PALR, view.getUint32(0));
    registers.write(ENET.PAUR, view.getUint16(4) << 16);
  }

  /** When a coalesced event is due; 0, which has always passed, while more frames may be waiting than one poll takes. */
  get deadlineNs(): number | undefined {
    if (this.#moreToReceive) return 0;
    const [rx, tx] = [this.#receiver.coalescing.deadlineNs, this.#transmitter.coalescing.deadlineNs];
    return rx === undefined || tx === undefined ? (rx ?? tx) : Math.min(rx, tx);
  }

  /** Takes what has arrived on the wire, and lets coalescing timers end. */
  poll(): void {
    this.#moreToReceive = drainWire(this.wire, (frame) => this.#stopUnless(this.#receiver.frame(frame)));
    this.#receiver.coalescing.poll();
    this.#transmitter.coalescing.poll();
    this.#drive();
  }

  /** 0 where there is no register. */
  read32(offset: number): number {
    // The counters are always at rest.
    if (offset === ENET.MIBC) return (this.#registers.get(offset) | ENET_MIBC.IDLE) >>> 0;
    return this.#counters.read(offset) ?? this.#registers.get(offset);
  }

  write32(offset: number, value: number): void {
    const registers = this.#registers;
    switch (offset) {
      case ENET.EIR:
        registers.set(offset, registers.get(offset) & ~value);
        break;
      case ENET.RDAR:
        if (registers.enabled) this.#stopUnless(this.#receiver.activate());
        break;
      case ENET.TDAR:
        if (registers.enabled) registers.set(offset, ENET_ACTIVE);
        this.#stopUnless(this.#transmitter.run());
        break;
      case ENET.ECR:
        this.#writeEcr(value);
        break;
      case ENET.TCR:
        this.#writeTcr(value);
        break;
      case ENET.MMFR:
        this.#manage(value);
        break;
      case ENET.MIBC:
        registers.write(offset, value);
        this.#counters.enabled = (value & (ENET_MIBC.DIS | ENET_MIBC.CLEAR)) === 0;
        if (value & ENET_MIBC.CLEAR) this.#counters.clear();
        break;
      default:
        registers.write(offset, value);
    }
    this.#drive();
  }

  #writeEcr(value: number): void {
    const registers = this.#registers;
    // The reset takes eight clocks: nobody sees the bit set.
    if (value & ENET_ECR.RESET) return this.#reset();
    const was = registers.enabled;
    registers.write(ENET.ECR, value);
    if (!registers.enabled) this.#stop();
    if (was || !registers.enabled) return;
    this.#receiver.ring.restart(registers.get(ENET.RDSR));
    this.#transmitter.ring.restart(registers.get(ENET.TDSR));
  }

  #reset(): void {
    this.#registers.reset();
    this.#counters.enabled = false;
    this.#receiver.coalescing.reset();
    this.#transmitter.coalescing.reset();
    this.#stop();
  }

  /** Without ETHEREN the engine forgets what it was at. */
  #stop(): void {
    this.#receiver.stop();
    this.#transmitter.stop();
  }

  /** EIR.EBERR: the engine could not reach its memory, and the MAC stops. */
  #stopUnless(reached: boolean): void {
    if (reached) return;
    const registers = this.#registers;
    registers.raise(ENET_EVENT.EBERR);
    registers.set(ENET.ECR, registers.get(ENET.ECR) & ~ENET_ECR.ETHEREN);
    this.#stop();
  }

  #writeTcr(value: number): void {
    const stops = value & ~this.#registers.get(ENET.TCR) & ENET_TCR.GTS;
    this.#registers.write(ENET.TCR, value);
    if (stops) this.#registers.raise(ENET_EVENT.GRA);
    else this.#stopUnless(this.#transmitter.run());
  }

  #manage(frame: number): void {
    // Without a clock the frame never leaves.
    if ((this.#registers.get(ENET.MSCR) & ENET_MSCR.MII_SPEED) === 0) return;
    this.#registers.set(ENET.MMFR, mdioFrame(frame));
    this.#registers.raise(ENET_EVENT.MII);
  }

  #drive(): void {
    this.irq.level((this.#registers.get(ENET.EIR) & this.#registers.get(ENET.EIMR)) !== 0);
  }
}
