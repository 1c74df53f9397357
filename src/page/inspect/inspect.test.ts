/** The inspectors over a running system: what they show is what shared memory holds, by the tables that the system uses. */
import { beforeAll, describe, expect, test } from 'vitest';
import { type Machine, machine } from '../../../workers/linux_fs_vm/testing/machine';
import { maaxboard } from '../../boards/maaxboard';
import { vmfs } from '../../boards/vmfs';
import { allocate } from '../../microkit/layout';
import { BLK_REQ, blkClient } from '../../protocol/blk_queue';
import { FS_CMD, FS_COMMAND_QUEUE, FS_QUEUE_CAPACITY } from '../../protocol/fs';
import { NET_QUEUE_CAPACITY, NetQueue } from '../../protocol/net_queue';
import { Region } from '../../protocol/region';
import { SerialQueue } from '../../protocol/serial_queue';
import { Ring } from '../../protocol/spsc';
import { struct, u16, u32, u64 } from '../../protocol/struct';
import { graphOf } from '../graph/model';
import { RING_KINDS } from '../graph/queues';
import { inspect } from './automation';
import { fieldAt, fieldsOf } from './fields';
import { Look } from './look';
import { nodeRegions, tabsOf } from './node';
import { nameAt, piecesOf } from './pieces';
import { ringsOf } from './rings';
import { uioRows } from './uio';
import { lastOf, writersOf, writerWords } from './writers';

let system: Machine;
let look: Look;
const at = (name: string) => inspect({ memory: () => system.memory }, name) as never;
const region = (name: string) => new Region(name, system.memory.regions.get(name)!);

beforeAll(async () => {
  system = await machine();
  system.client((client) => expect(client.initialise()).toBe(0));
  look = new Look(system.memory);
});

describe('the rings that domains share', () => {
  test('a request that waits is shown where it is, field by field', () => {
    const [requests, responses] = ['request', 'response'].map((end) => region(`blk_client_fs_driver_vmm_${end}`));
    const { req } = blkClient(requests!, responses!);
    const slot = (req.slotOffset(0) - 16) / 32;
    req.enqueue({ code: 1, io_or_offset: 0x6000, block_number: 218, count: 1, id: 7 });
    const queue = at('blk_virt.client_0_request') as ReturnType<typeof Object>;
    expect(queue).toMatchObject({ from: 'fs_driver_vmm', to: 'blk_virt', capacity: 128, length: 1 });
    const [entry] = (queue as { entries: { slot: number; fields: object }[] }).entries;
    expect(entry).toMatchObject({
      slot,
      fields: {
        code: { value: 1, words: 'WRITE', at: 16 + 32 * slot },
        io_or_offset: { value: 0x6000, words: 'blk_client_fs_driver_vmm_data + 0x6000' },
        block_number: { value: 218, words: '\u00d7 4 KiB', at: 32 + 32 * slot },
        count: { value: 1 },
        id: { value: 7 },
      },
    });
    // As its other end sees it, under its own name.
    expect((at('fs_driver_vmm.blk_request') as { entries: unknown[] }).entries).toHaveLength(1);
    new Int32Array(requests!.buffer)[1]! -= 1;
  });

  test("a command's parameters have the names of its type", () => {
    const ring = new Ring(region('fs_fs_driver_vmm_command_queue'), FS_QUEUE_CAPACITY, FS_COMMAND_QUEUE, 'producer');
    ring.enqueue({ id: 3, type: FS_CMD.FILE_READ, p0: 5, p1: 512, p2: 0x8000, p3: 100 });
    const queue = at('linux_fs_vm.vmfs_command') as { from: string; to: string; entries: { fields: object }[] };
    expect([queue.from, queue.to]).toEqual(['micropython', 'linux_fs_vm']);
    expect(queue.entries[0]!.fields).toMatchObject({
      type: { value: 5, words: 'FILE_READ' },
      fd: { value: 5 },
      offset: { value: 512 },
      buf_offset: { value: 0x8000, words: 'in the share' },
      buf_size: { value: 100, words: 'bytes' },
    });
    expect(queue.entries[0]!.fields).not.toHaveProperty('p0');
    new BigInt64Array(region('fs_fs_driver_vmm_command_queue').buffer)[1]! -= 1n;
  });

  test('frames and empty buffers, bytes of the serial line', () => {
    const base = 'virtio_mmio@a003c00/net/queue/net_virt_tx/micropython';
    new NetQueue(region(`${base}/free`), 'producer').fill(0);
    new NetQueue(region(`${base}/active`), 'producer').enqueue({ io_or_offset: 0x1800, len: 60 });
    expect(at('micropython.net_tx_free')).toMatchObject({
      from: 'net_virt_tx',
      to: 'micropython',
      length: NET_QUEUE_CAPACITY,
    });
    const frames = at('net_virt_tx.client_0_active') as { from: string; entries: object[] };
    expect(frames.from).toBe('micropython');
    expect(frames.entries).toMatchObject([
      { fields: { io_or_offset: { words: 'micropython + 0x1800' }, len: { value: 60, words: 'bytes of frame' } } },
    ]);
    const serial = 'pl011@9000000/serial';
    const queue = new SerialQueue(
      region(`${serial}/queue/serial_virt_rx/micropython`),
      region(`${serial}/data/serial_virt_rx/micropython`),
    );
    queue.write(new TextEncoder().encode('hi'));
    const keys = at('micropython.serial_rx_queue') as { capacity: number; length: number; entries: object[] };
    expect([keys.capacity, keys.length]).toEqual([0x1_0000, 2]);
    expect(keys.entries).toMatchObject([
      { fields: { byte: { words: "'h'" } } },
      { fields: { byte: { words: "'i'" } } },
    ]);
    queue.read();
  });

  test('impossible indices are no length, and nothing counts as filled', () => {
    const buffer = region('blk_driver_request').words;
    buffer[1] = 500;
    const queue = at('blk_virt.driver_request') as { length: undefined; entries: unknown[]; indices: object };
    expect(queue).toMatchObject({ indices: { tail: 500 }, entries: [] });
    expect(queue.length).toBeUndefined();
    buffer[1] = 0;
  });

  test('the inspector follows a layout table that is another one', () => {
    const kind = RING_KINDS.find(({ slot }) => slot === BLK_REQ)!;
    const { block_number, ...rest } = BLK_REQ.fields;
    const slot = struct('blk_req', 40, { ...rest, first_block: u64(32), colour: u16(16) });
    const changed = [{ ...kind, tail: 8, slots: 64, slot, capacity: 32 }];
    const { bytes, view, words } = region('blk_client_fs_driver_vmm_request');
    const before = bytes.slice(0, 256);
    words[2] = words[0]! + 1;
    const head = words[0]! % 32;
    view.setBigUint64(64 + 40 * head + 32, 99n, true);
    view.setUint16(64 + 40 * head + 16, 12, true);
    const queue = ringsOf(look, look.domain('blk_virt')!, changed).find(({ name }) => name === 'client_0_request')!;
    expect(queue.capacity).toBe(32);
    const state = queue.read(look);
    expect([state.length, state.filled(head), state.filled(head + 1)]).toEqual([1, true, false]);
    const { table, at, region: where } = queue.slot(look, head);
    const fields = fieldsOf(table, look.region(where).bytes, at);
    expect(fields.find(({ name }) => name === 'first_block')).toMatchObject({
      value: 99,
      at: 64 + 40 * head + 32,
      length: 8,
    });
    expect(fields.find(({ name }) => name === 'colour')).toMatchObject({ value: 12 });
    expect(fields.some(({ name }) => name === 'block_number')).toBe(false);
    expect(fieldAt(table, 33)).toBe('first_block');
    bytes.set(before);
  });
});

describe("the guest's own", () => {
  test('virtqueues are found by the registers that the monitor shows', () => {
    const queue = at('fs_driver_vmm.virtio-blk.requestq.avail') as { capacity: number; region: string; length: number };
    expect(queue).toMatchObject({ capacity: 128, region: 'guest_ram_linux_fs_vm', length: 0 });
    const used = at('linux_fs_vm.virtio-blk.requestq.used') as { indices: { 'used.idx': number } };
    expect(used.indices['used.idx']).toBeGreaterThan(0);
    const { registers } = at('fs_driver_vmm.virtio-blk') as {
      registers: { name: string; value: number; words: string }[];
    };
    const named = (name: string) => registers.find((register) => register.name === name)!;
    expect(named('MagicValue').value).toBe(0x7472_6976);
    expect(named('DeviceID')).toMatchObject({ value: 2, words: 'BLOCK' });
    expect(named('Status').words).toBe('ACKNOWLEDGE DRIVER DRIVER_OK FEATURES_OK');
    const capacity = region('blk_client_fs_driver_vmm_storage_info').view.getUint32(80, true);
    expect(capacity).toBeGreaterThan(1000);
    expect(named('Config.capacity').value).toBe(8 * capacity);
  });

  test('a chain that the device has shows its descriptors and its header', () => {
    const before = at('fs_driver_vmm.virtio-blk.requestq.avail') as {
      indices: { 'avail.idx': number };
      capacity: number;
    };
    const avail = piecesOf(look, 'guest_ram_linux_fs_vm').find(({ name }) => name === 'virtio-blk.requestq.avail')!;
    const indices = new Uint16Array(look.region('guest_ram_linux_fs_vm').buffer, avail.at, 2);
    // The last chain once more: as if the device had not answered it.
    const used = piecesOf(look, 'guest_ram_linux_fs_vm').find(({ name }) => name === 'virtio-blk.requestq.used')!;
    const usedIndex = new Uint16Array(look.region('guest_ram_linux_fs_vm').buffer, used.at, 2);
    usedIndex[1]!--;
    const queue = at('linux_fs_vm.virtio-blk.requestq.avail') as {
      length: number;
      entries: { slot: number; parts: { name: string; fields: Record<string, { words: string; value: number }> }[] }[];
    };
    usedIndex[1]!++;
    expect(indices[1]).toBe(before.indices['avail.idx']);
    expect(queue.length).toBe(1);
    const [{ slot, parts }] = queue.entries as [(typeof queue.entries)[0]];
    expect(slot).toBe((indices[1]! - 1) % before.capacity);
    expect(parts.map(({ name }) => name).slice(0, 3)).toEqual(['virtq_desc', 'virtio_blk_req', 'virtq_desc']);
    expect(parts[0]!.fields.flags!.words).toBe('NEXT');
    expect(parts[0]!.fields.addr!.words).toMatch(/^guest_ram_linux_fs_vm \+ 0x/);
    expect(parts[1]!.fields.type!.words).toMatch(/^(IN|OUT|FLUSH)$/);
    expect(parts.at(-1)!.fields.flags!.words).toBe('WRITE');
  });

  test('an io_uring for each client, and the page cache with what it holds', () => {
    expect(at('linux_fs_vm.io_uring_0.sq')).toMatchObject({ capacity: 512, length: 0 });
    expect(at('linux_fs_vm.io_uring_1.cq')).toMatchObject({ capacity: 1024, length: 0 });
    const cache = at('linux_fs_vm.page_cache') as {
      length: number;
      entries: { fields: Record<string, { value: number; words: string }> }[];
    };
    expect(cache.length).toBe(cache.entries.length);
    expect(cache.length).toBeGreaterThan(0);
    const pages = cache.entries.map(({ fields }) => fields.page!.value);
    expect(pages).toContain(0);
    expect(new Set(pages).size).toBe(pages.length);
  });
});

test("what the guest's kernel shows is what it does: interrupts, rings, pages that are clean again", () => {
  system.client((client) => client.putFile('/kept', 'x'.repeat(3000)));
  expect(at('linux_fs_vm.io_uring_0.sq')).toMatchObject({ length: 0 });
  expect((at('linux_fs_vm.io_uring_0.sq') as { indices: { tail: number } }).indices.tail).toBeGreaterThan(0);
  const rings = piecesOf(look, 'guest_ram_linux_fs_vm').find(({ name }) => name === 'io_uring_0')!;
  const shown = fieldsOf(rings.table, look.region('guest_ram_linux_fs_vm').bytes, rings.at);
  expect(shown.find(({ name }) => name === 'sq_ring_entries')!.value).toBe(512);
  const { entries } = at('linux_fs_vm.page_cache') as { entries: { fields: { flags: { words: string } } }[] };
  expect(entries.filter(({ fields }) => /dirty|writing|reading/.test(fields.flags.words))).toEqual([]);
  const command = uioRows(look, look.domain('linux_fs_vm')!).find(({ name }) => name === 'vmfs_command')!;
  expect(command.interrupts).toMatch(/^[1-9]\d* of interrupt 71, 0 not read, the next one may come$/);
  // The guest's InterruptStatus is a word of its own, which both of them change.
  const { words } = look.region('linux_fs_vm_virq_status');
  words[1]! |= 2;
  const { registers } = at('fs_driver_vmm.virtio-blk') as { registers: { name: string; words: string }[] };
  words[1]! &= ~2;
  expect(registers.find(({ name }) => name === 'InterruptStatus')!.words).toBe('CONFIG_CHANGE');
});

test.each([
  ['sizes that nothing holds', 0xffff_ffff, 0x4000_0000],
  ['addresses without memory', 512, 0x3fff_0000],
  ['an end beyond the memory', 4096, 0x47ff_f000],
])('a guest that writes %s is not believed', (_, size, address) => {
  const page = look.region('linux_fs_vm_virq_status');
  const before = page.bytes.slice();
  const u64 = (offset: number, value: number) => page.view.setBigUint64(offset, BigInt(value), true);
  // The page cache, the first io_uring, the queue of the block device.
  u64(0x100, address);
  u64(0x108, address);
  page.view.setUint32(0x110, size, true);
  u64(0x140, address);
  u64(0x148, address);
  page.view.setUint32(0x150, size, true);
  page.view.setUint32(0x600 + 0x180, size, true);
  for (const area of [0x188, 0x190, 0x198]) u64(0x600 + area, address);
  const { queues } = at('linux_fs_vm') as { queues: { name: string }[] };
  const names = queues.map(({ name }) => name);
  expect(names).not.toContain('page_cache');
  expect(names).not.toContain('io_uring_0.sq');
  expect(names).not.toContain('virtio-blk.requestq.avail');
  expect(names).toContain('io_uring_1.sq');
  expect(piecesOf(look, 'guest_ram_linux_fs_vm').map(({ name }) => name)).not.toContain('page_cache');
  page.bytes.set(before);
  expect(at('linux_fs_vm.page_cache')).toMatchObject({ capacity: 4096 });
});

describe('memory by name', () => {
  test('bytes of a request, of guest RAM, of registers', () => {
    const requests = piecesOf(look, 'blk_driver_request');
    expect(nameAt(requests, 4)).toMatchObject({ words: 'blk_req_queue.tail', field: 'tail' });
    expect(nameAt(requests, 16 + 32 * 37 + 16)).toMatchObject({ words: 'blk_req[37].block_number', index: 37 });
    const { piece } = nameAt(requests, 16)!;
    const words = fieldsOf(piece.table, look.region('blk_driver_request').bytes, 16, piece.meaning);
    expect(words.find(({ name }) => name === 'code')!.words).toMatch(/^(READ|WRITE|FLUSH)$/);
    expect(nameAt(requests, 16 + 32 * 128)).toBeUndefined();
    expect(nameAt(piecesOf(look, 'pl011@9000000/regs'), 0x2c)?.words).toBe('PL011.UARTLCR_H');
    const ram = piecesOf(look, 'guest_ram_linux_fs_vm').map(({ name }) => name);
    expect(ram).toEqual(expect.arrayContaining(['virtio-blk.requestq.desc', 'io_uring_0.sqes', 'page_cache']));
    expect(new Set(ram).size).toBe(ram.length);
    expect(piecesOf(look, 'fs_fs_driver_vmm_share')).toEqual([]);
  });

  test('who may write, and who was there last', () => {
    const { description } = look;
    expect(writersOf(description, 'blk_driver_storage_info')).toEqual(['blk_driver']);
    expect(writersOf(description, 'blk_client_fs_driver_vmm_data')).toEqual([
      'virtio-blk by DMA',
      'blk_virt',
      'fs_driver_vmm',
    ]);
    expect(writerWords(system.memory, 'blk_driver_storage_info')).toBe('Written by blk_driver, and nobody else may.');
    expect(writerWords(system.memory, 'blk_driver_request')).toMatch(/^May be written by blk_driver and blk_virt/);
    expect(lastOf(system.memory, ['blk_virt', 'blk_driver'])?.time).toBeGreaterThanOrEqual(0);
  });
});

test('a node has the tabs that there is something for', () => {
  const { nodes } = graphOf(look.description);
  const tabs = (id: string) => tabsOf(look, nodes.find((node) => node.id === id)!);
  expect(tabs('blk_virt')).toEqual(['overview', 'queues', 'memory', 'log']);
  expect(tabs('uart_driver')).toEqual(['overview', 'queues', 'memory', 'registers', 'log']);
  expect(tabs('timer_driver')).toEqual(['overview', 'memory', 'registers', 'log']);
  expect(tabs('uart_driver.device')).toEqual(['overview', 'memory', 'registers']);
  const device = nodes.find(({ id }) => id === 'blk_driver.device')!;
  expect(nodeRegions(device).map((entry) => entry.region)).toContain('blk_driver_data');
});

test('what is not there is told with what is', () => {
  expect(() => at('toaster')).toThrow(/There is no domain 'toaster'. There is: timer_driver, /);
  expect(() => at('blk_virt.toaster')).toThrow(
    /blk_virt has no 'toaster'. It has: driver_request, .*driver_storage_info/,
  );
  expect(() => inspect({ memory: () => undefined }, 'blk_virt')).toThrow('The system is not running.');
});

test('every device of both boards has its registers', () => {
  const memory = allocate(vmfs(maaxboard, { disk: { store: 'memory', name: '' } }), 0);
  const names = (domain: string) => {
    const { devices } = inspect({ memory: () => memory }, domain) as unknown as {
      devices: { name: string; registers: { name: string }[] }[];
    };
    return devices.map(({ name, registers }) => [name, registers[0]!.name]);
  };
  expect(names('uart_driver')).toEqual([['i.MX UART', 'URXD']]);
  expect(names('timer_driver')).toEqual([['GPT', 'CR']]);
  expect(names('ethernet_driver')).toEqual([['ENET', 'EIR']]);
  expect(names('blk_driver')).toEqual([['uSDHC', 'DS_ADDR']]);
});

test('numbers: signed, wider than 2^53, bytes', () => {
  const memory = new Uint8Array(16).fill(0xff);
  const table = struct('mixed', 16, { small: u16(0), wide: u64(8), word: u32(4) });
  const fields = fieldsOf(table, memory, 0, (name) => (name === 'small' ? 'words' : undefined));
  expect(fields.map(({ name, value, text, words }) => [name, value, text, words])).toEqual([
    ['small', 0xffff, '65535', 'words'],
    ['word', 0xffff_ffff, '0xffffffff', ''],
    ['wide', 2n ** 64n - 1n, '0xffffffffffffffff', ''],
  ]);
});
