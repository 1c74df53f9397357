/** Bring-up of a virtio-mmio device as Linux's drivers/virtio/virtio_mmio.c does it. [VIRTIO 1.2] 3.1.1, 4.2.3. */
import {
  VIRTIO_F_VERSION_1_HIGH,
  VIRTIO_MAGIC,
  VIRTIO_MMIO,
  VIRTIO_STATUS,
  VIRTIO_VERSION,
} from '../../../src/specs/virtio_mmio';
import type { BootAllocator } from './memory';
import type { Mmio } from './mmio';
import { Virtqueue } from './virtqueue';

/** The window's InterruptStatus and InterruptACK, which live in a page shared with the monitor. */
export interface InterruptRegister {
  /** Reads and acknowledges at once. */
  take(): number;
}

export class VirtioDevice {
  #features = 0;

  private constructor(
    readonly mmio: Mmio,
    readonly deviceId: number,
    readonly interrupt: InterruptRegister,
    /** QueueNotify without a trap: the monitor watches a notification instead (KVM's ioeventfd). */
    readonly kick: () => void,
  ) {}

  /** Undefined when there is no device in the window, or one of another version. */
  static probe(mmio: Mmio, interrupt: InterruptRegister, kick: () => void): VirtioDevice | undefined {
    if (mmio.read32(VIRTIO_MMIO.MagicValue) !== VIRTIO_MAGIC) return undefined;
    if (mmio.read32(VIRTIO_MMIO.Version) !== VIRTIO_VERSION) return undefined;
    const deviceId = mmio.read32(VIRTIO_MMIO.DeviceID);
    return deviceId === 0 ? undefined : new VirtioDevice(mmio, deviceId, interrupt, kick);
  }

  /** Reset, negotiate; false when the device refuses. `wanted`: feature bits 0..31 that the driver knows. */
  negotiate(wanted: number): boolean {
    const { mmio } = this;
    mmio.write32(VIRTIO_MMIO.Status, 0);
    mmio.write32(VIRTIO_MMIO.Status, VIRTIO_STATUS.ACKNOWLEDGE);
    mmio.write32(VIRTIO_MMIO.Status, VIRTIO_STATUS.ACKNOWLEDGE | VIRTIO_STATUS.DRIVER);
    mmio.write32(VIRTIO_MMIO.DeviceFeaturesSel, 1);
    if ((mmio.read32(VIRTIO_MMIO.DeviceFeatures) & VIRTIO_F_VERSION_1_HIGH) === 0) return this.#fail();
    mmio.write32(VIRTIO_MMIO.DeviceFeaturesSel, 0);
    this.#features = mmio.read32(VIRTIO_MMIO.DeviceFeatures) & wanted;
    mmio.write32(VIRTIO_MMIO.DriverFeaturesSel, 0);
    mmio.write32(VIRTIO_MMIO.DriverFeatures, this.#features >>> 0);
    mmio.write32(VIRTIO_MMIO.DriverFeaturesSel, 1);
    mmio.write32(VIRTIO_MMIO.DriverFeatures, VIRTIO_F_VERSION_1_HIGH);
    const ok = VIRTIO_STATUS.ACKNOWLEDGE | VIRTIO_STATUS.DRIVER | VIRTIO_STATUS.FEATURES_OK;
    mmio.write32(VIRTIO_MMIO.Status, ok);
    return (mmio.read32(VIRTIO_MMIO.Status) & VIRTIO_STATUS.FEATURES_OK) !== 0 || this.#fail();
  }

  has(feature: number): boolean {
    return (this.#features & feature) !== 0;
  }

  /** Undefined when the device has no such queue. */
  setUpQueue(index: number, largest: number, memory: BootAllocator): Virtqueue | undefined {
    const { mmio } = this;
    mmio.write32(VIRTIO_MMIO.QueueSel, index);
    const max = mmio.read32(VIRTIO_MMIO.QueueNumMax);
    if (max === 0 || mmio.read32(VIRTIO_MMIO.QueueReady) !== 0) return undefined;
    const queue = new Virtqueue(2 ** Math.floor(Math.log2(Math.min(max, largest))), memory);
    mmio.write32(VIRTIO_MMIO.QueueNum, queue.size);
    this.#writeAddress(VIRTIO_MMIO.QueueDescLow, queue.desc.phys);
    this.#writeAddress(VIRTIO_MMIO.QueueDriverLow, queue.avail.phys);
    this.#writeAddress(VIRTIO_MMIO.QueueDeviceLow, queue.used.phys);
    mmio.write32(VIRTIO_MMIO.QueueReady, 1);
    return queue;
  }

  driverOk(): void {
    this.mmio.write32(VIRTIO_MMIO.Status, this.mmio.read32(VIRTIO_MMIO.Status) | VIRTIO_STATUS.DRIVER_OK);
  }

  get needsReset(): boolean {
    return (this.mmio.read32(VIRTIO_MMIO.Status) & VIRTIO_STATUS.NEEDS_RESET) !== 0;
  }

  config32(offset: number): number {
    return this.mmio.read32(VIRTIO_MMIO.Config + offset);
  }

  /** A field wider than one access is read again until its generation stood still. [VIRTIO 1.2] 2.5.1 */
  config64(offset: number): number {
    for (;;) {
      const generation = this.mmio.read32(VIRTIO_MMIO.ConfigGeneration);
      const low = this.config32(offset);
      const high = this.config32(offset + 4);
      if (this.mmio.read32(VIRTIO_MMIO.ConfigGeneration) === generation) return high * 0x1_0000_0000 + low;
    }
  }

  #writeAddress(low: number, phys: number): void {
    this.mmio.write32(low, phys % 0x1_0000_0000);
    this.mmio.write32(low + 4, Math.floor(phys / 0x1_0000_0000));
  }

  #fail(): false {
    this.mmio.write32(VIRTIO_MMIO.Status, VIRTIO_STATUS.FAILED);
    return false;
  }
}
