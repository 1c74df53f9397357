/** Strips, rows of bytes and places by name, as the inspector works them. */
import { expect, test } from 'vitest';
import { struct, u16, u64 } from '../../protocol/struct';
import { PL011_REGISTERS } from '../../specs/pl011';
import { VIRTIO_NET_REGISTERS } from '../../specs/virtio_mmio_table';
import { moved, rowsOver } from './hex';
import { placeOfText } from './places';
import { between, type QueueState } from './queue';
import { asStruct, shownRegister } from './registers';
import { cellsOf, countWords, slotOfInterest, strides } from './strip';
import { CQE_TABLE, IO_RINGS_TABLE, SQE_TABLE, VIRTQ_TABLES } from './tables';

const state = (
  head: number | undefined,
  tail: number | undefined,
  length: number | undefined,
  capacity = 128,
): QueueState => ({
  head,
  tail,
  indices: {},
  length,
  filled: between(head ?? 0, length ?? 0, capacity),
});

test('slots that are filled, round the end of the ring', () => {
  const filled = between(126, 4, 128);
  expect([125, 126, 127, 0, 1, 2].map(filled)).toEqual([false, true, true, true, true, false]);
  expect(between(5, 0, 128)(5)).toBe(false);
});

test('a strip has the slots of one page', () => {
  expect(cellsOf(state(127, 2, 3), 128, 0)).toBe(`ff${'.'.repeat(125)}f`);
  const last = cellsOf(state(500, 509, 9, 511), 511, 384);
  expect(last).toHaveLength(127);
  expect(last.slice(116)).toBe('fffffffff..');
  expect([
    countWords(state(0, 2, 2), 128),
    countWords(state(0, 0, 128), 128),
    countWords(state(0, 9, undefined), 8),
  ]).toEqual(['2 of 128', 'full, 128', 'broken']);
});

test('what a reader looks at first: the oldest entry, else the last one that was written', () => {
  expect(slotOfInterest(state(36, 38, 2), 128)).toBe(36);
  expect(slotOfInterest(state(0, 0, 0), 128)).toBe(127);
  const cache = { ...state(undefined, undefined, 2), filled: (slot: number) => slot >= 7 };
  expect(slotOfInterest(cache, 128)).toBe(7);
});

test('keys go from slot to slot, from page to page, and round', () => {
  expect(strides('ArrowRight', 127, 128)).toBe(0);
  expect(strides('ArrowLeft', 0, 511)).toBe(510);
  expect([strides('Home', 200, 511), strides('End', 200, 511), strides('End', 500, 511)]).toEqual([128, 255, 510]);
  expect([strides('PageDown', 400, 511), strides('PageUp', 10, 511)]).toEqual([17, 393]);
  expect(strides('a', 1, 8)).toBeUndefined();
});

test('keys move the cursor by byte and by row, and stop at the ends', () => {
  expect(['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown'].map((key) => moved(key, 0x25, 64, 2))).toEqual([
    0x24, 0x26, 0x15, 0x35,
  ]);
  expect([moved('Home', 0x25, 64, 2), moved('End', 0x25, 64, 2), moved('PageDown', 0x15, 64, 2)]).toEqual([
    0x20, 0x2f, 0x35,
  ]);
  expect([moved('ArrowUp', 3, 64, 2), moved('ArrowDown', 60, 64, 2)]).toEqual([0, 63]);
  expect(moved('Tab', 3, 64, 2)).toBeUndefined();
  expect(rowsOver(17, 49)).toEqual([16, 32, 48]);
});

test('a place by its offset or its name', () => {
  const table = struct('pair', 12, { one: u16(0), two: u64(4) });
  const pieces = [
    { name: 'head', table, at: 0, count: 1 },
    { name: 'pair', table, at: 16, count: 10 },
    { name: 'pair.ring', table, at: 200, count: 2 },
  ];
  const place = (text: string) => placeOfText(text, pieces, 256);
  expect(['0x20', '32', ' 0xFF ', '256', '0x', '-1'].map(place)).toEqual([
    32,
    32,
    255,
    undefined,
    undefined,
    undefined,
  ]);
  expect(['head.two', 'pair', 'pair[3]', 'pair[3].two', 'pair.ring[1].one'].map(place)).toEqual([4, 16, 52, 56, 212]);
  expect(['pair[10]', 'pair.three', 'nobody', 'pair[3].two.x'].map(place)).toEqual(Array(4).fill(undefined));
});

test('a register in words: what is set, what a field is called, bytes in their order', () => {
  const memory = new DataView(new ArrayBuffer(0x1000));
  const bytes = new Uint8Array(memory.buffer);
  const read = (table: typeof PL011_REGISTERS, name: string) => {
    const register = table.registers.find((candidate) => candidate.name === name)!;
    return shownRegister(register, memory, bytes, register.offset);
  };
  memory.setUint32(0x2c, 0x72, true);
  expect(read(PL011_REGISTERS, 'UARTLCR_H')).toMatchObject({ text: '0x00000072', words: 'PEN FEN WLEN=8 bits' });
  expect(read(PL011_REGISTERS, 'UARTLCR_H').fields.at(-1)).toEqual({
    name: 'WLEN',
    bits: '6:5',
    value: 3,
    words: '8 bits',
  });
  bytes.set([0x52, 0x54, 1, 0, 0, 7], 0x100);
  expect(read(VIRTIO_NET_REGISTERS, 'Config.mac')).toMatchObject({ text: '52 54 01 00 00 07', words: '' });
  memory.setUint32(0, 0x7472_6976, true);
  expect(read(VIRTIO_NET_REGISTERS, 'MagicValue').words).toBe('"virt"');
  expect(asStruct(VIRTIO_NET_REGISTERS).fields['Config.mac']).toEqual({ type: 'bytes', offset: 0x100, length: 6 });
});

test('layouts made of numbers in specs, against linux/io_uring.h and [VIRTIO 1.2] 2.7', () => {
  const places = ({ fields }: { fields: Readonly<Record<string, { type: string; offset: number }>> }) =>
    Object.entries(fields).map(([name, { type, offset }]) => `${name} ${type} ${offset}`);
  expect(places(VIRTQ_TABLES.desc)).toEqual(['addr u64 0', 'len u32 8', 'flags u16 12', 'next u16 14']);
  expect(places(VIRTQ_TABLES.used)).toEqual(['id u32 0', 'len u32 4']);
  expect(places(VIRTQ_TABLES.head)).toEqual(['flags u16 0', 'idx u16 2']);
  expect(places(SQE_TABLE).slice(0, 8)).toEqual([
    'opcode u8 0',
    'flags u8 1',
    'fd i32 4',
    'off u64 8',
    'addr u64 16',
    'len u32 24',
    'op_flags u32 28',
    'user_data u64 32',
  ]);
  expect(places(CQE_TABLE)).toEqual(['user_data u64 0', 'res i32 8', 'flags u32 12']);
  expect([VIRTQ_TABLES.desc.size, VIRTQ_TABLES.used.size, SQE_TABLE.size, CQE_TABLE.size]).toEqual([16, 8, 64, 16]);
  expect(places(IO_RINGS_TABLE).slice(0, 4)).toEqual([
    'sq_head u32 0',
    'sq_tail u32 4',
    'cq_head u32 8',
    'cq_tail u32 12',
  ]);
});
