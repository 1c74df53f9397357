/** Where the sectors of a disk come from: a running disk, an image in memory, a moment in a log. */
import { SECTOR_SIZE } from '../../specs/fat';

export interface SectorSource {
  /** How many there are. */
  readonly sectors: number;
  /** All of them, 512 bytes each; never asked for any past the end. The bytes are not changed afterwards. */
  read(sector: number, count: number): Promise<Uint8Array>;
}

/** An image in memory. */
export function sourceOf(image: Uint8Array): SectorSource {
  return {
    sectors: Math.floor(image.length / SECTOR_SIZE),
    read: async (sector, count) => image.subarray(sector * SECTOR_SIZE, (sector + count) * SECTOR_SIZE),
  };
}

/** The sectors that hold these bytes of the disk are read; what lies past the end is left out. */
export async function readBytes(source: SectorSource, offset: number, length: number): Promise<Uint8Array> {
  const first = Math.floor(offset / SECTOR_SIZE);
  const end = Math.min(source.sectors, Math.ceil((offset + length) / SECTOR_SIZE));
  if (end <= first) return new Uint8Array(0);
  const bytes = await source.read(first, end - first);
  const skip = offset - first * SECTOR_SIZE;
  return bytes.subarray(skip, skip + length);
}
