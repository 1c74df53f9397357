/**
 * The description against the original: what sdfgen makes of LionsOS's examples/vmfs/meta.py, typed here.
 */
import { describe, expect, test } from 'vitest';
import type { SystemDescription } from '../microkit/sdf';
import { maaxboard } from './maaxboard';
import { qemuVirtAarch64 } from './qemu_virt_aarch64';
import { vmfs } from './vmfs';

const DISK = { store: 'memory', name: 'test' } as const;
const system = vmfs(qemuVirtAarch64, { disk: DISK });
const relayed = vmfs(qemuVirtAarch64, { disk: DISK, fsSignal: 'relay' });
const byName = <T extends { name: string }>(a: T, b: T) => (a.name < b.name ? -1 : 1);

/** Domain, priority, passive. */
const DOMAINS = [
  ['blk_driver', 110, false],
  ['blk_virt', 101, false],
  ['ethernet_driver', 101, false],
  // Ours: the page's files panel.
  ['files', 1, false],
  ['fs_driver_vmm', 100, false],
  ['linux_fs_vm', 0, false],
  ['micropython', 1, false],
  ['micropython_net_copier', 97, false],
  ['net_virt_rx', 108, false],
  ['net_virt_tx', 109, false],
  ['serial_virt_rx', 99, false],
  ['serial_virt_tx', 99, false],
  ['timer_driver', 150, true],
  ['uart_driver', 100, false],
] as const;

/** Channels that Microkit has: end and id, end and id. */
const CHANNELS = [
  ['uart_driver', 1, 'serial_virt_rx', 0],
  ['serial_virt_rx', 1, 'micropython', 0],
  ['serial_virt_rx', 2, 'fs_driver_vmm', 0],
  ['uart_driver', 2, 'serial_virt_tx', 0],
  ['serial_virt_tx', 1, 'micropython', 1],
  ['serial_virt_tx', 2, 'fs_driver_vmm', 1],
  ['micropython', 2, 'timer_driver', 1],
  ['ethernet_driver', 1, 'net_virt_rx', 0],
  ['ethernet_driver', 2, 'net_virt_tx', 0],
  ['net_virt_rx', 1, 'micropython_net_copier', 0],
  ['micropython_net_copier', 1, 'micropython', 3],
  ['net_virt_tx', 1, 'micropython', 4],
  ['fs_driver_vmm', 2, 'micropython', 5],
  ['fs_driver_vmm', 8, 'files', 0],
  ['blk_virt', 0, 'blk_driver', 1],
  ['blk_virt', 1, 'fs_driver_vmm', 3],
] as const;

/** Region, size, physical address; then who maps it: permissions, `u` for uncached. */
const REGIONS = [
  ['pl011@9000000/regs', 0x1000, 0x900_0000, 'uart_driver rw u'],
  ['pl011@9000000/serial/queue/uart_driver/serial_virt_rx', 0x1000, 0, 'uart_driver rw', 'serial_virt_rx rw'],
  ['pl011@9000000/serial/data/uart_driver/serial_virt_rx', 0x1_0000, 0, 'uart_driver rw', 'serial_virt_rx rw'],
  ['pl011@9000000/serial/queue/serial_virt_rx/micropython', 0x1000, 0, 'serial_virt_rx rw', 'micropython rw'],
  ['pl011@9000000/serial/data/serial_virt_rx/micropython', 0x1_0000, 0, 'serial_virt_rx rw', 'micropython rw'],
  ['pl011@9000000/serial/queue/serial_virt_rx/fs_driver_vmm', 0x1000, 0, 'serial_virt_rx rw', 'fs_driver_vmm rw'],
  ['pl011@9000000/serial/data/serial_virt_rx/fs_driver_vmm', 0x1_0000, 0, 'serial_virt_rx rw', 'fs_driver_vmm rw'],
  ['pl011@9000000/serial/queue/uart_driver/serial_virt_tx', 0x1000, 0, 'uart_driver rw', 'serial_virt_tx rw'],
  ['pl011@9000000/serial/data/uart_driver/serial_virt_tx', 0x1_0000, 0, 'uart_driver rw', 'serial_virt_tx rw'],
  ['pl011@9000000/serial/queue/serial_virt_tx/micropython', 0x1000, 0, 'serial_virt_tx rw', 'micropython rw'],
  ['pl011@9000000/serial/data/serial_virt_tx/micropython', 0x1_0000, 0, 'serial_virt_tx rw', 'micropython rw'],
  ['pl011@9000000/serial/queue/serial_virt_tx/fs_driver_vmm', 0x1000, 0, 'serial_virt_tx rw', 'fs_driver_vmm rw'],
  ['pl011@9000000/serial/data/serial_virt_tx/fs_driver_vmm', 0x1_0000, 0, 'serial_virt_tx rw', 'fs_driver_vmm rw'],
  // One page for the registers of two devices, as on the machine.
  ['virtio_mmio@a003c00/regs', 0x1000, 0xa00_3000, 'ethernet_driver rw u', 'blk_driver rw u'],
  ['virtio_mmio@a003c00/hw_ring_buffer', 0x1_0000, 0x5fff_0000, 'ethernet_driver rw u'],
  ['virtio_mmio@a003c00/net/queue/ethernet_driver/net_virt_rx/free', 0x3000, 0, 'ethernet_driver rw', 'net_virt_rx rw'],
  [
    'virtio_mmio@a003c00/net/queue/ethernet_driver/net_virt_rx/active',
    0x3000,
    0,
    'ethernet_driver rw',
    'net_virt_rx rw',
  ],
  ['virtio_mmio@a003c00/net/rx/data/device', 0x10_0000, 0x5fef_0000, 'net_virt_rx r', 'micropython_net_copier rw'],
  ['virtio_mmio@a003c00/net/rx/virt_metadata', 0x1000, 0, 'net_virt_rx rw'],
  ['virtio_mmio@a003c00/net/queue/ethernet_driver/net_virt_tx/free', 0x3000, 0, 'ethernet_driver rw', 'net_virt_tx rw'],
  [
    'virtio_mmio@a003c00/net/queue/ethernet_driver/net_virt_tx/active',
    0x3000,
    0,
    'ethernet_driver rw',
    'net_virt_tx rw',
  ],
  [
    'virtio_mmio@a003c00/net/queue/net_virt_rx/micropython_net_copier/free',
    0x3000,
    0,
    'net_virt_rx rw',
    'micropython_net_copier rw',
  ],
  [
    'virtio_mmio@a003c00/net/queue/net_virt_rx/micropython_net_copier/active',
    0x3000,
    0,
    'net_virt_rx rw',
    'micropython_net_copier rw',
  ],
  [
    'virtio_mmio@a003c00/net/queue/micropython_net_copier/micropython/free',
    0x3000,
    0,
    'micropython_net_copier rw',
    'micropython rw',
  ],
  [
    'virtio_mmio@a003c00/net/queue/micropython_net_copier/micropython/active',
    0x3000,
    0,
    'micropython_net_copier rw',
    'micropython rw',
  ],
  ['virtio_mmio@a003c00/net/rx/data/client/micropython', 0x10_0000, 0, 'micropython rw', 'micropython_net_copier rw'],
  ['virtio_mmio@a003c00/net/queue/net_virt_tx/micropython/free', 0x3000, 0, 'net_virt_tx rw', 'micropython rw'],
  ['virtio_mmio@a003c00/net/queue/net_virt_tx/micropython/active', 0x3000, 0, 'net_virt_tx rw', 'micropython rw'],
  ['virtio_mmio@a003c00/net/tx/data/client/micropython', 0x10_0000, 0x5fdf_0000, 'net_virt_tx r', 'micropython rw'],
  ['guest_ram_linux_fs_vm', 0x800_0000, 0, 'fs_driver_vmm rw', 'linux_fs_vm rwx'],
  ['fs_fs_driver_vmm_command_queue', 0x8000, 0, 'linux_fs_vm rw u', 'micropython rw u'],
  ['fs_fs_driver_vmm_completion_queue', 0x8000, 0, 'linux_fs_vm rw u', 'micropython rw u'],
  ['fs_fs_driver_vmm_share', 0x400_0000, 0, 'linux_fs_vm rw u', 'micropython rw u'],
  ['fs_fs_driver_vmm_files_command_queue', 0x8000, 0, 'linux_fs_vm rw u', 'files rw u'],
  ['fs_fs_driver_vmm_files_completion_queue', 0x8000, 0, 'linux_fs_vm rw u', 'files rw u'],
  ['fs_fs_driver_vmm_files_share', 0x40_0000, 0, 'linux_fs_vm rw u', 'files rw u'],
  ['fs_linux_fs_vm_guest_conf_share', 0x1000, 0, 'linux_fs_vm rw u', 'fs_driver_vmm rw u'],
  ['virtio_mmio@a003e00/virtio_headers', 0x1_0000, 0x5fde_0000, 'blk_driver rw u'],
  ['virtio_mmio@a003e00/virtio_metadata', 0x20_0000, 0x5fbe_0000, 'blk_driver rw u'],
  ['blk_driver_storage_info', 0x1000, 0, 'blk_driver rw', 'blk_virt r'],
  ['blk_driver_request', 0x20_0000, 0, 'blk_driver rw', 'blk_virt rw'],
  ['blk_driver_response', 0x20_0000, 0, 'blk_driver rw', 'blk_virt rw'],
  ['blk_driver_data', 0x20_0000, 0x5f9e_0000, 'blk_virt rw'],
  ['blk_client_fs_driver_vmm_storage_info', 0x1000, 0, 'blk_virt rw', 'fs_driver_vmm r'],
  ['blk_client_fs_driver_vmm_request', 0x20_0000, 0, 'blk_virt rw', 'fs_driver_vmm rw'],
  ['blk_client_fs_driver_vmm_response', 0x20_0000, 0, 'blk_virt rw', 'fs_driver_vmm rw'],
  ['blk_client_fs_driver_vmm_data', 0x20_0000, 0x5f7e_0000, 'blk_virt rw', 'fs_driver_vmm rw'],
] as const;

/** Interrupt: domain, id, INTID, trigger. */
const INTERRUPTS = [
  ['timer_driver', 0, 30, 'level'],
  ['blk_driver', 0, 79, 'edge'],
  ['ethernet_driver', 0, 78, 'edge'],
  ['uart_driver', 0, 33, 'level'],
] as const;

function mappers({ domains }: SystemDescription, name: string): string[] {
  return domains.flatMap(({ name: domain, maps }) =>
    maps
      .filter(({ region }) => region === name)
      .map(({ perms, cached }) => `${domain} ${perms}${cached === false ? ' u' : ''}`),
  );
}

describe('qemu_virt_aarch64', () => {
  test('has the domains of the original with their priorities, only the timer driver passive', () => {
    const domains = [...system.domains].sort(byName);
    expect(domains.map(({ name, priority, passive }) => [name, priority, passive === true])).toEqual(DOMAINS);
    const budgets = domains.flatMap(({ name, budgetUs, periodUs }) => (budgetUs ? [[name, budgetUs, periodUs]] : []));
    expect(budgets).toEqual([
      ['ethernet_driver', 100, 400],
      ['micropython_net_copier', 20_000, 20_000],
      ['net_virt_rx', 100, 500],
      ['net_virt_tx', 100, 500],
    ]);
  });

  test('has the channels of the original under their ids, with signals relayed as there', () => {
    const channels = relayed.channels.filter(({ kind }) => kind === undefined);
    const ends = channels.map(({ a, b }) => [a.domain, a.id, b.domain, b.id]);
    expect(ends).toEqual(expect.arrayContaining([...CHANNELS].map((channel) => [...channel])));
    expect(ends).toHaveLength(CHANNELS.length);
  });

  test("replaces a client's channel by a direct wire, at its same id, and leaves the others", () => {
    const plain = (description: SystemDescription) => description.channels.filter(({ kind }) => kind !== 'vcpu');
    const direct = plain(system).filter(({ kind }) => kind === 'direct');
    expect(direct.map(({ a, b }) => [a.domain, b.domain, b.id])).toEqual([
      ['linux_fs_vm', 'micropython', 5],
      ['linux_fs_vm', 'files', 0],
    ]);
    expect(plain(system)).toHaveLength(plain(relayed).length);
  });

  test('lets micropython call the timer driver, which alone may notify', () => {
    const calls = system.channels.filter(({ protectedCall, kind }) => protectedCall && kind === undefined);
    expect(calls.map(({ a, b }) => [a.domain, a.notify, b.domain, b.notify])).toEqual([
      ['micropython', false, 'timer_driver', undefined],
    ]);
  });

  test('takes the interrupts of the board', () => {
    const irqs = system.domains.flatMap(({ name, irqs }) =>
      irqs.map(({ id, intid, trigger }) => [name, id, intid, trigger]),
    );
    expect(irqs).toEqual(INTERRUPTS);
  });

  test.each(REGIONS)('region %s has its size, address and mappings', (name, size, paddr, ...mappedBy) => {
    const region = system.regions.find((candidate) => candidate.name === name);
    expect(region).toEqual(paddr === 0 ? { name, size } : { name, size, paddr });
    expect(mappers(system, name).sort()).toEqual([...mappedBy].sort());
  });

  test('adds to the regions of the original a page of interrupt status, the log of the disk, and what the network counts and shows of its frames', () => {
    const known = new Set<string>(REGIONS.map(([name]) => name));
    expect(system.regions.map(({ name }) => name).filter((name) => !known.has(name))).toEqual([
      'virtio_mmio@a003c00/net/counters/net_virt_rx',
      'virtio_mmio@a003c00/net/counters/net_virt_tx',
      'virtio_mmio@a003c00/net/counters/micropython_net_copier',
      'virtio_mmio@a003c00/net/capture/ethernet_driver',
      'virtio_mmio@a003c00/net/capture/net_virt_rx',
      'virtio_mmio@a003c00/net/capture/net_virt_tx',
      'virtio_mmio@a003c00/net/capture/micropython_net_copier',
      'virtio_mmio@a003c00/net/capture/micropython',
      'timer/regs',
      'linux_fs_vm_virq_status',
      'blk_driver_write_log',
    ]);
    expect(mappers(system, 'blk_driver_write_log')).toEqual(['blk_driver rw']);
    expect(mappers(system, 'linux_fs_vm_virq_status').sort()).toEqual(['fs_driver_vmm rw', 'linux_fs_vm rw']);
  });

  test('lets the block device reach four regions, of which its driver maps two and no data', () => {
    const driver = system.domains.find(({ name }) => name === 'blk_driver')!;
    expect([...driver.device!.dma].sort()).toEqual([
      'blk_client_fs_driver_vmm_data',
      'blk_driver_data',
      'virtio_mmio@a003e00/virtio_headers',
      'virtio_mmio@a003e00/virtio_metadata',
    ]);
    expect(driver.maps.filter(({ region }) => region.endsWith('_data'))).toEqual([]);
  });

  test('lets the network card reach its rings and the data of both directions, of which its driver maps the rings', () => {
    const driver = system.domains.find(({ name }) => name === 'ethernet_driver')!;
    expect([...driver.device!.dma].sort()).toEqual([
      'virtio_mmio@a003c00/hw_ring_buffer',
      'virtio_mmio@a003c00/net/rx/data/device',
      'virtio_mmio@a003c00/net/tx/data/client/micropython',
    ]);
    expect(driver.maps.filter(({ region }) => region.includes('/data/'))).toEqual([]);
  });

  test('keeps the disk from the client and the file system queues from the monitor', () => {
    const mapped = (domain: string) =>
      system.domains.find(({ name }) => name === domain)!.maps.map(({ region }) => region);
    expect(mapped('micropython').filter((region) => region.startsWith('blk_'))).toEqual([]);
    expect(mapped('files').filter((region) => !region.startsWith('fs_fs_driver_vmm_files_'))).toEqual([]);
    expect(mapped('micropython').filter((region) => region.includes('_files_'))).toEqual([]);
    expect(mapped('fs_driver_vmm').filter((region) => region.startsWith('fs_fs_driver_vmm'))).toEqual([]);
  });

  test('configures the serial virtualisers as the original does', () => {
    const config = (domain: string) => system.domains.find(({ name }) => name === domain)!.config;
    expect(config('serial_virt_rx')).toMatchObject({ switchChar: 28, terminateNumChar: 13 });
    expect(config('serial_virt_tx')).toMatchObject({
      colours: true,
      beginString: 'Begin input\n',
      clients: ['micropython', 'fs_driver_vmm'],
    });
    expect(config('blk_virt')).toEqual({ clients: [{ name: 'fs_driver_vmm', partition: 0 }] });
  });

  test('has its memory where QEMU has it', () => {
    expect(qemuVirtAarch64.ram).toEqual([0x6000_0000, 0xc000_0000]);
    expect(qemuVirtAarch64.gic).toBe('GICv2');
    expect(qemuVirtAarch64.machine).toBe('QEMU virt AArch64 with Cortex A53');
  });
});

describe('maaxboard', () => {
  const board = vmfs(maaxboard, { disk: DISK });
  const driver = board.domains.find(({ name }) => name === 'blk_driver')!;

  test('has the same domains with the same priorities', () => {
    const domains = [...board.domains].sort(byName);
    expect(domains.map(({ name, priority, passive }) => [name, priority, passive === true])).toEqual(DOMAINS);
  });

  test('lets the block driver ask the time, on channel 0 and before micropython', () => {
    const calls = board.channels.filter(({ protectedCall, kind }) => protectedCall && kind === undefined);
    expect(calls.map(({ a, b }) => [a.domain, a.id, b.domain, b.id])).toEqual([
      ['blk_driver', 0, 'timer_driver', 1],
      ['micropython', 2, 'timer_driver', 2],
    ]);
    const block = board.channels.find(({ b }) => b.domain === 'blk_driver')!;
    expect([block.a.domain, block.a.id, block.b.id]).toEqual(['blk_virt', 0, 2]);
  });

  test('takes the interrupts of the board', () => {
    const irqs = board.domains.flatMap(({ name, irqs }) =>
      irqs.map(({ id, intid, trigger }) => [name, id, intid, trigger]),
    );
    expect(irqs.sort()).toEqual([
      ['blk_driver', 1, 54, 'level'],
      ['ethernet_driver', 0, 152, 'level'],
      ['timer_driver', 0, 87, 'level'],
      ['uart_driver', 0, 58, 'level'],
    ]);
  });

  test.each([
    ['serial@30860000/regs', 0x1000, 0x3086_0000],
    ['timer@302d0000/regs', 0x1_0000, 0x302d_0000],
    ['ethernet@30be0000/regs', 0x1_0000, 0x30be_0000],
    ['ethernet@30be0000/device_rx_ring', 0x8000, 0x8fff_8000],
    ['ethernet@30be0000/device_tx_ring', 0x8000, 0x8fff_0000],
    ['ethernet@30be0000/net/rx/data/device', 0x10_0000, 0x8fef_0000],
    ['ethernet@30be0000/net/tx/data/client/micropython', 0x10_0000, 0x8fdf_0000],
    ['mmc@30b40000/regs', 0x1_0000, 0x30b4_0000],
    ['blk_driver_data', 0x20_0000, 0x8fbf_0000],
    ['blk_client_fs_driver_vmm_data', 0x20_0000, 0x8f9f_0000],
  ])('region %s has its size and address', (name, size, paddr) => {
    expect(board.regions.find((region) => region.name === name)).toEqual({ name, size, paddr });
  });

  test('gives the driver no memory of its own but registers, queues and the log of its disk', () => {
    expect(driver.maps.map(({ symbol }) => symbol)).toEqual([
      'regs',
      'storage_info',
      'request',
      'response',
      'write_log',
    ]);
    expect(driver.device?.dma).toEqual(['blk_driver_data', 'blk_client_fs_driver_vmm_data']);
  });
});
