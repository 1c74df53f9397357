/** What the page says about where the disk is and what is on it. */
import type { MountState, StorageState } from '../protocol/control';

export interface StorageWords {
  readonly kind: 'opening' | 'saved' | 'unsaved' | 'busy';
  /** Always visible. */
  readonly short: string;
  /** One or two sentences: what it means for the files, and what to do. */
  readonly long: string;
}

export function storageWords(storage: StorageState | undefined): StorageWords {
  switch (storage?.state) {
    case undefined:
      return { kind: 'opening', short: 'Opening disk', long: 'blk_driver is opening the disk.' };
    case 'saved':
      return {
        kind: 'saved',
        short: 'Saved in this browser',
        long: 'Every write is on this device when Python says it is done. Nothing leaves this browser.',
      };
    case 'busy':
      return {
        kind: 'busy',
        short: 'Another tab has this disk',
        long: 'Only one tab can use the saved disk. This one works on a fresh disk in memory, which goes when you close it. Close the other tab and reload this one to have the saved disk.',
      };
    case 'memory':
      return {
        kind: 'unsaved',
        short: 'Not saved: memory only',
        long: `${sentence(storage.reason)}Your files go when you close this tab. Download the disk to keep them.`,
      };
  }
}

export function mountWords(mount: MountState | undefined): string {
  switch (mount?.state) {
    case 'mounted':
      return `${mount.type ?? 'FAT'}, mounted by linux_fs_vm`;
    case 'refused':
      return `Not mounted: ${mount.reason ?? 'linux_fs_vm could not read it.'}`;
    case 'unmounted':
      return 'Not mounted yet';
    case undefined:
      return 'linux_fs_vm has not looked at it yet';
  }
}

/** Binary units for disks, exact below a KiB. */
export function bytesWords(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`;
  const power = Math.min(3, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** power;
  return `${Number.isInteger(value) ? value : value.toFixed(1)} ${['', 'KiB', 'MiB', 'GiB'][power]}`;
}

function sentence(text: string | undefined): string {
  return text ? `${text.replace(/\.?$/, '.')} ` : '';
}
