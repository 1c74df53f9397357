/** The virtio block driver before the real device model, and before devices that answer late, wrongly or not at all. */
import { blockDriverConformance } from '../../e2e/sim/block_driver_conformance';
import { Dma } from '../../src/hw/device';
import type { Disk } from '../../src/hw/disk';
import { VirtioBlock } from '../../src/hw/virtio_block';
import type { Program } from '../../src/libmicrokit/pd';
import { blkServer } from '../../src/protocol/blk_queue';
import { BlkDriverVirtio, type Mmio } from './driver';

const OWN = [
  { symbol: 'virtio_headers', size: 0x1_0000 },
  { symbol: 'virtio_metadata', size: 0x20_0000 },
];

function programOver(device: (dma: Dma, irq: { level(high: boolean): void }) => Mmio): Program {
  return (env) =>
    new BlkDriverVirtio(env.kernel, device(new Dma(env.dma), env.kernel.irqLine(0)), {
      virt: 1,
      irq: 0,
      info: env.region('storage_info'),
      ...blkServer(env.region('request'), env.region('response')),
      metadata: env.region('virtio_metadata'),
      headers: env.region('virtio_headers'),
    });
}

blockDriverConformance({
  name: 'blk_driver_virtio',
  own: OWN,
  trigger: 'edge',
  program: (disk: Disk) => programOver((dma, irq) => new VirtioBlock(disk, dma, irq).mmio),
});
