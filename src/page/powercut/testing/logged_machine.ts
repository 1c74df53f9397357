/** A disk in memory with a write log, as the page sees it. */

import { MemoryDisk } from '../../../hw/disk';
import type { SystemMemory } from '../../../microkit/layout';
import { region } from '../../../protocol/region';
import { WriteLog } from '../../../protocol/write_log';
import { LoggedDisk } from '../../../store/logged_disk';
import { WRITE_LOG_REGION, WriteHistory } from '../write_history';

export class LoggedMachine {
  image: Uint8Array;
  log = region(WRITE_LOG_REGION, 0);
  disk!: LoggedDisk;
  /** Of the disk, by the page. */
  reads = 0;
  /** Happens while the page waits for what it reads: after the driver has read it. */
  meanwhile: () => void = () => {};
  /** How many bytes of records the log of the next boot holds. */
  capacity = 0x10_0000;
  #now = 0;

  constructor(image: Uint8Array) {
    this.image = image.slice();
    this.boot();
  }

  boot(image: Uint8Array = this.image): void {
    this.image = image.slice();
    this.log = region(WRITE_LOG_REGION, 0x1000 + this.capacity);
    const log = new WriteLog(this.log, () => (this.#now += 1000));
    this.disk = new LoggedDisk(new MemoryDisk(this.image), log, () => 0);
  }

  memory = () => ({ regions: new Map([[WRITE_LOG_REGION, this.log.buffer]]) }) as unknown as SystemMemory;

  readonly page = {
    size: async () => this.image.length,
    bytes: async (offset: number, length: number) => {
      this.reads++;
      const bytes = this.image.slice(offset, offset + length);
      await Promise.resolve();
      this.meanwhile();
      return bytes;
    },
  };

  history(): WriteHistory {
    const history = new WriteHistory(this.memory);
    history.look();
    return history;
  }
}
