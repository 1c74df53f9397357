/**
 * ENET driver of the i.MX 8M: sDDF buffers to buffer descriptors and back. Trusts the device to move data, not what it writes into
 * descriptors, and no descriptor of a virtualiser's. The link is as the boot loader left it. Upstream twin: au-ts/sddf
 * drivers/network/imx/ethernet.c.
 */
import type { Channel, Kernel, ProtectionDomain } from '../../src/libmicrokit/pd';
import { NetDriver } from '../../src/protocol/net_driver';
import { NET_BUFFER_SIZE, type NetBuffDesc, type NetQueues } from '../../src/protocol/net_queue';
import type { Region } from '../../src/protocol/region';
import {
  ENET,
  ENET_ACTIVE,
  ENET_ECR,
  ENET_EVENT,
  ENET_FCS_SIZE,
  ENET_IC,
  ENET_MIBC,
  ENET_RACC,
  ENET_RCR,
  ENET_RXBD,
  ENET_TACC,
  ENET_TCR,
  ENET_TFWR,
  ENET_TXBD,
} from '../../src/specs/imx_enet';
import { DescriptorRing } from './descriptor_ring';

export interface Mmio {
  read32(offset: number): number;
  write32(offset: number, value: number): void;
}

export interface End extends NetQueues {
  readonly ch: Channel;
}

export interface Ends {
  readonly irq: Channel;
  /** net_virt_rx: this end sends. */
  readonly rx: End;
  /** net_virt_tx: this end receives. */
  readonly tx: End;
  readonly rxRing: Region;
  readonly txRing: Region;
}

const IRQ_MASK = ENET_EVENT.TXF | ENET_EVENT.RXF | ENET_EVENT.EBERR;
const MAX_FRAME = 1518;
const MAX_PACKET_SIZE = 1536;
const RX_ERRORS = ENET_RXBD.LG | ENET_RXBD.NO | ENET_RXBD.CR | ENET_RXBD.OV | ENET_RXBD.TR;
/** One interrupt for 128 frames sent, or after 255 ticks. */
const TX_BATCH = (ENET_IC.EN | (128 << ENET_IC.ICFT_SHIFT) | 0xff) >>> 0;
/** Times a bit is read before the device is taken for broken; it is at rest within a few clocks. */
const PATIENCE = 10_000;

export class EthDriverImx implements ProtectionDomain {
  readonly #rxRing: DescriptorRing;
  readonly #txRing: DescriptorRing;
  readonly #driver: NetDriver;

  constructor(
    readonly kernel: Kernel,
    readonly mmio: Mmio,
    readonly ends: Ends,
  ) {
    const rx = new DescriptorRing(ends.rxRing, ENET_RXBD.EMPTY);
    const tx = new DescriptorRing(ends.txRing, ENET_TXBD.READY);
    this.#rxRing = rx;
    this.#txRing = tx;
    this.#driver = new NetDriver(ends.rx, ends.tx, {
      get rxRoom() {
        return rx.hasRoom;
      },
      get txRoom() {
        return tx.hasRoom;
      },
      reaches: (address) => address <= 0x1_0000_0000 - NET_BUFFER_SIZE,
      provide: (address) => rx.put({ io_or_offset: address, len: 0 }, 0),
      send: (frame) => tx.put(frame, ENET_TXBD.TC | ENET_TXBD.L),
      received: () => received(rx),
      sent: () => tx.take()?.address,
    });
  }

  init(): void {
    const problem = this.#startDevice();
    if (problem !== undefined) throw new Error(problem);
    this.#move();
  }

  notified(ch: Channel): void {
    if (ch === this.ends.irq) this.#interrupt();
    this.#move();
    if (ch === this.ends.irq) this.kernel.irqAck(ch);
  }

  /** differs: upstream reports EBERR and goes on, but the device has stopped. */
  #interrupt(): void {
    const events = this.mmio.read32(ENET.EIR) & IRQ_MASK;
    this.mmio.write32(ENET.EIR, events);
    if ((events & ENET_EVENT.EBERR) === 0) return;
    this.#log(`ETH|ERROR: System bus/uDMA ${events}`);
    const problem = this.#startDevice();
    if (problem !== undefined) this.#log(`ETH|ERROR: ${problem}`);
  }

  #move(): void {
    const { kernel, mmio, ends } = this;
    const { provided, toSend } = this.#driver.move();
    if (provided) mmio.write32(ENET.RDAR, ENET_ACTIVE);
    if (toSend) mmio.write32(ENET.TDAR, ENET_ACTIVE);
    if (ends.rx.active.requireSignal()) kernel.notify(ends.rx.ch);
    if (ends.tx.free.requireSignal()) kernel.notify(ends.tx.ch);
  }

  #log(text: string): void {
    this.kernel.print(`${text}\n`);
  }

  /** From reset to running, with empty rings; every buffer that the device had goes back. Says what is wrong. */
  #startDevice(): string | undefined {
    const { mmio } = this;
    const [palr, paur] = [mmio.read32(ENET.PALR), mmio.read32(ENET.PAUR)];
    mmio.write32(ENET.ECR, ENET_ECR.RESET);
    if (!this.#becomes(ENET.ECR, ENET_ECR.RESET, 0)) return 'the device does not come out of its reset';
    this.#driver.lost(this.#rxRing.reset(), this.#txRing.reset());
    this.#change(ENET.ECR, ENET_ECR.DBSWP);
    mmio.write32(ENET.EIMR, 0);
    mmio.write32(ENET.EIR, 0xffff_ffff);
    mmio.write32(ENET.MSCR, 24 << 1);
    if (!this.#clearCounters()) return 'the counters of the device do not come to rest';
    for (const table of [ENET.IAUR, ENET.IALR, ENET.GAUR, ENET.GALR]) mmio.write32(table, 0);
    if (mmio.read32(ENET.PALR) === 0) {
      mmio.write32(ENET.PALR, palr);
      mmio.write32(ENET.PAUR, paur);
    }
    this.#configure();
    this.#change(ENET.ECR, ENET_ECR.SPEED);
    this.#change(ENET.ECR, ENET_ECR.ETHEREN);
    mmio.write32(ENET.EIR, mmio.read32(ENET.EIR));
    mmio.write32(ENET.EIMR, IRQ_MASK);
    return undefined;
  }

  #configure(): void {
    const { mmio } = this;
    mmio.write32(ENET.OPD, 1 << 16);
    mmio.write32(ENET.TXIC0, TX_BATCH);
    mmio.write32(ENET.TIPG, 8);
    mmio.write32(ENET.TFWR, ENET_TFWR.STRFWD);
    mmio.write32(ENET.RSFL, 0);
    mmio.write32(ENET.RACC, ENET_RACC.LINEDIS | ENET_RACC.IPDIS | ENET_RACC.PRODIS);
    mmio.write32(ENET.TACC, ENET_TACC.PROCHK | ENET_TACC.IPCHK);
    mmio.write32(ENET.RDSR, this.#rxRing.paddr);
    mmio.write32(ENET.TDSR, this.#txRing.paddr);
    mmio.write32(ENET.MRBR, MAX_PACKET_SIZE);
    const mode = ENET_RCR.RGMII_EN | ENET_RCR.MII_MODE | ENET_RCR.PROM;
    mmio.write32(ENET.RCR, (MAX_FRAME << ENET_RCR.MAX_FL_SHIFT) | mode);
    mmio.write32(ENET.TCR, ENET_TCR.FDEN);
  }

  #clearCounters(): boolean {
    const { mmio } = this;
    const idle = () => this.#becomes(ENET.MIBC, ENET_MIBC.IDLE, ENET_MIBC.IDLE);
    mmio.write32(ENET.MIBC, ENET_MIBC.DIS);
    if (!idle()) return false;
    mmio.write32(ENET.MIBC, ENET_MIBC.DIS | ENET_MIBC.CLEAR);
    if (!idle()) return false;
    mmio.write32(ENET.MIBC, 0);
    return true;
  }

  #becomes(register: number, mask: number, value: number): boolean {
    for (let tries = 0; tries < PATIENCE; tries++) if ((this.mmio.read32(register) & mask) === value) return true;
    return false;
  }

  #change(register: number, set: number): void {
    this.mmio.write32(register, this.mmio.read32(register) | set);
  }
}

/** differs: without the FCS, which the device leaves behind the frame; upstream passes it up. A frame in parts or errors is none. */
function received(ring: DescriptorRing): NetBuffDesc | undefined {
  const done = ring.take();
  if (!done) return undefined;
  const whole = (done.stat & (ENET_RXBD.L | RX_ERRORS)) === ENET_RXBD.L && done.len <= MAX_PACKET_SIZE;
  return { io_or_offset: done.address, len: whole ? Math.max(0, done.len - ENET_FCS_SIZE) : 0 };
}
