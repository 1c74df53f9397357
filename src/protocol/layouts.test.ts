/** Second reading: every table against offsets typed from the C headers (gcc's offsetof on LP64), none imported. */
import { expect, test } from 'vitest';
import { BLK_STORAGE_INFO, clearReady, isReady, readStorageInfo, writeStorageInfo } from './blk_info';
import {
  BLK_QUEUE_CAPACITY,
  BLK_REQ,
  BLK_REQ_CODE,
  BLK_RESP,
  BLK_RESP_STATUS,
  blkClient,
  blkServer,
} from './blk_queue';
import {
  FS_CMD,
  FS_COMMAND,
  FS_COMMAND_QUEUE,
  FS_COMPLETION,
  FS_COMPLETION_QUEUE,
  FS_OPEN,
  FS_PARAMS,
  FS_QUEUE_CAPACITY,
  FS_STAT,
  FS_STATFS,
  FS_STATUS,
} from './fs';
import { NET_COUNTERS, NetCounters } from './net_counters';
import {
  NET_BUFF_DESC,
  NET_BUFFER_SIZE,
  NET_QUEUE,
  NET_QUEUE_CAPACITY,
  NET_QUEUE_REGION_SIZE,
  NetQueue,
} from './net_queue';
import { region } from './region';
import { SERIAL_QUEUE } from './serial_queue';
import { Ring, type RingLayout, ringSize } from './spsc';
import type { Fields, Struct } from './struct';
import { VMFS_CONFIG } from './vmfs';

const offsets = ({ size, fields }: Struct<Fields>) => ({
  size,
  ...Object.fromEntries(Object.entries(fields).map(([name, { type, offset }]) => [name, `${type}@${offset}`])),
});

test('struct blk_req, blk_resp and blk_storage_info', () => {
  expect(offsets(BLK_REQ)).toEqual({
    size: 32,
    code: 'u32@0',
    // gcc leaves 4 to 7 free.
    request: 'u32@4',
    io_or_offset: 'u64@8',
    block_number: 'u64@16',
    count: 'u16@24',
    id: 'u32@28',
  });
  expect(offsets(BLK_RESP)).toEqual({ size: 12, status: 'u32@0', success_count: 'u16@4', id: 'u32@8' });
  expect(offsets(BLK_STORAGE_INFO)).toEqual({
    size: 88,
    serial_number: 'bytes@0',
    read_only: 'u8@64',
    ready: 'u8@65',
    sector_size: 'u16@66',
    block_size: 'u16@68',
    queue_depth: 'u16@70',
    cylinders: 'u16@72',
    heads: 'u16@74',
    blocks: 'u16@76',
    capacity: 'u64@80',
  });
  expect(BLK_STORAGE_INFO.fields.serial_number.length).toBe(64);
  expect(BLK_REQ_CODE).toEqual({ READ: 0, WRITE: 1, FLUSH: 2, BARRIER: 3 });
  expect(BLK_RESP_STATUS).toEqual({ OK: 0, ERR_UNSPEC: 1, ERR_INVALID_PARAM: 2, ERR_IO: 3, ERR_NO_DEVICE: 4 });
});

test('a block request and its response lie where the C compiler puts them', () => {
  const request = region('request', 16 + 128 * 32);
  const response = region('response', 8 + 128 * 12);
  const client = blkClient(request, response);
  const server = blkServer(request, response);
  client.req.enqueue({ code: 0, io_or_offset: 0, block_number: 0, count: 1, id: 1 });
  client.req.enqueue({
    code: 1,
    io_or_offset: 2 ** 40 + 0x1000,
    block_number: 2 ** 33 + 7,
    count: 0x0102,
    id: 0x8765_4321,
  });
  const u32 = (at: number) => request.view.getUint32(at, true);
  expect([u32(0), u32(4), u32(48), u32(56), u32(60), u32(64), u32(68)]).toEqual([0, 2, 1, 0x1000, 256, 7, 2]);
  expect([request.view.getUint16(72, true), u32(76)]).toEqual([0x0102, 0x8765_4321]);
  expect(server.req.dequeue()?.id).toBe(1);
  expect([u32(0), server.req.peek(0).block_number]).toEqual([1, 2 ** 33 + 7]);
  server.resp.enqueue({ status: 0, success_count: 1, id: 5 });
  server.resp.enqueue({ status: 3, success_count: 0x0304, id: 0x1234_5678 });
  const { view } = response;
  expect([
    view.getUint32(4, true),
    view.getUint32(20, true),
    view.getUint16(24, true),
    view.getUint32(28, true),
  ]).toEqual([2, 3, 0x0304, 0x1234_5678]);
  expect([BLK_QUEUE_CAPACITY, client.resp.dequeue()?.id]).toEqual([128, 5]);
});

test('storage info is readable once ready is set, and ready is a byte of its own', () => {
  const page = region('info', 0x1000);
  expect([isReady(page), readStorageInfo(page)]).toEqual([false, undefined]);
  writeStorageInfo(page, { sector_size: 512, block_size: 1, capacity: 2 ** 40 + 3839, read_only: 1 });
  expect([...page.bytes.subarray(64, 70)]).toEqual([1, 1, 0, 2, 1, 0]);
  expect([page.view.getUint32(80, true), page.view.getUint32(84, true)]).toEqual([3839, 256]);
  expect(readStorageInfo(page)).toMatchObject({ capacity: 2 ** 40 + 3839, sector_size: 512, ready: 1 });
  clearReady(page);
  expect([isReady(page), page.bytes[64]]).toEqual([false, 1]);
});

test('struct serial_queue: tail comes first', () => {
  expect(offsets(SERIAL_QUEUE)).toEqual({ size: 12, tail: 'u32@0', head: 'u32@4', producer_signalled: 'u32@8' });
});

test('struct net_queue and its descriptors: 512 of them and the header take three pages', () => {
  expect(offsets(NET_QUEUE)).toEqual({ size: 8, tail: 'u16@0', head: 'u16@2', consumer_signalled: 'u32@4' });
  expect(offsets(NET_BUFF_DESC)).toEqual({ size: 16, io_or_offset: 'u64@0', len: 'u16@8' });
  expect([NET_BUFFER_SIZE, NET_QUEUE_CAPACITY, NET_QUEUE_REGION_SIZE]).toEqual([2048, 512, 0x3000]);
  const at = region('active', 0x3000);
  const [producer, consumer] = [new NetQueue(at, 'producer'), new NetQueue(at, 'consumer')];
  producer.enqueue({ io_or_offset: 0x800, len: 60 });
  producer.enqueue({ io_or_offset: 2 ** 40 + 0x5fef_0800, len: 0x05ea });
  expect([...at.bytes.subarray(0, 4)]).toEqual([2, 0, 0, 0]);
  expect([...at.bytes.subarray(24, 36)]).toEqual([0x00, 0x08, 0xef, 0x5f, 0x00, 0x01, 0x00, 0x00, 0xea, 0x05, 0, 0]);
  expect([consumer.dequeue()?.len, ...at.bytes.subarray(0, 4)]).toEqual([60, 2, 0, 1, 0]);
  consumer.cancelSignal();
  expect([...at.bytes.subarray(4, 8)]).toEqual([1, 0, 0, 0]);
});

test('the counters of a hop of the network', () => {
  const names = 'frames no_client client_full client_broken bad_length bad_buffer driver_broken injected'.split(' ');
  expect(offsets(NET_COUNTERS)).toEqual({
    size: 32,
    ...Object.fromEntries(names.map((name, i) => [name, `u32@${4 * i}`])),
  });
  const at = region('counters', 0x1000);
  new NetCounters(at).count('bad_length');
  expect([...at.words.subarray(0, 7)]).toEqual([0, 0, 0, 0, 1, 0, 0]);
});

test('file system messages: 64 bytes, and 511 of them after 64 bytes of header fill 32 KiB', () => {
  expect(offsets(FS_COMMAND)).toMatchObject({ size: 64, id: 'u64@0', type: 'u64@8', p0: 'u64@16', p5: 'u64@56' });
  expect(offsets(FS_COMPLETION)).toEqual({ size: 64, id: 'u64@0', status: 'u64@8', result: 'u64@16' });
  for (const layout of [FS_COMMAND_QUEUE, FS_COMPLETION_QUEUE] as RingLayout<Fields>[]) {
    expect([layout.head, layout.tail, layout.slots, layout.indexBits, ringSize(layout, 511)]).toEqual([
      0, 8, 64, 64, 0x8000,
    ]);
  }
  expect(FS_QUEUE_CAPACITY).toBe(511);
  const at = region('completions', 0x8000);
  const ring = new Ring(at, 511, FS_COMPLETION_QUEUE, 'producer');
  ring.put(1, { id: 9, status: 17, result: 2 ** 32 });
  const word = (offset: number) => at.view.getBigUint64(offset, true);
  expect([word(8), word(128), word(136), word(144)]).toEqual([0n, 9n, 17n, 2n ** 32n]);
  ring.publish(2);
  expect([word(0), word(8)]).toEqual([0n, 2n]);
});

test('parameters of every command', () => {
  const path = { path_offset: 'u64@16', path_size: 'u64@24' };
  const fd = { fd: 'u64@16' };
  const io = { fd: 'u64@16', offset: 'u64@24', buf_offset: 'u64@32', buf_size: 'u64@40' };
  const expected = {
    INITIALISE: {},
    DEINITIALISE: {},
    FILE_OPEN: { ...path, flags: 'u64@32' },
    FILE_CLOSE: fd,
    STAT: { ...path, buf_offset: 'u64@32', buf_size: 'u64@40' },
    FILE_READ: io,
    FILE_WRITE: io,
    FILE_SIZE: fd,
    RENAME: { ...path, new_path_offset: 'u64@32', new_path_size: 'u64@40' },
    FILE_REMOVE: path,
    FILE_TRUNCATE: { ...fd, length: 'u64@24' },
    DIR_CREATE: path,
    DIR_REMOVE: path,
    DIR_OPEN: path,
    DIR_CLOSE: fd,
    FILE_SYNC: fd,
    DIR_READ: { ...fd, buf_offset: 'u64@24', buf_size: 'u64@32' },
    DIR_SEEK: { ...fd, loc: 'i64@24' },
    DIR_TELL: fd,
    DIR_REWIND: fd,
    STATFS: { buf_offset: 'u64@16', buf_size: 'u64@24' },
  };
  const read = Object.fromEntries(
    Object.entries(FS_PARAMS).map(([name, table]) => [name, offsets(table as Struct<Fields>)]),
  );
  expect(read).toEqual(
    Object.fromEntries(Object.entries(expected).map(([name, table]) => [name, { size: 64, ...table }])),
  );
});

test('numbers of commands, flags and statuses', () => {
  const upstream = (
    'INITIALISE DEINITIALISE FILE_OPEN FILE_CLOSE STAT FILE_READ FILE_WRITE FILE_SIZE RENAME FILE_REMOVE FILE_TRUNCATE ' +
    'DIR_CREATE DIR_REMOVE DIR_OPEN DIR_CLOSE FILE_SYNC DIR_READ DIR_SEEK DIR_TELL DIR_REWIND'
  ).split(' ');
  expect(FS_CMD).toEqual({ ...Object.fromEntries(upstream.map((name, i) => [name, i])), STATFS: 64 });
  expect(FS_OPEN).toEqual({ READ_ONLY: 0, WRITE_ONLY: 1, READ_WRITE: 2, CREATE: 4 });
  const statuses = (
    'SUCCESS ERROR INVALID_BUFFER INVALID_PATH INVALID_FD ALLOCATION_ERROR OUTSTANDING_OPERATIONS INVALID_NAME ' +
    'TOO_MANY_OPEN_FILES SERVER_WAS_DENIED INVALID_WRITE INVALID_READ DIRECTORY_IS_FULL INVALID_COMMAND END_OF_DIRECTORY ' +
    'NO_FILE NOT_DIRECTORY ALREADY_EXISTS NOT_EMPTY'
  ).split(' ');
  expect(FS_STATUS).toMatchObject(Object.fromEntries(statuses.map((name, i) => [name, i])));
  expect(new Set(Object.values(FS_STATUS)).size).toBe(Object.keys(FS_STATUS).length);
});

test('struct fs_stat: seventeen words; and what STATFS answers', () => {
  const names =
    'dev ino mode nlink uid gid rdev size blksize blocks atime mtime ctime atime_nsec mtime_nsec ctime_nsec used'.split(
      ' ',
    );
  expect(offsets(FS_STAT)).toEqual({
    size: 136,
    ...Object.fromEntries(names.map((name, i) => [name, `u64@${8 * i}`])),
  });
  expect(offsets(FS_STATFS)).toEqual({ size: 32, bsize: 'u64@0', blocks: 'u64@8', bfree: 'u64@16', namemax: 'u64@24' });
});

test('the config page of the guest', () => {
  expect(offsets(VMFS_CONFIG)).toEqual({
    size: 32,
    command_queue_size: 'u64@0',
    completion_queue_size: 'u64@8',
    data_size: 'u64@16',
    fault_size: 'u64@24',
  });
});
