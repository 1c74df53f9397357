/** Small parts of the kernel: device tree, memory, log, UIO interrupt, open files, sizes. */
import { describe, expect, test } from 'vitest';
import { region } from '../../../src/protocol/region';
import { encodeFdt } from '../../../src/specs/fdt';
import { FileTable } from './file';
import { BootAllocator } from './memory';
import { copyDeviceTree, findCompatible, readMachine } from './of';
import { Printk } from './printk';
import { UioInterrupt } from './uio';
import type { Inode } from './vfs';
import { describeSize } from './virtio_blk';

const TREE = encodeFdt({
  name: '',
  properties: { model: 'toy' },
  children: [
    { name: 'memory@40000000', properties: { device_type: 'memory', reg: [0, 0x4000_0000, 0, 0x800_0000] } },
    { name: 'spi@1', properties: { compatible: ['a', 'b'], reg: [1, 2, 0, 4], interrupts: [0, 39, 4] } },
    { name: 'ppi@2', properties: { compatible: 'a', reg: [0, 8, 0, 4], interrupts: [1, 14, 4] } },
    { name: 'bare@3', properties: { compatible: 'a' } },
    { name: 'wild@4', properties: { compatible: 'a', reg: [0xffff_ffff, 0, 0, 4] } },
  ],
});

describe('device tree', () => {
  test('devices with an address are found, SPIs from 32 and PPIs from 16', () => {
    const machine = readMachine(TREE)!;
    expect(machine).toMatchObject({ model: 'toy', bootargs: '', memory: { phys: 0x4000_0000, size: 0x800_0000 } });
    expect(findCompatible(machine, 'a').map(({ name, phys, intid }) => [name, phys, intid])).toEqual([
      ['spi@1', 0x1_0000_0002, 71],
      ['ppi@2', 8, 30],
    ]);
  });

  test('any changed byte gives a machine or none, never an exception', () => {
    for (let at = 0; at < TREE.length; at++) {
      for (const value of [0, 1, 3, 9, 0xff]) {
        const blob = TREE.slice();
        blob[at] = value;
        expect(() => readMachine(blob)).not.toThrow();
      }
    }
  });

  test('a blob is copied only if it lies in RAM', () => {
    const ram = new Uint8Array(4096);
    ram.set(TREE, 100);
    expect(copyDeviceTree(ram, 100)).toEqual(TREE);
    expect(copyDeviceTree(ram, 101)).toBeUndefined();
    expect(copyDeviceTree(ram, 5000)).toBeUndefined();
    expect(copyDeviceTree(ram, -1)).toBeUndefined();
    ram.set(TREE.subarray(0, 8), 4088);
    expect(copyDeviceTree(ram, 4088)).toBeUndefined();
  });
});

test('memory is handed out aligned, once, zeroed on demand, and not beyond its end', () => {
  const ram = region('ram', 0x1_0000);
  ram.bytes.fill(0xff);
  const memory = new BootAllocator(ram, 0x4000_0000, 0x4000_1001, 0x4000_8000);
  expect(memory.zeroed(5, 4096)).toMatchObject({ phys: 0x4000_2000 });
  const next = memory.zeroed(10, 16);
  expect(next.phys).toBe(0x4000_2010);
  expect([...next.bytes]).toEqual(new Array(10).fill(0));
  expect(memory.uninitialised(4).bytes[0]).toBe(0xff);
  expect(() => memory.zeroed(0x6000)).toThrow(RangeError);
  expect(() => new BootAllocator(ram, 0x4000_0000, 0x4000_0000, 0x4002_0000)).toThrow(RangeError);
});

test('the kernel log keeps the last 500 lines with their time; only warnings reach the console', () => {
  const shown: string[] = [];
  const printk = new Printk(() => 1_234_567_000);
  printk.warn('too early');
  printk.console = (line) => shown.push(line);
  printk.info('quiet');
  printk.warn('loud');
  expect(printk.dmesg).toEqual(['[    1.234567] too early', '[    1.234567] quiet', '[    1.234567] loud']);
  expect(shown).toEqual(['loud']);
  printk.warn('a name with \u001b[2J in it');
  expect(shown.at(-1)).toBe('a name with ?[2J in it');
  expect(printk.dmesg.at(-1)).toContain('a name with ?[2J in it');
  for (let i = 0; i < 600; i++) printk.info(String(i));
  expect(printk.dmesg).toHaveLength(500);
  expect(printk.dmesg.at(-1)).toContain('599');
});

test('a UIO interrupt is masked until enabled, latched meanwhile, and readable until read', () => {
  const irq = new UioInterrupt();
  irq.fire();
  expect(irq.readable).toBe(false);
  irq.enable();
  expect(irq.readable).toBe(true);
  expect(irq.read()).toBe(1);
  expect(irq.readable).toBe(false);
  irq.fire();
  irq.fire();
  expect(irq.readable).toBe(false);
  irq.enable();
  expect(irq.read()).toBe(2);
  irq.enable();
  irq.fire();
  expect(irq.read()).toBe(3);
});

describe('open files', () => {
  const inode = (kind: Inode['kind']) => {
    const counted = { kind, holds: 1, drop: () => void counted.holds-- };
    return counted;
  };
  const open = (table: FileTable, node: ReturnType<typeof inode>) =>
    table.install({ inode: node as unknown as Inode, readable: true, writable: true, location: 0 });

  test('a descriptor is index plus 256 times a generation that starts at 1 and grows', () => {
    const table = new FileTable();
    expect(open(table, inode('file'))).toBe(256);
    expect(open(table, inode('file'))).toBe(257);
    table.close(256, 'file');
    expect(open(table, inode('file'))).toBe(512);
    for (const fd of [0, 256, 768, -256, 256.5, Number.NaN, 2 ** 60, 512 + 2 ** 40]) {
      expect(() => table.file(fd)).toThrow('EBADF');
    }
    expect(() => table.directory(512)).toThrow('EBADF');
    expect(() => table.close(512, 'directory')).toThrow('EBADF');
  });

  test('generations wrap before a descriptor outgrows 31 bits', () => {
    const table = new FileTable();
    let fd = 0;
    for (let i = 0; i < 2 ** 22; i++) {
      fd = open(table, inode('file'));
      if (fd >= 2 ** 31) throw new Error(`descriptor ${fd}`);
      table.close(fd, 'file');
    }
    expect(open(table, inode('file'))).toBe(256);
  });

  test('every hold is dropped: at close, at unmount, and when there is no room', () => {
    const table = new FileTable();
    const nodes = Array.from({ length: 256 }, () => inode('file'));
    const [first] = nodes.map((node) => open(table, node));
    const refused = inode('file');
    expect(() => open(table, refused)).toThrow('EMFILE');
    expect(refused.holds).toBe(0);
    table.close(first!, 'file');
    expect(table.open).toBe(255);
    table.closeAll();
    expect(nodes.every(({ holds }) => holds === 0)).toBe(true);
    expect(table.open).toBe(0);
  });
});

test('disk sizes read as Linux prints them', () => {
  expect(describeSize(30712)).toBe('30712 512-byte logical blocks (15.7 MB/15.0 MiB)');
  expect(describeSize(2048)).toBe('2048 512-byte logical blocks (1.05 MB/1.00 MiB)');
  expect(describeSize(1)).toBe('1 512-byte logical blocks (512 B/512 B)');
  expect(describeSize(0)).toBe('0 512-byte logical blocks (0 B/0 B)');
  expect(describeSize(4_194_304)).toBe('4194304 512-byte logical blocks (2.15 GB/2.00 GiB)');
});
