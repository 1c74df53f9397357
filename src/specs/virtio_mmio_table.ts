/** The registers of the virtio-mmio devices for looking at them; the numbers are those of virtio_mmio.ts and the devices' own files. */
import { type Register, type RegisterBank, type RegisterTable, register, registers } from './registers';
import { VIRTIO_BLK_CONFIG, VIRTIO_BLK_F } from './virtio_blk';
import { VIRTIO_ID, VIRTIO_INTERRUPT, VIRTIO_MMIO, VIRTIO_MMIO_SIZE, VIRTIO_STATUS } from './virtio_mmio';
import { VIRTIO_NET_CONFIG, VIRTIO_NET_F } from './virtio_net';

const { Config, ...TRANSPORT } = VIRTIO_MMIO;

/** Of each queue, in the order in which they are kept; the addresses are of 64 bits. */
const QUEUE = [
  VIRTIO_MMIO.QueueNum,
  VIRTIO_MMIO.QueueReady,
  VIRTIO_MMIO.QueueDescLow,
  VIRTIO_MMIO.QueueDescHigh,
  VIRTIO_MMIO.QueueDriverLow,
  VIRTIO_MMIO.QueueDriverHigh,
  VIRTIO_MMIO.QueueDeviceLow,
  VIRTIO_MMIO.QueueDeviceHigh,
] as const;

/** Offsets of what is kept of a queue, from its beginning. */
export const VIRTIO_QUEUE_KEPT = { num: 0, ready: 4, desc: 8, driver: 16, device: 24 } as const;
export const VIRTIO_QUEUE_KEPT_SIZE = 4 * QUEUE.length;

/** Behind every configuration space there is. */
const BANK_AT = 0x180;
const STATUS = { masks: VIRTIO_STATUS } as const;
const INTERRUPTS = { masks: VIRTIO_INTERRUPT } as const;

function table(name: string, features: Readonly<Record<string, number>>, config: readonly Register[], queues: number) {
  const bank: RegisterBank = {
    select: VIRTIO_MMIO.QueueSel,
    reset: VIRTIO_MMIO.Status,
    registers: QUEUE,
    at: BANK_AT,
    count: queues,
  };
  const transport = registers(TRANSPORT, {
    MagicValue: { access: 'r', seldom: true },
    Version: { access: 'r', seldom: true },
    DeviceID: { access: 'r', values: VIRTIO_ID, seldom: true },
    VendorID: { access: 'r', seldom: true },
    DeviceFeatures: { access: 'r', masks: features },
    DeviceFeaturesSel: { access: 'w' },
    DriverFeatures: { access: 'w' },
    DriverFeaturesSel: { access: 'w' },
    QueueSel: { access: 'w' },
    QueueNumMax: { access: 'r' },
    QueueNum: { access: 'w' },
    QueueNotify: { access: 'w' },
    InterruptStatus: { access: 'r', ...INTERRUPTS },
    InterruptACK: { access: 'w', ...INTERRUPTS },
    Status: STATUS,
    QueueDescLow: { access: 'w' },
    QueueDescHigh: { access: 'w' },
    QueueDriverLow: { access: 'w' },
    QueueDriverHigh: { access: 'w' },
    QueueDeviceLow: { access: 'w' },
    QueueDeviceHigh: { access: 'w' },
    ConfigGeneration: { access: 'r' },
  });
  return {
    name,
    size: VIRTIO_MMIO_SIZE,
    registers: [...transport, ...config],
    generation: VIRTIO_MMIO.ConfigGeneration,
    bank,
  };
}

const configured = (name: string, offset: number, width: number) =>
  register(`Config.${name}`, Config + offset, { access: 'r', width, seldom: true });

export const VIRTIO_BLK_REGISTERS: RegisterTable = table(
  'virtio-blk',
  VIRTIO_BLK_F,
  [
    configured('capacity', VIRTIO_BLK_CONFIG.capacity, 64),
    configured('size_max', VIRTIO_BLK_CONFIG.size_max, 32),
    configured('seg_max', VIRTIO_BLK_CONFIG.seg_max, 32),
    configured('cylinders', VIRTIO_BLK_CONFIG.cylinders, 16),
    configured('heads', VIRTIO_BLK_CONFIG.heads, 8),
    configured('sectors', VIRTIO_BLK_CONFIG.sectors, 8),
    configured('blk_size', VIRTIO_BLK_CONFIG.blk_size, 32),
  ],
  1,
);

export const VIRTIO_NET_REGISTERS: RegisterTable = table(
  'virtio-net',
  VIRTIO_NET_F,
  [
    register('Config.mac', Config + VIRTIO_NET_CONFIG.mac, { access: 'r', width: 48, bytes: true, seldom: true }),
    configured('status', VIRTIO_NET_CONFIG.status, 16),
    configured('max_virtqueue_pairs', VIRTIO_NET_CONFIG.max_virtqueue_pairs, 16),
    configured('mtu', VIRTIO_NET_CONFIG.mtu, 16),
  ],
  2,
);

/** No port has a size, and there is one port. [VIRTIO 1.2] 5.3.4 */
export const VIRTIO_CONSOLE_REGISTERS: RegisterTable = table('virtio-console', {}, [], 2);
