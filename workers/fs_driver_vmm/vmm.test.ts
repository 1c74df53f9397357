/** The monitor itself: interrupt controller, faults, config page, device tree, relay. Numbers as digits from reference documents. */
import { describe, expect, test } from 'vitest';
import { decodeFdt, fdtCells, fdtStrings } from '../../src/specs/fdt';
import { FaultHandler } from './fault_handler';
import { BLK, RAM, rawGuest } from './testing/raw_guest';
import { VirtualGic } from './vgic';

describe('virtual GIC', () => {
  const gic = () => {
    const delivered: number[] = [];
    const device = new VirtualGic();
    for (const intid of [71, 74, 79]) device.register(intid, () => delivered.push(intid));
    return { device, delivered };
  };

  test('an interrupt before the guest is ready stays pending, and comes once when it is enabled', () => {
    const { device, delivered } = gic();
    device.inject(71);
    device.inject(71);
    device.write32(0x108, 1 << 7);
    expect(delivered).toEqual([]);
    expect(device.read32(0x208)).toBe(1 << 7);
    device.write32(0, 1);
    expect(delivered).toEqual([71]);
    expect(device.read32(0x208)).toBe(0);
    device.inject(71);
    expect(delivered).toEqual([71, 71]);
  });

  test('each interrupt is enabled and disabled by its own bit', () => {
    const { device, delivered } = gic();
    device.write32(0, 1);
    for (const intid of [71, 74, 79]) device.inject(intid);
    device.write32(0x108, 1 << 10);
    expect(delivered).toEqual([74]);
    expect(device.read32(0x108)).toBe(1 << 10);
    device.write32(0x188, 1 << 10);
    device.inject(74);
    expect(delivered).toEqual([74]);
    device.write32(0x288, 1 << 10);
    device.write32(0x108, 0xffff_ffff);
    expect(delivered).toEqual([74, 71, 79]);
  });

  test('other registers and other words read 0 and take any write', () => {
    const { device, delivered } = gic();
    for (let offset = 0; offset < 0x1000; offset++) {
      if (offset === 0 || offset === 0x108) continue;
      device.write32(offset, 0xffff_ffff);
      if (offset !== 4 && offset !== 0x208 && offset !== 0x288) expect(device.read32(offset)).toBe(0);
    }
    expect(delivered).toEqual([]);
  });
});

describe('faults', () => {
  test('an address without a device answers 0 and is logged, sixteen times and no more', async () => {
    const raw = await rawGuest();
    for (const address of [0, 0x12_ffff, 0x13_0200, 0x1000_2000, 2 ** 52, Number.MAX_SAFE_INTEGER]) {
      expect(raw.load32(address)).toBe(0);
      expect(raw.load8(address)).toBe(0);
      raw.store32(address, 7);
    }
    for (let i = 0; i < 1000; i++) raw.load32(8 * i);
    const logged = raw.machine.lines().filter((line) => line.startsWith('fs_driver_vmm|ERROR'));
    expect(logged).toHaveLength(17);
    expect(logged[0]).toBe('fs_driver_vmm|ERROR: unhandled guest load from 0x0');
    expect(logged[2]).toBe('fs_driver_vmm|ERROR: unhandled guest store to 0x0');
    expect(logged[16]).toBe('fs_driver_vmm|ERROR: further guest faults are not logged');
  });

  test('a message of any shape gets an answer', () => {
    const handler = new FaultHandler([], () => {});
    for (const words of [[], [Number.NaN], [1, Number.NaN], [-1]]) {
      for (const label of [0, 1, 2, 3, 0xffff_ffff]) expect(handler.handle({ label, words }).words).toEqual([0]);
    }
  });

  test('a value of 64 bits is stored as its low 32', () => {
    const stored: number[] = [];
    const device = { read32: () => 0, write32: (_: number, value: number) => void stored.push(value) };
    const handler = new FaultHandler([{ guestPhys: 0, size: 4, device }], () => {});
    for (const value of [0xffff_ffff, 2 ** 32 + 5, Number.NaN]) handler.handle({ label: 1, words: [0, value] });
    expect(stored).toEqual([0xffff_ffff, 5, 0]);
  });

  test('every register of every device takes any write', async () => {
    const raw = await rawGuest();
    for (const base of [BLK, 0x13_0000, 0x800_0000]) {
      for (let offset = 0; offset < 0x200; offset++) {
        for (const value of [0, 1, 0xffff_ffff]) raw.store32(base + offset, value);
        raw.load32(base + offset);
        raw.load8(base + offset);
      }
    }
    expect(raw.load32(BLK)).toBe(0x7472_6976);
  });
});

test('the config page has the sizes of the five regions, and of the second client behind them', async () => {
  const { env } = await rawGuest();
  const { view } = env.region('vmfs_config');
  expect([0, 8, 16, 24].map((offset) => Number(view.getBigUint64(offset, true)))).toEqual([
    0x8000, 0x8000, 0x400_0000, 0x1000,
  ]);
  expect([32, 40, 48, 56].map((offset) => Number(view.getBigUint64(offset, true)))).toEqual([
    0x8000, 0x8000, 0x40_0000, 0x1000,
  ]);
});

test('the device tree at 0x47f00000 describes memory, interrupt controller, two virtio windows and the UIO regions', async () => {
  const { ram } = await rawGuest();
  const root = decodeFdt(ram.bytes.slice(0x47f0_0000 - RAM, 0x47f0_0000 - RAM + 0x4000))!;
  const node = (name: string) => root.children.find((child) => child.name === name)!;
  expect(fdtCells(node('memory@40000000'), 'reg')).toEqual([0, 0x4000_0000, 0, 0x800_0000]);
  expect(fdtCells(node('virtio-console@130000'), 'interrupts').slice(0, 2)).toEqual([0, 42]);
  expect(fdtCells(node('virtio-blk@150000'), 'interrupts').slice(0, 2)).toEqual([0, 47]);
  const uio = [0, 1, 2, 3, 4, 5, 6, 7].map((i) => node(`uio@${i}`));
  expect(uio.map((device) => fdtStrings(device, 'compatible'))).toEqual([
    ['generic-uio', 'vmfs_config'],
    ['generic-uio', 'vmfs_command'],
    ['generic-uio', 'vmfs_completion'],
    ['generic-uio', 'vmfs_data'],
    ['generic-uio', 'vmfs_fault'],
    ['generic-uio', 'vmfs_command_1'],
    ['generic-uio', 'vmfs_completion_1'],
    ['generic-uio', 'vmfs_data_1'],
  ]);
  expect(uio.map((device) => fdtCells(device, 'reg').filter((_, i) => i % 2 === 1))).toEqual([
    [0x1000_2000, 0x1000],
    [0x2000_0000, 0x8000],
    [0x2100_0000, 0x8000],
    [0x2200_0000, 0x400_0000],
    [0x1000_1000, 0x1000],
    [0x2800_0000, 0x8000],
    [0x2900_0000, 0x8000],
    [0x2a00_0000, 0x40_0000],
  ]);
  expect(fdtCells(uio[1]!, 'interrupts').slice(0, 2)).toEqual([0, 39]);
  expect(fdtCells(uio[5]!, 'interrupts').slice(0, 2)).toEqual([0, 40]);
});

describe('relay', () => {
  test('a store to the fault region notifies the client, and so does the doorbell', async () => {
    const raw = await rawGuest({ relay: true });
    const client = raw.machine.simulator.domains.get('micropython')!;
    const fs = client.boot.channels.find(({ symbol }) => symbol === 'fs')!.id;
    raw.store32(0x1000_1000, 1);
    expect(client.poll(1 << fs)).toBe(1 << fs);
    const files = raw.machine.simulator.domains.get('files')!;
    const channel = 1 << files.boot.channels.find(({ symbol }) => symbol === 'fs')!.id;
    expect(files.poll(channel)).toBe(0);
    raw.store32(0x1000_1004, 1);
    expect([files.poll(channel), client.poll(1 << fs)]).toEqual([channel, 0]);
    raw.store32(0x1000_1ffc, 1);
    raw.env.kernel.notify(raw.env.channel('virq_command'));
    raw.machine.simulator.domains.get('fs_driver_vmm')!.dispatchOne();
    expect(client.poll(1 << fs)).toBe(1 << fs);
  });

  test("the client's signal waits until the guest has enabled interrupt 71", async () => {
    const raw = await rawGuest({ relay: true });
    const command = raw.env.channel('virq_command');
    raw.machine.client((fs) => fs.ring());
    raw.machine.simulator.settle();
    expect(raw.interrupts[command]).toBeUndefined();
    raw.enableInterrupts();
    raw.machine.simulator.settle();
    expect(raw.interrupts[command]).toBe(1);
  });
});
