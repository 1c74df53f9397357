/**
 * The Virtualised Filesystem system, in the order of upstream's examples/vmfs/meta.py: serial, timer, network, VM, file system, block.
 * Priorities, channel ids, region names and sizes are those that sdfgen gives.
 */
import type { Channel, MemoryRegion, ProtectionDomain, SystemDescription } from '../microkit/sdf';
import type { DiskConfig } from '../protocol/control';
import { clientSymbol, fsClientRegions, GUEST_RAM, uioRegions } from '../protocol/vmfs';
import { WRITE_LOG_SIZE } from '../protocol/write_log';
import type { Board } from './board';
import { clientNetMappings, NET_CLIENT_MAC, networkChannels, networkDomains, networkRegions } from './network';
import { end, mappings } from './parts';

export interface VmfsOptions {
  /** `relay` sends file system signals through the monitor as upstream does; `direct` is 5 times faster (docs/differences.md). */
  readonly fsSignal?: 'direct' | 'relay';
  /** Partition given to the file system VM, as in the table's order from 0. Default: the board's, which is 0. */
  readonly partition?: number | undefined;
  /** Where the disk is kept; the block driver's worker opens it. */
  readonly disk: DiskConfig;
}

const SERIAL_CLIENTS = ['micropython', 'fs_driver_vmm'] as const;
/** Of the file system server, by number. Upstream has the first one alone; `files` is the page's panel (docs/differences.md). */
const FS_CLIENTS = ['micropython', 'files'] as const;

export function vmfs(board: Board, options: VmfsOptions): SystemDescription {
  return {
    board: board.name,
    regions: regions(board),
    domains: [
      timerDriver(board),
      blkDriver(board, options.disk),
      blkVirt(board, options.partition),
      ...networkDomains(board),
      uartDriver(board),
      fsDriverVmm(board),
      linuxFsVm(),
      serialVirtTx(board),
      serialVirtRx(board),
      micropython(board),
      files(),
    ],
    channels: channels(board, options.fsSignal ?? 'direct'),
  };
}

function serialRegions({ serial }: Board): MemoryRegion[] {
  const pairs = [
    ['uart_driver', 'serial_virt_rx'],
    ...SERIAL_CLIENTS.map((client) => ['serial_virt_rx', client]),
    ['uart_driver', 'serial_virt_tx'],
    ...SERIAL_CLIENTS.map((client) => ['serial_virt_tx', client]),
  ];
  return pairs.flatMap(([a, b]) => [
    { name: `${serial.device.node}/serial/queue/${a}/${b}`, size: 0x1000 },
    { name: `${serial.device.node}/serial/data/${a}/${b}`, size: 0x1_0000 },
  ]);
}

/** Physical memory is handed out downwards from the top, in creation order. */
function regions(board: Board): MemoryRegion[] {
  let top = board.paddrTop;
  const phys = (name: string, size: number): MemoryRegion => {
    top -= size;
    return { name, size, paddr: top };
  };
  return [
    ...serialRegions(board),
    ...networkRegions(board, phys),
    ...registerWindows(board),
    { name: 'guest_ram_linux_fs_vm', size: GUEST_RAM.size },
    ...FS_CLIENTS.flatMap((_, client) => {
      const { command, completion, data } = fsClientRegions(client);
      return [
        { name: fsRegion('command_queue', client), size: command.size },
        { name: fsRegion('completion_queue', client), size: completion.size },
        { name: fsRegion('share', client), size: data.size },
      ];
    }),
    { name: 'fs_linux_fs_vm_guest_conf_share', size: 0x1000 },
    { name: 'linux_fs_vm_virq_status', size: 0x1000 },
    ...board.blk.regions.map(({ name, size }) => phys(`${board.blk.device.node}/${name}`, size)),
    { name: 'blk_driver_write_log', size: WRITE_LOG_SIZE },
    { name: 'blk_driver_storage_info', size: 0x1000 },
    { name: 'blk_driver_request', size: 0x20_0000 },
    { name: 'blk_driver_response', size: 0x20_0000 },
    phys('blk_driver_data', 0x20_0000),
    { name: 'blk_client_fs_driver_vmm_storage_info', size: 0x1000 },
    { name: 'blk_client_fs_driver_vmm_request', size: 0x20_0000 },
    { name: 'blk_client_fs_driver_vmm_response', size: 0x20_0000 },
    phys('blk_client_fs_driver_vmm_data', 0x20_0000),
  ];
}

/** One page may hold the registers of two devices: then it is one region, named after the first. */
function registerWindows({ serial, timer, net, blk }: Board): MemoryRegion[] {
  const windows = new Map<number, MemoryRegion>();
  // Ours: system registers have no addresses; here is where they can be seen.
  if (!timer.regs) windows.set(0, { name: `${timer.device.node}/regs`, size: 0x1000 });
  for (const { device, regs } of [serial, timer, net, blk]) {
    if (regs && !windows.has(regs.paddr)) windows.set(regs.paddr, { name: `${device.node}/regs`, ...regs });
  }
  return [...windows.values()];
}

function registers(board: Board, { regs }: Board['serial']): string {
  return registerWindows(board).find(({ paddr }) => paddr === regs?.paddr)!.name;
}

function timerDriver({ timer }: Board): ProtectionDomain {
  return {
    name: 'timer_driver',
    image: timer.image,
    kind: 'driver',
    priority: 150,
    passive: true,
    maps: mappings([['regs', `${timer.device.node}/regs`]]),
    irqs: [{ ...timer.irq, symbol: 'irq' }],
    device: { ...timer.device, dma: [] },
  };
}

function blkDriver(board: Board, disk: DiskConfig): ProtectionDomain {
  const { blk } = board;
  const own = blk.regions.map(({ name, symbol }) => [symbol, `${blk.device.node}/${name}`] as const);
  return {
    name: 'blk_driver',
    image: blk.image,
    kind: 'driver',
    priority: 110,
    maps: mappings([
      ['regs', registers(board, blk)],
      ...own,
      ['storage_info', 'blk_driver_storage_info'],
      ['request', 'blk_driver_request'],
      ['response', 'blk_driver_response'],
      ['write_log', 'blk_driver_write_log'],
    ]),
    irqs: [{ ...blk.irq, symbol: 'irq' }],
    device: {
      ...blk.device,
      dma: [...own.map(([, region]) => region), 'blk_driver_data', 'blk_client_fs_driver_vmm_data'],
      port: 'disk',
    },
    config: disk,
  };
}

function blkVirt({ blk }: Board, partition = blk.partition): ProtectionDomain {
  return {
    name: 'blk_virt',
    image: 'blk_virt',
    kind: 'virtualiser',
    priority: 101,
    maps: mappings([
      ['driver_storage_info', 'blk_driver_storage_info', 'r'],
      ['driver_request', 'blk_driver_request'],
      ['driver_response', 'blk_driver_response'],
      ['driver_data', 'blk_driver_data'],
      ['client_0_storage_info', 'blk_client_fs_driver_vmm_storage_info'],
      ['client_0_request', 'blk_client_fs_driver_vmm_request'],
      ['client_0_response', 'blk_client_fs_driver_vmm_response'],
      ['client_0_data', 'blk_client_fs_driver_vmm_data'],
    ]),
    irqs: [],
    config: { clients: [{ name: 'fs_driver_vmm', partition }] },
  };
}

function uartDriver({ serial }: Board): ProtectionDomain {
  const queue = (kind: 'queue' | 'data', other: string) => `${serial.device.node}/serial/${kind}/uart_driver/${other}`;
  return {
    name: 'uart_driver',
    image: serial.image,
    kind: 'driver',
    priority: 100,
    maps: mappings([
      ['regs', `${serial.device.node}/regs`],
      ['rx_queue', queue('queue', 'serial_virt_rx')],
      ['rx_data', queue('data', 'serial_virt_rx')],
      ['tx_queue', queue('queue', 'serial_virt_tx')],
      ['tx_data', queue('data', 'serial_virt_tx')],
    ]),
    irqs: [{ ...serial.irq, symbol: 'irq' }],
    device: { ...serial.device, dma: [], port: 'line' },
  };
}

function fsDriverVmm(board: Board): ProtectionDomain {
  const serial = (kind: 'queue' | 'data', virt: string) =>
    `${board.serial.device.node}/serial/${kind}/${virt}/fs_driver_vmm`;
  return {
    name: 'fs_driver_vmm',
    image: 'fs_driver_vmm',
    kind: 'monitor',
    priority: 100,
    maps: mappings([
      ['guest_ram', 'guest_ram_linux_fs_vm'],
      ['vmfs_config', 'fs_linux_fs_vm_guest_conf_share'],
      ['virq_status', 'linux_fs_vm_virq_status'],
      ['serial_rx_queue', serial('queue', 'serial_virt_rx')],
      ['serial_rx_data', serial('data', 'serial_virt_rx')],
      ['serial_tx_queue', serial('queue', 'serial_virt_tx')],
      ['serial_tx_data', serial('data', 'serial_virt_tx')],
      ['blk_storage_info', 'blk_client_fs_driver_vmm_storage_info', 'r'],
      ['blk_request', 'blk_client_fs_driver_vmm_request'],
      ['blk_response', 'blk_client_fs_driver_vmm_response'],
      ['blk_data', 'blk_client_fs_driver_vmm_data'],
    ]),
    irqs: [],
    config: { gic: board.gic, fsClients: FS_CLIENTS },
  };
}

/** Guest-physical, as in upstream's device tree; the page of interrupt status is ours and lies behind them. */
const GUEST_ADDRESSES = new Map<string, number>([
  ['guest_ram', GUEST_RAM.guestPhys],
  ...uioRegions(FS_CLIENTS.length).map(({ name, guestPhys }) => [name, guestPhys] as const),
  ['virq_status', 0x1000_3000],
]);

function linuxFsVm(): ProtectionDomain {
  return {
    name: 'linux_fs_vm',
    image: 'linux_fs_vm',
    kind: 'guest',
    priority: 0,
    parent: 'fs_driver_vmm',
    maps: mappings([
      ['guest_ram', 'guest_ram_linux_fs_vm', 'rwx'],
      ['vmfs_config', 'fs_linux_fs_vm_guest_conf_share'],
      ...FS_CLIENTS.flatMap((_, client) => [
        [clientSymbol('vmfs_command', client), fsRegion('command_queue', client)] as const,
        [clientSymbol('vmfs_completion', client), fsRegion('completion_queue', client)] as const,
        [clientSymbol('vmfs_data', client), fsRegion('share', client)] as const,
      ]),
      ['virq_status', 'linux_fs_vm_virq_status'],
    ]).map((map) => ({ ...map, vaddr: GUEST_ADDRESSES.get(map.symbol)! })),
    irqs: [],
  };
}

function serialVirt(board: Board, direction: 'tx' | 'rx', config: object): ProtectionDomain {
  const name = `serial_virt_${direction}`;
  const node = board.serial.device.node;
  const clients = SERIAL_CLIENTS.flatMap((client, i) => [
    [`client_${i}_queue`, `${node}/serial/queue/${name}/${client}`] as const,
    [`client_${i}_data`, `${node}/serial/data/${name}/${client}`] as const,
  ]);
  return {
    name,
    image: name,
    kind: 'virtualiser',
    priority: 99,
    maps: mappings([
      ['driver_queue', `${node}/serial/queue/uart_driver/${name}`],
      ['driver_data', `${node}/serial/data/uart_driver/${name}`],
      ...clients,
    ]),
    irqs: [],
    config: { clients: SERIAL_CLIENTS, ...config },
  };
}

const serialVirtTx = (board: Board) => serialVirt(board, 'tx', { colours: true, beginString: 'Begin input\n' });
const serialVirtRx = (board: Board) => serialVirt(board, 'rx', { switchChar: 28, terminateNumChar: 13 });

function micropython(board: Board): ProtectionDomain {
  const serial = (kind: 'queue' | 'data', virt: string) =>
    `${board.serial.device.node}/serial/${kind}/${virt}/micropython`;
  return {
    name: 'micropython',
    image: 'micropython',
    kind: 'client',
    priority: 1,
    maps: mappings([
      ['serial_rx_queue', serial('queue', 'serial_virt_rx')],
      ['serial_rx_data', serial('data', 'serial_virt_rx')],
      ['serial_tx_queue', serial('queue', 'serial_virt_tx')],
      ['serial_tx_data', serial('data', 'serial_virt_tx')],
      ...fsMappings(0),
      ...clientNetMappings(board),
    ]),
    irqs: [],
    config: { machine: board.machine, net: { mac: NET_CLIENT_MAC } },
  };
}

/** The page's files panel, as a component of the system: all it can do is ask the file system server. */
function files(): ProtectionDomain {
  const maps = mappings(fsMappings(1));
  return { name: 'files', image: 'files', kind: 'client', priority: 1, late: true, maps, irqs: [] };
}

/** A queue or share of the file system server's; the first client's has upstream's name. */
const fsRegion = (what: string, client: number) =>
  `fs_fs_driver_vmm_${client === 0 ? '' : `${FS_CLIENTS[client]}_`}${what}`;

const fsMappings = (client: number) =>
  [
    ['fs_command', fsRegion('command_queue', client)],
    ['fs_completion', fsRegion('completion_queue', client)],
    ['fs_share', fsRegion('share', client)],
  ] as const;

function channels(board: Board, fsSignal: 'direct' | 'relay'): Channel[] {
  const { blk } = board;
  const timerClients = [...(blk.usesTimer ? [{ domain: 'blk_driver', id: 0 }] : []), { domain: 'micropython', id: 2 }];
  return [
    { a: end('uart_driver', 1, 'rx'), b: end('serial_virt_rx', 0, 'driver') },
    { a: end('serial_virt_rx', 1, 'client_0'), b: end('micropython', 0, 'serial_rx') },
    { a: end('serial_virt_rx', 2, 'client_1'), b: end('fs_driver_vmm', 0, 'serial_rx') },
    { a: end('uart_driver', 2, 'tx'), b: end('serial_virt_tx', 0, 'driver') },
    { a: end('serial_virt_tx', 1, 'client_0'), b: end('micropython', 1, 'serial_tx') },
    { a: end('serial_virt_tx', 2, 'client_1'), b: end('fs_driver_vmm', 1, 'serial_tx') },
    ...timerClients.map(({ domain, id }, i) => ({
      a: { domain, id, symbol: 'timer', notify: false },
      b: end('timer_driver', i + 1, `client_${i}`),
      protectedCall: true,
    })),
    ...networkChannels(),
    ...fsChannels(fsSignal),
    { a: end('blk_virt', 0, 'driver'), b: end('blk_driver', blk.usesTimer ? 2 : 1, 'virt') },
    { a: end('blk_virt', 1, 'client_0'), b: end('fs_driver_vmm', 3, 'blk') },
    { a: end('linux_fs_vm', 3, 'fault'), b: end('fs_driver_vmm', 4, 'vcpu_fault'), protectedCall: true, kind: 'vcpu' },
    { a: end('linux_fs_vm', 1, 'virq_console'), b: end('fs_driver_vmm', 5, 'vcpu_console'), kind: 'vcpu' },
    { a: end('linux_fs_vm', 2, 'virq_blk'), b: end('fs_driver_vmm', 6, 'vcpu_blk'), kind: 'vcpu' },
  ];
}

/** Ids by client: of the guest's end, the relaying monitor's two, and the client's own. */
const FS_CHANNEL_IDS = [
  { guest: 0, monitor: 2, vcpu: 7, client: 5 },
  { guest: 4, monitor: 8, vcpu: 9, client: 0 },
] as const;

function fsChannels(fsSignal: 'direct' | 'relay'): Channel[] {
  return FS_CLIENTS.flatMap((name, i): Channel[] => {
    const ids = FS_CHANNEL_IDS[i]!;
    const guest = end('linux_fs_vm', ids.guest, clientSymbol('virq_command', i));
    const client = end(name, ids.client, 'fs');
    if (fsSignal === 'direct') return [{ a: guest, b: client, kind: 'direct' }];
    return [
      { a: end('fs_driver_vmm', ids.monitor, clientSymbol('fs', i)), b: client },
      { a: guest, b: end('fs_driver_vmm', ids.vcpu, clientSymbol('vcpu_command', i)), kind: 'vcpu' },
    ];
  });
}
