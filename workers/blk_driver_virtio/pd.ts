/** The block driver's worker: opens the disk, puts the device model before it, and the driver before that. */
import { Dma } from '../../src/hw/device';
import { VirtioBlock } from '../../src/hw/virtio_block';
import type { Program, ProtectionDomain } from '../../src/libmicrokit/pd';
import { blkServer } from '../../src/protocol/blk_queue';
import type { DiskConfig } from '../../src/protocol/control';
import { BlkDriverVirtio } from './driver';
import { openStore } from './store';

export const program: Program = async (env): Promise<ProtectionDomain> => {
  const store = await openStore(env.config as DiskConfig);
  const irq = env.channel('irq');
  const { mmio } = new VirtioBlock(store.disk, new Dma(env.dma), env.kernel.irqLine(irq));
  const driver = new BlkDriverVirtio(env.kernel, mmio, {
    virt: env.channel('virt'),
    irq,
    info: env.region('storage_info'),
    ...blkServer(env.region('request'), env.region('response')),
    metadata: env.region('virtio_metadata'),
    headers: env.region('virtio_headers'),
  });
  return {
    init: () => driver.init(),
    notified: (ch) => driver.notified(ch),
    control: store.control,
  };
};
