/** For tests: empty volumes in memory of every FAT type, small enough to check thousands of them. */
import { formatFat } from '../../../../src/specs/fat_format';
import type { Inode } from '../vfs';
import { mountFat } from './mount';
import { RamDisk } from './ram_disk';
import type { Volume } from './volume';

export const BITS = [12, 16, 32] as const;
export type Bits = (typeof BITS)[number];

/** 2026-11-24 12:00:00 UTC. */
export const NOON = Date.UTC(2026, 10, 24, 12);

/** The least that each type can be, with one sector per cluster: FAT32 by its BPB, as mkfs.fat -F 32 makes it too. */
const SECTORS: Readonly<Record<Bits, number>> = { 12: 512, 16: 4352, 32: 1024 };

export function emptyImage(bits: Bits, sectors: number = SECTORS[bits], sectorsPerCluster?: number): Uint8Array {
  const image = new Uint8Array(Math.ceil(sectors / 8) * 4096);
  const size = sectorsPerCluster ?? (sectors === SECTORS[bits] ? 1 : undefined);
  const options = size === undefined ? { bits, sectors } : { bits, sectors, sectorsPerCluster: size };
  for (const { offset, bytes } of formatFat({ ...options, serial: 0xcafe_f00d })) image.set(bytes, offset);
  return image;
}

export interface Mounted {
  readonly disk: RamDisk;
  readonly volume: Volume;
  readonly log: string[];
  readonly root: Inode;
}

export function mountImage(image: Uint8Array, clock: () => number = () => NOON): Mounted {
  const disk = new RamDisk(image);
  return mountDisk(disk, clock);
}

export function mountDisk(disk: RamDisk, clock: () => number = () => NOON): Mounted {
  const log: string[] = [];
  const volume = mountFat(disk, { clock, log: (line) => log.push(line) });
  return { disk, volume, log, root: volume.root };
}

/** Walks "a/b/c" from the root. */
export function walk(root: Inode, path: string): Inode {
  return path.split('/').reduce((inode, name) => (name === '' ? inode : inode.lookup(name)), root);
}

export function putFile(directory: Inode, name: string, bytes: Uint8Array): Inode {
  const inode = directory.create(name);
  inode.write(0, bytes);
  return inode;
}

export function contents(inode: Inode): Uint8Array {
  const bytes = new Uint8Array(inode.size);
  const length = inode.read(0, bytes);
  return bytes.subarray(0, length);
}

export function names(directory: Inode): string[] {
  const found: string[] = [];
  for (let entry = directory.readdir(2); entry !== undefined; entry = directory.readdir(entry.location))
    found.push(entry.name);
  return found;
}

/** Every path with a digest of its contents; a directory ends with a slash. */
export function tree(directory: Inode, prefix = ''): Map<string, string> {
  const found = new Map<string, string>();
  for (let entry = directory.readdir(2); entry !== undefined; entry = directory.readdir(entry.location)) {
    const inode = directory.lookup(entry.name);
    const path = `${prefix}/${entry.name}`;
    if (inode.kind === 'file') found.set(path, digest(contents(inode)));
    else {
      found.set(`${path}/`, '');
      for (const [below, value] of tree(inode, path)) found.set(below, value);
    }
  }
  return found;
}

/** Length and FNV-1a hash. */
export function digest(bytes: Uint8Array): string {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return `${bytes.length}:${hash.toString(16)}`;
}

/** `length` bytes that are never zero and differ from seed to seed. */
export function pattern(length: number, seed = 1): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => ((i * 7 + seed * 31 + (i >> 8)) % 255) + 1);
}

/** A seeded generator (mulberry32): the next number below `bound`. */
export function seeded(seed: number): (bound: number) => number {
  let state = seed >>> 0;
  return (bound) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound;
  };
}
