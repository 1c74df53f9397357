/** What a disk begins as: here the default disk; hosted_origin.ts has the other. Each image is `<base>.img`. */
import { type Disk, SECTOR_SIZE } from '../hw/disk';
import { DEFAULT_DISK_SIZE, defaultDisk } from '../specs/disk_image';
import { type Folder, openFile, type SyncFile } from './opfs';
import { volumeSerial } from './volume_serial';

export const imageFile = (base: string): string => `${base}.img`;
export const mapFile = (base: string): string => `${base}.map`;

export interface Origin {
  /** A fresh image, whole and flushed when this resolves. */
  make(folder: Folder, base: string): Promise<void>;
  /** The image, fresh or not; the files stay open. */
  open(folder: Folder, base: string): Promise<Disk>;
}

class OpfsDisk implements Disk {
  readonly readOnly = false;
  readonly sectors: number;

  constructor(readonly file: SyncFile) {
    this.sectors = Math.floor(file.getSize() / 4096) * 8;
  }

  read(sector: number, dest: Uint8Array): void {
    const got = this.file.read(dest, { at: sector * SECTOR_SIZE });
    if (got !== dest.length) throw new Error(`short read at sector ${sector}`);
  }

  write(sector: number, bytes: Uint8Array): void {
    const put = this.file.write(bytes, { at: sector * SECTOR_SIZE });
    if (put !== bytes.length) throw new Error(`short write at sector ${sector}`);
  }

  flush(): void {
    this.file.flush();
  }
}

export const defaultOrigin: Origin = {
  async make(folder, base) {
    const file = await openFile(folder, imageFile(base));
    try {
      makeDefault(file);
    } finally {
      file.close();
    }
  },
  async open(folder, base) {
    const file = await openFile(folder, imageFile(base));
    if (file.getSize() === 0) makeDefault(file);
    return new OpfsDisk(file);
  },
};

function makeDefault(file: SyncFile): void {
  file.truncate(0);
  file.truncate(DEFAULT_DISK_SIZE);
  defaultDisk(volumeSerial(), (offset, bytes) => {
    if (file.write(bytes, { at: offset }) !== bytes.length) throw new Error("the browser's storage is full");
  });
  file.flush();
}
