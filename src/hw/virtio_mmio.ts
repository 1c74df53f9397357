/**
 * virtio-mmio transport (version 2) of one device: registers, feature negotiation, queues, interrupt. [VIRTIO 1.2] 4.2.
 * Accepts sDDF's bring-up (status 1, then 2 alone, no features) as QEMU does. Not modelled: shared memory regions, queue reset.
 */
import { VIRTIO_INTERRUPT, VIRTIO_MAGIC, VIRTIO_MMIO, VIRTIO_STATUS, VIRTIO_VERSION } from '../specs/virtio_mmio';
import type { Device, Dma, IrqLine } from './device';
import { VirtqDevice } from './virtq_device';

/** Where InterruptStatus lives: a field of the device, or a word shared with a guest. */
export interface StatusWord {
  load(): number;
  or(bits: number): void;
  clear(bits: number): void;
}

export interface VirtioMmioOptions {
  readonly deviceId: number;
  readonly vendorId: number;
  /** Offered feature bits 0..31 and 32..63. */
  readonly features: readonly [low: number, high: number];
  /** As QEMU does: a driver that accepts what is not offered keeps FEATURES_OK, without those features. */
  readonly masksFeatures?: boolean;
  readonly queueNumMax: number;
  readonly queueCount: number;
  readonly config: Uint8Array;
  readonly dma: Dma;
  readonly irq: IrqLine;
  readonly interruptStatus?: StatusWord;
}

/** The device behind the transport. */
export interface VirtioBackend {
  /** The driver rang queue `index`; called only while it is live. */
  notified(index: number): void;
  /** The driver has set DRIVER_OK. */
  started?(): void;
  /** Status was written 0: forget everything in flight. */
  reset(): void;
}

interface QueueRegisters {
  num: number;
  ready: boolean;
  /** Low and high halves of the three addresses, in register order. */
  readonly addresses: Uint32Array;
  live: VirtqDevice | undefined;
}

const QUEUE_ADDRESS_REGISTERS: readonly number[] = [
  VIRTIO_MMIO.QueueDescLow,
  VIRTIO_MMIO.QueueDescHigh,
  VIRTIO_MMIO.QueueDriverLow,
  VIRTIO_MMIO.QueueDriverHigh,
  VIRTIO_MMIO.QueueDeviceLow,
  VIRTIO_MMIO.QueueDeviceHigh,
];

export class VirtioMmio implements Device {
  readonly #queues: QueueRegisters[];
  readonly #interruptStatus: StatusWord;
  #status = 0;
  #deviceFeaturesSel = 0;
  #driverFeaturesSel = 0;
  readonly #driverFeatures = [0, 0];
  #queueSel = 0;
  #configGeneration = 0;
  #backend: VirtioBackend = { notified() {}, reset() {} };

  constructor(readonly options: VirtioMmioOptions) {
    this.#queues = Array.from({ length: options.queueCount }, newQueue);
    this.#interruptStatus = options.interruptStatus ?? plainWord();
  }

  attach(backend: VirtioBackend): void {
    this.#backend = backend;
  }

  /** The queue while the driver has it running. */
  queue(index: number): VirtqDevice | undefined {
    return this.#status & VIRTIO_STATUS.DRIVER_OK ? this.#queues[index]?.live : undefined;
  }

  accepted(featureLow: number, featureHigh = 0): boolean {
    const [low, high] = this.options.features;
    return (this.#driverFeatures[0]! & low & featureLow) !== 0 || (this.#driverFeatures[1]! & high & featureHigh) !== 0;
  }

  /** Used buffers were added: raise the interrupt. An edge per batch, also when the last one is not acknowledged yet. */
  raiseUsed(): void {
    this.#interruptStatus.or(VIRTIO_INTERRUPT.USED_BUFFER);
    this.options.irq.level(false);
    this.options.irq.level(true);
  }

  /** The configuration space has other contents. [VIRTIO 1.2] 2.5.1 */
  configChanged(): void {
    this.#configGeneration = (this.#configGeneration + 1) >>> 0;
    this.#raiseConfigChange();
  }

  /** How the driver broke the protocol; undefined while the device needs no reset. */
  get violation(): string | undefined {
    if ((this.#status & VIRTIO_STATUS.NEEDS_RESET) === 0) return undefined;
    const broken = this.#queues.find(({ live }) => live?.violation !== undefined);
    return broken?.live?.violation ?? 'a queue of impossible size or address';
  }

  get driverOk(): boolean {
    return (this.#status & VIRTIO_STATUS.DRIVER_OK) !== 0;
  }

  /** The driver broke the protocol beyond an answer. [VIRTIO 1.2] 2.1.2 */
  needsReset(): void {
    this.#status |= VIRTIO_STATUS.NEEDS_RESET;
    this.#raiseConfigChange();
  }

  #raiseConfigChange(): void {
    if (!this.driverOk) return;
    this.#interruptStatus.or(VIRTIO_INTERRUPT.CONFIG_CHANGE);
    this.options.irq.level(false);
    this.options.irq.level(true);
  }

  read8(offset: number): number {
    return offset >= VIRTIO_MMIO.Config ? (this.options.config[offset - VIRTIO_MMIO.Config] ?? 0) : 0;
  }

  read32(offset: number): number {
    switch (offset) {
      case VIRTIO_MMIO.MagicValue:
        return VIRTIO_MAGIC;
      case VIRTIO_MMIO.Version:
        return VIRTIO_VERSION;
      case VIRTIO_MMIO.DeviceID:
        return this.options.deviceId;
      case VIRTIO_MMIO.VendorID:
        return this.options.vendorId;
      case VIRTIO_MMIO.DeviceFeatures:
        return (this.options.features[this.#deviceFeaturesSel] ?? 0) >>> 0;
      case VIRTIO_MMIO.QueueNumMax:
        return this.#selected ? this.options.queueNumMax : 0;
      case VIRTIO_MMIO.QueueReady:
        return this.#selected?.ready ? 1 : 0;
      case VIRTIO_MMIO.InterruptStatus:
        return this.#interruptStatus.load();
      case VIRTIO_MMIO.Status:
        return this.#status;
      case VIRTIO_MMIO.ConfigGeneration:
        return this.#configGeneration;
      default:
        return offset >= VIRTIO_MMIO.Config ? this.#readConfig(offset) : 0;
    }
  }

  write32(offset: number, value: number): void {
    switch (offset) {
      case VIRTIO_MMIO.DeviceFeaturesSel:
        this.#deviceFeaturesSel = value;
        return;
      case VIRTIO_MMIO.DriverFeaturesSel:
        this.#driverFeaturesSel = value;
        return;
      case VIRTIO_MMIO.DriverFeatures:
        if (this.#driverFeaturesSel < 2) this.#driverFeatures[this.#driverFeaturesSel] = value;
        return;
      case VIRTIO_MMIO.QueueSel:
        this.#queueSel = value;
        return;
      case VIRTIO_MMIO.QueueNotify:
        if (this.queue(value)) this.#backend.notified(value);
        return;
      case VIRTIO_MMIO.InterruptACK:
        this.#interruptStatus.clear(value);
        if (this.#interruptStatus.load() === 0) this.options.irq.level(false);
        return;
      case VIRTIO_MMIO.Status:
        return this.#writeStatus(value);
      default:
        return this.#writeQueue(offset, value);
    }
  }

  get #selected(): QueueRegisters | undefined {
    return this.#queues[this.#queueSel];
  }

  #readConfig(offset: number): number {
    return [0, 1, 2, 3].reduce((word, i) => (word | (this.read8(offset + i) << (8 * i))) >>> 0, 0);
  }

  #writeStatus(value: number): void {
    if (value === 0) return this.#reset();
    const [low, high] = this.options.features;
    const unoffered = (this.#driverFeatures[0]! & ~low) | (this.#driverFeatures[1]! & ~high);
    // [VIRTIO 1.2] 3.1.1: a device that cannot live with the features leaves FEATURES_OK clear.
    const refused = unoffered === 0 || this.options.masksFeatures ? 0 : VIRTIO_STATUS.FEATURES_OK;
    const wasOk = this.driverOk;
    this.#status = (value & ~refused & 0xff) | (this.#status & VIRTIO_STATUS.NEEDS_RESET);
    if (!wasOk && this.driverOk) this.#backend.started?.();
  }

  #reset(): void {
    this.#status = 0;
    this.#driverFeatures.fill(0);
    this.#deviceFeaturesSel = 0;
    this.#driverFeaturesSel = 0;
    this.#queueSel = 0;
    for (const i of this.#queues.keys()) this.#queues[i] = newQueue();
    this.#interruptStatus.clear(~0);
    this.options.irq.level(false);
    this.#backend.reset();
  }

  #writeQueue(offset: number, value: number): void {
    const queue = this.#selected;
    if (!queue) return;
    if (offset === VIRTIO_MMIO.QueueReady) return this.#setReady(queue, value === 1);
    // [VIRTIO 1.2] 4.2.2.2: the driver must not change a queue that is ready; such writes do nothing.
    if (queue.ready) return;
    if (offset === VIRTIO_MMIO.QueueNum) queue.num = value;
    const half = QUEUE_ADDRESS_REGISTERS.indexOf(offset);
    if (half !== -1) queue.addresses[half] = value;
  }

  #setReady(queue: QueueRegisters, ready: boolean): void {
    queue.ready = ready;
    queue.live = undefined;
    if (!ready) return;
    const { num, addresses } = queue;
    const address = (i: number) => addresses[i + 1]! * 0x1_0000_0000 + addresses[i]!;
    const sized = num > 0 && num <= this.options.queueNumMax && (num & (num - 1)) === 0;
    const areas = { size: num, desc: address(0), driver: address(2), device: address(4) };
    queue.live = sized ? VirtqDevice.at(this.options.dma, areas) : undefined;
    if (queue.live) return;
    queue.ready = false;
    this.needsReset();
  }
}

const newQueue = (): QueueRegisters => ({ num: 0, ready: false, addresses: new Uint32Array(6), live: undefined });

function plainWord(): StatusWord {
  let word = 0;
  return {
    load: () => word,
    or: (bits) => void (word |= bits),
    clear: (bits) => void (word &= ~bits),
  };
}
