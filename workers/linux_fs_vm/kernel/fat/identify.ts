/** Names what is on a device that is not a FAT volume, for the one sentence with which a mount is refused. */
import type { BlockDevice } from '../block_device';

/** [offset, magic bytes as text, what it is]; from each format's own description. */
const MAGICS: readonly (readonly [number, string, string])[] = [
  [3, 'NTFS    ', 'an NTFS file system'],
  [3, 'EXFAT   ', 'an exFAT file system'],
  [8, 'littlefs', 'a littlefs file system'],
  [0, 'XFSB', 'an XFS file system'],
  [0, 'LUKS\xba\xbe', 'a LUKS encrypted volume'],
  [512, 'LABELONE', 'an LVM physical volume'],
  [0, 'hsqs', 'a SquashFS file system'],
  [4086, 'SWAPSPACE2', 'Linux swap space'],
  [0x8001, 'CD001', 'an ISO 9660 file system'],
  [0x8001, 'BEA01', 'a UDF file system'],
  [0x10040, '_BHRfS_M', 'a Btrfs file system'],
  [1024, '\x10\x20\xf5\xf2', 'an F2FS file system'],
  [1024, '\xe2\xe1\xf5\xe0', 'an EROFS file system'],
  [1024, 'H+', 'an HFS+ file system'],
  [32, 'NXSB', 'an APFS container'],
  [0, 'QFI\xfb', 'a QEMU disk image in the format qcow2'],
  [0, 'KDMV', 'a disk image in the format VMDK'],
  [0, 'PK\x03\x04', 'a ZIP archive'],
  [0, '7z\xbc\xaf', 'a 7-Zip archive'],
  [0, '\xfd7zXZ', 'a file packed by xz'],
  [0, '\x28\xb5\x2f\xfd', 'a file packed by zstd'],
  [512, 'EFI PART', 'a GUID partition table'],
];
const EXT_SUPERBLOCK = 1024;
const EXT_MAGIC_OFFSET = EXT_SUPERBLOCK + 0x38;
const EXT_MAGIC = '\x53\xef';
const EXT_COMPAT_HAS_JOURNAL = 0x04;
const EXT_INCOMPAT_EXTENTS = 0x40;

/** One sentence without a full stop at the front of `reason`, which says why the boot sector does not make a FAT. */
export function describeDevice(device: BlockDevice, reason: string): string {
  const found = foreignFileSystem(device);
  if (found !== undefined) return `The device holds ${found}, not a FAT file system.`;
  if (isZero(device.sector(0))) return 'The device is blank (its first sector is all zeros), not a FAT file system.';
  return `The device holds no FAT file system that can be used: ${reason}.`;
}

function foreignFileSystem(device: BlockDevice): string | undefined {
  if (text(device, EXT_MAGIC_OFFSET, 2) === EXT_MAGIC) return extVersion(device);
  return MAGICS.find(([offset, magic]) => text(device, offset, magic.length) === magic)?.[2];
}

function extVersion(device: BlockDevice): string {
  const compat = text(device, EXT_SUPERBLOCK + 0x5c, 1).charCodeAt(0);
  const incompat = text(device, EXT_SUPERBLOCK + 0x60, 1).charCodeAt(0);
  if (incompat & EXT_INCOMPAT_EXTENTS) return 'an ext4 file system';
  return compat & EXT_COMPAT_HAS_JOURNAL ? 'an ext3 file system' : 'an ext2 file system';
}

function text(device: BlockDevice, offset: number, length: number): string {
  if (offset + length > device.length) return '';
  const bytes = new Uint8Array(length);
  device.read(offset, bytes);
  return String.fromCharCode(...bytes);
}

function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}
