/** What the numbers in queues and descriptors mean, by the names that the system's own tables give them. */
import type { ProtectionDomain } from '../../microkit/sdf';
import { BLK_REQ_CODE, BLK_RESP_STATUS, BLK_TRANSFER_SIZE } from '../../protocol/blk_queue';
import { FS_CMD, FS_OPEN, FS_STATUS } from '../../protocol/fs';
import { GUEST_SLOT_FLAG } from '../../protocol/vmfs';
import { IORING_OP } from '../../specs/io_uring';
import { VIRTIO_BLK_T } from '../../specs/virtio_blk';
import { VIRTQ_DESC_F } from '../../specs/virtq';
import { bytesWords } from '../storage_words';
import { type Meaning, nameIn, type Value } from './fields';
import type { Look, Place } from './look';

const short = (region: string) => region.split('/').at(-1)!;

/** `blk_driver_data + 0x6000`. */
export function placeWords(place: Place | undefined): string {
  return place ? `${short(place.region)} + 0x${place.offset.toString(16)}` : 'nowhere';
}

/** An unused descriptor has none. */
const addressWords = (place: Place | undefined, address: Value) => (address === 0 && !place ? '' : placeWords(place));

const flagsIn = (table: Readonly<Record<string, number>>, value: Value) =>
  Object.keys(table)
    .filter((name) => Number(value) & table[name]!)
    .join(' ');

/** Of sDDF's requests: offsets on the way to the virtualiser, addresses on the way to the driver. */
export const blkRequest =
  (look: Look, data: string | undefined): Meaning =>
  (field, value) => {
    if (field === 'code') return nameIn(BLK_REQ_CODE, value) ?? 'no code';
    if (field === 'block_number' || field === 'count') return `\u00d7 ${bytesWords(BLK_TRANSFER_SIZE)}`;
    if (field !== 'io_or_offset') return undefined;
    return data ? placeWords({ region: data, offset: Number(value) }) : addressWords(look.physical(value), value);
  };

export const blkResponse: Meaning = (field, value) =>
  field === 'status' ? (nameIn(BLK_RESP_STATUS, value) ?? 'no status') : undefined;

export const netDescriptor =
  (look: Look, data: string | undefined): Meaning =>
  (field, value) => {
    if (field === 'len') return 'bytes of frame';
    if (field !== 'io_or_offset') return undefined;
    return data ? placeWords({ region: data, offset: Number(value) }) : addressWords(look.physical(value), value);
  };

/** Of the parameters of all commands. */
export const fsCommand: Meaning = (field, value) => {
  if (field === 'type') return nameIn(FS_CMD, value) ?? 'no command';
  if (field.endsWith('_offset')) return 'in the share';
  if (field.endsWith('_size') || field === 'length') return 'bytes';
  if (field === 'flags') return nameIn(FS_OPEN, Number(value) & 3) + (Number(value) & FS_OPEN.CREATE ? ' CREATE' : '');
  return undefined;
};

export const fsCompletion: Meaning = (field, value) =>
  field === 'status' ? (nameIn(FS_STATUS, value) ?? 'no status') : undefined;

export const serialByte: Meaning = (field, value) => {
  const byte = Number(value);
  if (field !== 'byte') return undefined;
  return byte >= 0x20 && byte < 0x7f ? `'${String.fromCharCode(byte)}'` : byte === 13 ? 'Enter' : '';
};

export const descriptor =
  (look: Look, guest: ProtectionDomain | undefined): Meaning =>
  (field, value) => {
    if (field === 'flags') return flagsIn(VIRTQ_DESC_F, value);
    if (field === 'len') return 'bytes';
    if (field !== 'addr') return undefined;
    return addressWords(guest ? look.guestPhysical(guest, value) : look.physical(value), value);
  };

export const blkHeader: Meaning = (field, value) => {
  if (field === 'type') return nameIn(VIRTIO_BLK_T, value) ?? 'no type';
  return field === 'sector' ? '\u00d7 512 bytes' : undefined;
};

export const submission: Meaning = (field, value) => {
  if (field === 'opcode') return nameIn(IORING_OP, value) ?? 'no operation';
  return field === 'len' ? 'bytes' : undefined;
};

export const completion: Meaning = (field, value) => {
  if (field !== 'res') return undefined;
  return value < 0 ? 'an errno, negative' : 'the result';
};

export const cacheSlot: Meaning = (field, value) => {
  if (field === 'flags') return flagsIn(GUEST_SLOT_FLAG, value);
  if (field !== 'page') return undefined;
  if (value === -1) return 'free';
  return value === -2
    ? 'lost: a device may still write to it'
    : `sectors ${Number(value) * 8} to ${Number(value) * 8 + 7}`;
};
