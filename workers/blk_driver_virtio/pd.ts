/** The block driver's worker: opens the disk, puts the device model before it, and the driver before that. */
import { Dma } from '../../src/hw/device';
import { FaultyDisk } from '../../src/hw/faulty_disk';
import { RegisterMirror } from '../../src/hw/register_mirror';
import { VirtioBlock } from '../../src/hw/virtio_block';
import { afterwards } from '../../src/libmicrokit/afterwards';
import type { Program, ProtectionDomain } from '../../src/libmicrokit/pd';
import { blkServer } from '../../src/protocol/blk_queue';
import type { DiskConfig } from '../../src/protocol/control';
import { DiskFaults } from '../../src/protocol/faults';
import { WriteLog } from '../../src/protocol/write_log';
import { VIRTIO_BLK_REGISTERS } from '../../src/specs/virtio_mmio_table';
import { LoggedDisk } from '../../src/store/logged_disk';
import { openStore } from '../../src/store/store';
import { BlkDriverVirtio } from './driver';

export const program: Program = async (env): Promise<ProtectionDomain> => {
  const store = await openStore(env.config as DiskConfig);
  const irq = env.channel('irq');
  const log = new WriteLog(env.region('write_log'), () => env.kernel.now());
  const logged = new LoggedDisk(store.disk, log, (sector) => driver.requestAt(sector));
  const faults = new DiskFaults(() => {
    device.failHeld();
    registers.look();
  });
  const disk = new FaultyDisk(logged, (...request) => faults.next(...request));
  const device = new VirtioBlock(disk, new Dma(env.dma), env.kernel.irqLine(irq));
  const registers = new RegisterMirror(device.mmio, VIRTIO_BLK_REGISTERS, env.registers);
  const driver = new BlkDriverVirtio(env.kernel, registers, {
    virt: env.channel('virt'),
    irq,
    info: env.region('storage_info'),
    ...blkServer(env.region('request'), env.region('response')),
    metadata: env.region('virtio_metadata'),
    headers: env.region('virtio_headers'),
  });
  const domain = {
    init: () => driver.init(),
    notified: (ch: number) => driver.notified(ch),
    control: store.control,
    faults,
  };
  return afterwards(domain, () => registers.look());
};
