/** The MMC block driver's worker: opens the disk, puts it into a card, the card into the controller, and the driver before that. */
import { Dma } from '../../src/hw/device';
import { FaultyDisk } from '../../src/hw/faulty_disk';
import { RegisterMirror } from '../../src/hw/register_mirror';
import { SdCard } from '../../src/hw/sd_card';
import { Usdhc } from '../../src/hw/usdhc';
import { afterwards } from '../../src/libmicrokit/afterwards';
import type { Program, ProtectionDomain } from '../../src/libmicrokit/pd';
import { blkServer } from '../../src/protocol/blk_queue';
import type { DiskConfig } from '../../src/protocol/control';
import { DiskFaults } from '../../src/protocol/faults';
import { WriteLog } from '../../src/protocol/write_log';
import { USDHC_REGISTERS } from '../../src/specs/usdhc';
import { LoggedDisk } from '../../src/store/logged_disk';
import { openStore } from '../../src/store/store';
import { BlkDriverImx } from './driver';

export const program: Program = async (env): Promise<ProtectionDomain> => {
  const store = await openStore(env.config as DiskConfig);
  const irq = env.channel('irq');
  const log = new WriteLog(env.region('write_log'), () => env.kernel.now());
  const logged = new LoggedDisk(store.disk, log, () => driver.requestNow);
  const faults = new DiskFaults(() => {
    device.failHeld();
    registers.look();
  });
  const card = new SdCard(new FaultyDisk(logged, (...request) => faults.next(...request)));
  const device = new Usdhc(card, new Dma(env.dma), env.kernel.irqLine(irq));
  const registers = new RegisterMirror(device, USDHC_REGISTERS, env.registers);
  const driver = new BlkDriverImx(env.kernel, registers, {
    virt: env.channel('virt'),
    irq,
    timer: env.channel('timer'),
    info: env.region('storage_info'),
    ...blkServer(env.region('request'), env.region('response')),
  });
  const domain = {
    init: () => driver.init(),
    notified: (ch: number) => driver.notified(ch),
    control: store.control,
    faults,
  };
  return afterwards(domain, () => registers.look());
};
