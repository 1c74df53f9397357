/**
 * Linux's vfat, as far as vmfs uses it: FAT12, FAT16 and FAT32 with long names, timestamps in UTC. Trusts nothing on the
 * device; a volume that was not unmounted is recovered first.
 */

import { WHY } from '../../../../src/protocol/trace_words';
import type { BlockDevice } from '../block_device';
import { fail } from '../errno';
import type { FileSystemType, MountOptions, SuperBlock } from '../vfs';
import { readGeometry } from './geometry';
import { describeDevice } from './identify';
import { recover } from './recovery';
import { Volume } from './volume';
import { VolumeIo } from './volume_io';

export const fatFileSystem: FileSystemType = { name: 'vfat', mount: mountFat };

export function mountFat(device: BlockDevice, options: MountOptions): Volume & SuperBlock {
  if (device.length < 512) fail('EINVAL', 'The device is smaller than one sector.');
  const geometry = readGeometry(device.sector(0, WHY.BOOT_SECTOR), device.length);
  if (typeof geometry === 'string') fail('EINVAL', describeDevice(device, geometry));
  const volume = new Volume(new VolumeIo(device, geometry, options.log, options.clusters), options.clock);
  if (!volume.isDirty) return volume;
  if (device.readOnly) {
    options.log('FAT-fs (vda): Volume was not properly unmounted. Some data may be corrupt. Please run fsck.');
    return volume;
  }
  options.log('FAT-fs (vda): Volume was not properly unmounted. Recovering.');
  recover(volume, options.log);
  return volume;
}
