/** Master boot record: four partition entries in the last bytes of sector 0. [UEFI 2.10] 5.2.1 "Legacy Master Boot Record". */
export const MBR_SIGNATURE_OFFSET = 510;
export const MBR_SIGNATURE = 0xaa55;
export const MBR_ENTRIES_OFFSET = 446;
export const MBR_ENTRY_SIZE = 16;
export const MBR_ENTRY_COUNT = 4;

/** Offsets within an entry. */
export const MBR_ENTRY = { status: 0, type: 4, lbaStart: 8, sectors: 12 } as const;

export const MBR_TYPE = { EMPTY: 0x00, LINUX: 0x83, GPT_PROTECTIVE: 0xee } as const;

/** Extended partitions: of DOS, by LBA, of Linux. They hold logical ones. */
export const MBR_EXTENDED_TYPES: readonly number[] = [0x05, 0x0f, 0x85];

/** What a status byte may be: not active, active. */
export const MBR_STATUSES: readonly number[] = [0x00, 0x80];

export interface MbrEntry {
  /** 0 when left out. */
  readonly status?: number;
  readonly type: number;
  readonly startSector: number;
  readonly sectors: number;
}

/** The four entries, or undefined where sector 0 has no boot signature. */
export function readMbr(sector0: Uint8Array): MbrEntry[] | undefined {
  const view = new DataView(sector0.buffer, sector0.byteOffset, sector0.byteLength);
  if (view.getUint16(MBR_SIGNATURE_OFFSET, true) !== MBR_SIGNATURE) return undefined;
  return Array.from({ length: MBR_ENTRY_COUNT }, (_, i) => {
    const at = MBR_ENTRIES_OFFSET + i * MBR_ENTRY_SIZE;
    return {
      status: view.getUint8(at + MBR_ENTRY.status),
      type: view.getUint8(at + MBR_ENTRY.type),
      startSector: view.getUint32(at + MBR_ENTRY.lbaStart, true),
      sectors: view.getUint32(at + MBR_ENTRY.sectors, true),
    };
  });
}

/** Writes one entry and the signature into `sector0`; CHS fields say "beyond 8 GiB: use LBA", as fdisk does. */
export function writeMbrEntry(
  sector0: Uint8Array,
  index: number,
  { status = 0, type, startSector, sectors }: MbrEntry,
): void {
  const view = new DataView(sector0.buffer, sector0.byteOffset, sector0.byteLength);
  const at = MBR_ENTRIES_OFFSET + index * MBR_ENTRY_SIZE;
  sector0.set([0xfe, 0xff, 0xff], at + 1);
  sector0.set([0xfe, 0xff, 0xff], at + 5);
  view.setUint8(at + MBR_ENTRY.status, status);
  view.setUint8(at + MBR_ENTRY.type, type);
  view.setUint32(at + MBR_ENTRY.lbaStart, startSector, true);
  view.setUint32(at + MBR_ENTRY.sectors, sectors, true);
  view.setUint16(MBR_SIGNATURE_OFFSET, MBR_SIGNATURE, true);
}
