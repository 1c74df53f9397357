/**
 * virtio network driver: sDDF buffers to virtqueue chains and back. Trusts the device to move data, not its indices, and no
 * descriptor of a virtualiser's. Upstream twin: au-ts/sddf drivers/network/virtio/ethernet.c.
 */
import type { Channel, Kernel, ProtectionDomain } from '../../src/libmicrokit/pd';
import { NetDriver } from '../../src/protocol/net_driver';
import { NET_BUFFER_SIZE, type NetBuffDesc, type NetQueues } from '../../src/protocol/net_queue';
import type { Region } from '../../src/protocol/region';
import {
  VIRTIO_F_VERSION_1_HIGH,
  VIRTIO_ID,
  VIRTIO_INTERRUPT,
  VIRTIO_MAGIC,
  VIRTIO_MMIO,
  VIRTIO_STATUS,
  VIRTIO_VERSION,
} from '../../src/specs/virtio_mmio';
import { VIRTIO_NET_F, VIRTIO_NET_QUEUE } from '../../src/specs/virtio_net';
import { PacketQueue, QUEUE_SIZE, RX_PLACES, TX_PLACES } from './packet_queue';

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
  /** 64 KiB that the device reaches. */
  readonly hwRingBuffer: Region;
}

export class EthDriverVirtio implements ProtectionDomain {
  readonly #rxQueue: PacketQueue;
  readonly #txQueue: PacketQueue;
  readonly #driver: NetDriver;

  constructor(
    readonly kernel: Kernel,
    readonly mmio: Mmio,
    readonly ends: Ends,
  ) {
    const rx = new PacketQueue(ends.hwRingBuffer, RX_PLACES, true);
    const tx = new PacketQueue(ends.hwRingBuffer, TX_PLACES, false);
    this.#rxQueue = rx;
    this.#txQueue = tx;
    this.#driver = new NetDriver(ends.rx, ends.tx, {
      get rxRoom() {
        return rx.hasRoom;
      },
      get txRoom() {
        return tx.hasRoom;
      },
      reaches: (address) => address < Number.MAX_SAFE_INTEGER,
      provide: (address) => rx.submit(address, NET_BUFFER_SIZE),
      send: ({ io_or_offset, len }: NetBuffDesc) => tx.submit(io_or_offset, len),
      received: () => rx.take(),
      sent: () => tx.take()?.io_or_offset,
    });
  }

  init(): void {
    const { mmio } = this;
    if (mmio.read32(VIRTIO_MMIO.MagicValue) !== VIRTIO_MAGIC) throw new Error('invalid virtIO magic value!');
    if (mmio.read32(VIRTIO_MMIO.Version) !== VIRTIO_VERSION) throw new Error('not correct virtIO version!');
    if (mmio.read32(VIRTIO_MMIO.DeviceID) !== VIRTIO_ID.NET) throw new Error('not a virtIO network device!');
    const problem = this.#startDevice();
    if (problem !== undefined) throw new Error(problem);
    this.#move();
  }

  notified(ch: Channel): void {
    if (ch === this.ends.irq) this.#interrupt();
    this.#move();
    if (ch === this.ends.irq) this.kernel.irqAck(ch);
  }

  /** differs: acknowledged before the used rings are read, so that no completion falls in between. */
  #interrupt(): void {
    const status = this.mmio.read32(VIRTIO_MMIO.InterruptStatus);
    this.mmio.write32(VIRTIO_MMIO.InterruptACK, status);
    const needsReset = this.mmio.read32(VIRTIO_MMIO.Status) & VIRTIO_STATUS.NEEDS_RESET;
    if (needsReset) this.#recover('device needs reset');
    else if (status & VIRTIO_INTERRUPT.CONFIG_CHANGE) this.#error('unexpected change in configuration');
  }

  /** differs: refills the receive ring and takes back what was sent at every event; upstream waits for a signal or an interrupt. */
  #move(): void {
    this.#moveOnce();
    if (!this.#rxQueue.broken && !this.#txQueue.broken) return;
    this.#recover('device gave back what it does not have');
    this.#moveOnce();
  }

  #moveOnce(): void {
    const { kernel, mmio, ends } = this;
    const { provided, toSend } = this.#driver.move();
    if (provided) mmio.write32(VIRTIO_MMIO.QueueNotify, VIRTIO_NET_QUEUE.RX);
    if (toSend) mmio.write32(VIRTIO_MMIO.QueueNotify, VIRTIO_NET_QUEUE.TX);
    if (ends.rx.active.requireSignal()) kernel.notify(ends.rx.ch);
    if (ends.tx.free.requireSignal()) kernel.notify(ends.tx.ch);
  }

  /** The device is started afresh; every buffer that it had goes back to its virtualiser. */
  #recover(why: string): void {
    this.#error(why);
    const problem = this.#startDevice();
    if (problem !== undefined) this.#error(problem);
  }

  #error(text: string): void {
    this.kernel.print(`ETH DRIVER|ERROR: ${text}\n`);
  }

  /** [VIRTIO 1.2] 3.1.1. differs: accepts MAC and VERSION_1 by their masks, so that the header has 12 bytes. Says what is wrong. */
  #startDevice(): string | undefined {
    const { mmio } = this;
    let status = 0;
    const set = (bits: number) => mmio.write32(VIRTIO_MMIO.Status, (status |= bits));
    set(0);
    set(VIRTIO_STATUS.ACKNOWLEDGE);
    set(VIRTIO_STATUS.DRIVER);
    mmio.write32(VIRTIO_MMIO.DriverFeaturesSel, 0);
    mmio.write32(VIRTIO_MMIO.DriverFeatures, VIRTIO_NET_F.MAC);
    mmio.write32(VIRTIO_MMIO.DriverFeaturesSel, 1);
    mmio.write32(VIRTIO_MMIO.DriverFeatures, VIRTIO_F_VERSION_1_HIGH);
    set(VIRTIO_STATUS.FEATURES_OK);
    this.#driver.lost(this.#rxQueue.reset(), this.#txQueue.reset());
    if ((mmio.read32(VIRTIO_MMIO.Status) & VIRTIO_STATUS.FEATURES_OK) === 0) return 'device status features is not OK!';
    const ready = this.#setUp(VIRTIO_NET_QUEUE.RX, this.#rxQueue) && this.#setUp(VIRTIO_NET_QUEUE.TX, this.#txQueue);
    if (!ready) return 'virtIO queue is too short';
    set(VIRTIO_STATUS.DRIVER_OK);
    mmio.write32(VIRTIO_MMIO.InterruptACK, VIRTIO_INTERRUPT.USED_BUFFER | VIRTIO_INTERRUPT.CONFIG_CHANGE);
    return undefined;
  }

  #setUp(index: number, queue: PacketQueue): boolean {
    const { mmio } = this;
    const { desc, avail, used } = queue.addresses;
    mmio.write32(VIRTIO_MMIO.QueueSel, index);
    if (mmio.read32(VIRTIO_MMIO.QueueNumMax) < QUEUE_SIZE) return false;
    mmio.write32(VIRTIO_MMIO.QueueNum, QUEUE_SIZE);
    mmio.write32(VIRTIO_MMIO.QueueDescLow, desc);
    mmio.write32(VIRTIO_MMIO.QueueDescHigh, 0);
    mmio.write32(VIRTIO_MMIO.QueueDriverLow, avail);
    mmio.write32(VIRTIO_MMIO.QueueDriverHigh, 0);
    mmio.write32(VIRTIO_MMIO.QueueDeviceLow, used);
    mmio.write32(VIRTIO_MMIO.QueueDeviceHigh, 0);
    mmio.write32(VIRTIO_MMIO.QueueReady, 1);
    return true;
  }
}
