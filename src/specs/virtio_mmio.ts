/** virtio over MMIO, version 2. [VIRTIO 1.2] 4.2.2 "MMIO Device Register Layout", 2.1 "Device Status Field", 6 "Reserved Feature Bits". */
export const VIRTIO_MAGIC = 0x7472_6976;
export const VIRTIO_VERSION = 2;

export const VIRTIO_MMIO = {
  MagicValue: 0x000,
  Version: 0x004,
  DeviceID: 0x008,
  VendorID: 0x00c,
  DeviceFeatures: 0x010,
  DeviceFeaturesSel: 0x014,
  DriverFeatures: 0x020,
  DriverFeaturesSel: 0x024,
  QueueSel: 0x030,
  QueueNumMax: 0x034,
  QueueNum: 0x038,
  QueueReady: 0x044,
  QueueNotify: 0x050,
  InterruptStatus: 0x060,
  InterruptACK: 0x064,
  Status: 0x070,
  QueueDescLow: 0x080,
  QueueDescHigh: 0x084,
  QueueDriverLow: 0x090,
  QueueDriverHigh: 0x094,
  QueueDeviceLow: 0x0a0,
  QueueDeviceHigh: 0x0a4,
  ConfigGeneration: 0x0fc,
  Config: 0x100,
} as const;
export const VIRTIO_MMIO_SIZE = 0x200;

export const VIRTIO_ID = { NET: 1, BLOCK: 2, CONSOLE: 3 } as const;
/** What QEMU's devices report: "QEMU". */
export const VIRTIO_VENDOR_QEMU = 0x554d_4551;

export const VIRTIO_STATUS = {
  ACKNOWLEDGE: 1,
  DRIVER: 2,
  DRIVER_OK: 4,
  FEATURES_OK: 8,
  NEEDS_RESET: 0x40,
  FAILED: 0x80,
} as const;

export const VIRTIO_INTERRUPT = { USED_BUFFER: 1, CONFIG_CHANGE: 2 } as const;

/** VIRTIO_F_VERSION_1 is bit 32: bit 0 of the second feature word. */
export const VIRTIO_F_VERSION_1_HIGH = 1;
