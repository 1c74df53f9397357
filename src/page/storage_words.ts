/** What the page says about where the disk is and what is on it. */
import type { HostedState, MountState, StorageState } from '../protocol/control';

export interface StorageWords {
  readonly kind: 'opening' | 'saved' | 'unsaved' | 'busy';
  /** Always visible. */
  readonly short: string;
  /** One or two sentences: what it means for the files, and what to do. */
  readonly long: string;
}

export function storageWords(storage: StorageState | undefined): StorageWords {
  if (storage?.hosted) return hostedWords(storage, storage.hosted);
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

function hostedWords({ state }: StorageState, { path, server, reason }: HostedState): StorageWords {
  const saved = state === 'saved';
  const kind = saved ? 'saved' : 'unsaved';
  if (server === 'missing' && !saved)
    return {
      kind,
      short: 'Image not opened',
      long: `${sentence(reason)}This is a fresh disk in memory instead.`,
    };
  if (server === 'changed')
    return {
      kind,
      short: 'Changed on the server',
      long: `${sentence(reason)}This disk is as you left it, but what was never read of the old image cannot be had any more. You can start on the new image; Undo then brings this one back.`,
    };
  const from = `It began as ${path} on this server, and is fetched from there as it is read. Reset the disk to have the image back.`;
  if (server === 'missing')
    return {
      kind,
      short: 'Server not reached',
      long: `${sentence(reason)}The disk works with what was read of it before.`,
    };
  if (saved) return { kind, short: 'Saved in this browser', long: `What you change stays on this device. ${from}` };
  const why = state === 'busy' ? 'Another tab has this disk, so this one works on a copy of its own in memory. ' : '';
  return {
    kind: state === 'busy' ? 'busy' : 'unsaved',
    short: state === 'busy' ? 'Another tab has this disk' : 'Not saved: memory only',
    long: `${why}What you change goes when you close this tab. ${from}`,
  };
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
  if (bytes < 1024) return `${bytes} byte${bytes === 1 ? '' : 's'}`;
  const power = Math.min(3, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** power;
  return `${Number.isInteger(value) ? value : value.toFixed(1)} ${['', 'KiB', 'MiB', 'GiB'][power]}`;
}

function sentence(text: string | undefined): string {
  return text ? `${text.replace(/\.?$/, '.')} ` : '';
}
