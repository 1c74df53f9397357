/** The system in the simulator but for MicroPython, timer and network, over a disk of the test's, with scripted clients. */
import { qemuVirtAarch64 } from '../../../src/boards/qemu_virt_aarch64';
import { vmfs } from '../../../src/boards/vmfs';
import { Dma } from '../../../src/hw/device';
import { type Disk, MemoryDisk } from '../../../src/hw/disk';
import { VirtioBlock } from '../../../src/hw/virtio_block';
import type { Environment, Program } from '../../../src/libmicrokit/pd';
import { Simulator } from '../../../src/libmicrokit/simulator';
import { allocate, bootInfo, initOrder, type SystemMemory } from '../../../src/microkit/layout';
import { blkServer } from '../../../src/protocol/blk_queue';
import { Line } from '../../../src/protocol/line';
import { Region } from '../../../src/protocol/region';
import { DEFAULT_DISK_SIZE, defaultDisk } from '../../../src/specs/disk_image';
import { BlkDriverVirtio } from '../../blk_driver_virtio/driver';
import { program as blkVirt } from '../../blk_virt/pd';
import { program as fsDriverVmm } from '../../fs_driver_vmm/pd';
import { program as serialVirtRx } from '../../serial_virt_rx/pd';
import { program as serialVirtTx } from '../../serial_virt_tx/pd';
import { program as uartDriver } from '../../uart_driver_pl011/pd';
import type { Guest } from '../guest';
import { program as linuxFsVm } from '../pd';
import { FsClient } from './fs_client';

export interface MachineOptions {
  readonly seed?: number;
  readonly disk?: Uint8Array;
  /** Wraps the disk, to make it fail or to watch it. */
  readonly wrap?: (disk: Disk) => Disk;
  readonly relay?: boolean;
  /** Replaces a domain's program. */
  readonly programs?: Readonly<Record<string, Program>>;
}

export interface Machine {
  readonly simulator: Simulator;
  readonly memory: SystemMemory;
  readonly disk: Uint8Array;
  readonly guest: Guest;
  /** Everything on the terminal so far. */
  screen(): string;
  /** The terminal's lines without colours. */
  lines(): string[];
  /** Types to the guest's console. */
  type(text: string): void;
  /** Runs `body` as a client domain, micropython where none is named. */
  client<T>(body: (client: FsClient) => T, name?: string): T;
}

export function defaultImage(): Uint8Array {
  const bytes = new Uint8Array(DEFAULT_DISK_SIZE);
  defaultDisk(1, (offset, part) => bytes.set(part, offset));
  return bytes;
}

export async function machine(options: MachineOptions = {}): Promise<Machine> {
  const disk = options.disk ?? defaultImage();
  const fsSignal = options.relay ? 'relay' : 'direct';
  const description = vmfs(qemuVirtAarch64, { disk: { store: 'memory', name: 'test' }, fsSignal });
  const memory = allocate(description, 0);
  const simulator = new Simulator(options.seed ?? 1);
  const environments = new Map<string, Environment>();
  const client: Program = (env) => {
    environments.set(env.kernel.name, env);
    return { notified() {} };
  };
  const programs: Record<string, Program> = {
    blk_driver: driverProgram(options.wrap?.(new MemoryDisk(disk)) ?? new MemoryDisk(disk)),
    blk_virt: blkVirt,
    uart_driver: uartDriver,
    fs_driver_vmm: fsDriverVmm,
    linux_fs_vm: linuxFsVm,
    serial_virt_tx: serialVirtTx,
    serial_virt_rx: serialVirtRx,
    micropython: client,
    files: client,
    ...options.programs,
  };
  for (const domain of initOrder(description)) {
    await simulator.add(bootInfo(memory, domain, 1), programs[domain.name] ?? idle);
  }
  const line = new Line(new Region('line_tx', memory.lineTx));
  let text = '';
  const drain = () => {
    text += new TextDecoder().decode(line.read(Number.POSITIVE_INFINITY));
  };
  const screen = () => {
    drain();
    return simulator.debug + text;
  };
  simulator.onStep = drain;
  simulator.start();
  const clients = new Map([...environments].map(([name, env]) => [name, new FsClient(env)]));
  return {
    simulator,
    memory,
    disk,
    guest: simulator.domains.get('linux_fs_vm')!.pd as Guest,
    screen,
    lines: () =>
      screen()
        .split('\u001b')
        .map((part, i) => (i === 0 ? part : part.replace(/^\[\d*m/, '')))
        .join('')
        .split(/\r?\n/),
    type: (keys) => {
      new Line(new Region('line_rx', memory.lineRx)).write(new TextEncoder().encode(keys));
      simulator.domains.get('uart_driver')!.raise(1 << 28);
      simulator.settle();
    },
    client<T>(body: (client: FsClient) => T, name = 'micropython'): T {
      let result: T | undefined;
      simulator.domains.get(name)!.enter(() => {
        result = body(clients.get(name)!);
      });
      return result!;
    },
  };
}

const idle: Program = () => ({ notified() {} });

function driverProgram(disk: Disk): Program {
  return (env) => {
    const { mmio } = new VirtioBlock(disk, new Dma(env.dma), env.kernel.irqLine(env.channel('irq')));
    return new BlkDriverVirtio(env.kernel, mmio, {
      virt: env.channel('virt'),
      irq: env.channel('irq'),
      info: env.region('storage_info'),
      ...blkServer(env.region('request'), env.region('response')),
      metadata: env.region('virtio_metadata'),
      headers: env.region('virtio_headers'),
    });
  };
}
