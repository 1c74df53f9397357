/** The disk that the original's build makes: sDDF `tools/mkvirtdisk qemu_disk 1 512 16777216`, one FAT12 partition. */
import { formatFat } from './fat_format';
import { MBR_TYPE, writeMbrEntry } from './mbr';

export const DEFAULT_DISK_SIZE = 16 * 1024 * 1024;
const PARTITION = { type: MBR_TYPE.LINUX, startSector: 2048, sectors: 30712 } as const;

/** Calls `write` with everything that is not zero on a fresh default disk; times are Unix milliseconds. */
export function defaultDisk(serial: number, write: (offset: number, bytes: Uint8Array) => void): void {
  const sector0 = new Uint8Array(512);
  writeMbrEntry(sector0, 0, PARTITION);
  write(0, sector0);
  const options = { bits: 12, sectors: PARTITION.sectors, hiddenSectors: PARTITION.startSector, serial } as const;
  for (const { offset, bytes } of formatFat(options)) write(PARTITION.startSector * 512 + offset, bytes);
}
