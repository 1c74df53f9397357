/** The MMC block driver's worker: opens the disk, puts it into a card, the card into the controller, and the driver before that. */
import { Dma } from '../../src/hw/device';
import { FaultyDisk } from '../../src/hw/faulty_disk';
import { SdCard } from '../../src/hw/sd_card';
import { Usdhc } from '../../src/hw/usdhc';
import type { Program, ProtectionDomain } from '../../src/libmicrokit/pd';
import { blkServer } from '../../src/protocol/blk_queue';
import type { DiskConfig } from '../../src/protocol/control';
import { DiskFaults } from '../../src/protocol/faults';
import { WriteLog } from '../../src/protocol/write_log';
import { LoggedDisk } from '../../src/store/logged_disk';
import { openStore } from '../../src/store/store';
import { BlkDriverImx } from './driver';

export const program: Program = async (env): Promise<ProtectionDomain> => {
  const store = await openStore(env.config as DiskConfig);
  const irq = env.channel('irq');
  const logged = new LoggedDisk(store.disk, new WriteLog(env.region('write_log'), () => env.kernel.now()), () => 0);
  const faults = new DiskFaults(() => device.failHeld());
  const card = new SdCard(new FaultyDisk(logged, (request) => faults.next(request)));
  const device = new Usdhc(card, new Dma(env.dma), env.kernel.irqLine(irq));
  const driver = new BlkDriverImx(env.kernel, device, {
    virt: env.channel('virt'),
    irq,
    timer: env.channel('timer'),
    info: env.region('storage_info'),
    ...blkServer(env.region('request'), env.region('response')),
  });
  return {
    init: () => driver.init(),
    notified: (ch) => driver.notified(ch),
    control: store.control,
    faults,
  };
};
