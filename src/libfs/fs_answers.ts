/** Paths as the protocol carries them, and what a server may answer: names and structs that are looked at before they are believed. */
import { FS_MAX_PATH_LENGTH, FS_STAT } from '../protocol/fs';
import { type Fields, readStruct, type Struct, type Values } from '../protocol/struct';
import { Errno } from './errors';
import type { ShareBuffer } from './share_buffers';

/** Where an answer is put in a buffer that begins with a path. */
export const ANSWER = 8192;

const encoder = new TextEncoder();

export interface PathBuffer {
  readonly buffer: ShareBuffer;
  readonly at: { readonly path_offset: number; readonly path_size: number };
}

export function statParams({ buffer, at }: PathBuffer) {
  return { ...at, buf_offset: buffer.offset + ANSWER, buf_size: FS_STAT.size };
}

export function encoded(path: string): Uint8Array {
  const bytes = encoder.encode(path);
  if (bytes.length === 0) throw new Errno('ENOENT');
  if (bytes.length > FS_MAX_PATH_LENGTH) throw new Errno('ENAMETOOLONG');
  return bytes;
}

/** A struct that the server wrote; one with a number too large to be true is EIO. */
export function checked<F extends Fields>(bytes: Uint8Array, at: number, layout: Struct<F>): Values<F> {
  const values = readStruct(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), at, layout);
  if (Object.values(values).some(Number.isNaN)) throw new Errno('EIO');
  return values;
}

export function withoutNul(name: Uint8Array): Uint8Array {
  const end = name.indexOf(0);
  return end < 0 ? name : name.subarray(0, end);
}

export function isEntryName(name: Uint8Array): boolean {
  const dots = name.length <= 2 && name.every((byte) => byte === 0x2e);
  return !dots && !name.includes(0x2f);
}
