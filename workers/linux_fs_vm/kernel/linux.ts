/** Boot of the guest's kernel: device tree, interrupt controller, virtio devices, UIO devices. */
import type { Environment } from '../../../src/libmicrokit/pd';
import { writeStruct } from '../../../src/protocol/struct';
import {
  GUEST_CACHE,
  GUEST_DTB,
  GUEST_RAM,
  GUEST_SLOT,
  GUEST_UIO,
  GUEST_URING,
  GUEST_VIRTIO,
  VIRQ_PAGE,
  VIRQ_STATUS_WORD,
} from '../../../src/protocol/vmfs';
import { VIRTIO_ID } from '../../../src/specs/virtio_mmio';
import { AddressSpace } from './address_space';
import { Current } from './current';
import { Gic } from './gic';
import type { IoUring } from './io_uring';
import { BootAllocator, type Memory } from './memory';
import { Mmio } from './mmio';
import { type CacheMemory, MountTable } from './mount';
import { copyDeviceTree, type DeviceNode, findCompatible, type Machine, readMachine } from './of';
import { PAGE_SIZE } from './page_pool';
import { Printk } from './printk';
import { Syscalls } from './syscalls';
import { probeUio, type UioDevice } from './uio';
import type { FileSystemType } from './vfs';
import { VirtioBlk } from './virtio_blk';
import { VirtioConsole } from './virtio_console';
import { VirtioDevice } from './virtio_mmio';

const PAGE_CACHE_SIZE = 16 * 1024 * 1024;
/** Below this, RAM is left alone: on the real machine the kernel's image is there. */
const KERNEL_SIZE = 1024 * 1024;

export class Linux {
  readonly printk: Printk;
  readonly machine: Machine;
  readonly memory: BootAllocator;
  readonly uio: readonly UioDevice[];
  readonly mounts: MountTable;
  console: VirtioConsole | undefined;
  blk: VirtioBlk | undefined;
  readonly current: Current;
  readonly #gic: Gic;

  constructor(
    readonly env: Environment,
    fileSystem: FileSystemType,
  ) {
    const { kernel } = env;
    this.printk = new Printk(() => kernel.now());
    const blk = env.channel('virq_blk');
    this.current = new Current((kind, request, a, b) => kernel.trace(kind, blk, request, a, b));
    const ram = env.region('guest_ram');
    const blob = copyDeviceTree(ram.bytes, GUEST_DTB - GUEST_RAM.guestPhys);
    const machine = blob && readMachine(blob);
    if (!machine) throw new Error('Kernel panic - not syncing: no device tree');
    this.machine = machine;
    const { phys } = machine.memory;
    this.memory = new BootAllocator(ram, GUEST_RAM.guestPhys, phys + KERNEL_SIZE, GUEST_DTB);
    this.printk.info(`Machine model: ${machine.model}`);
    this.printk.info(`Kernel command line: ${machine.bootargs}`);
    this.#gic = new Gic(this.#mmio(this.#find('arm,cortex-a15-gic') ?? this.#find('arm,gic-v3')));
    for (const node of findCompatible(machine, 'virtio,mmio')) this.#probeVirtio(node);
    const { buffer } = env.region('virq_status');
    const shownAt = (i: number) => new DataView(buffer, VIRQ_PAGE.uio + i * GUEST_UIO.size, GUEST_UIO.size);
    this.uio = probeUio(machine, (name) => uioMemory(env, name), shownAt);
    for (const { node } of this.uio) if (node.intid !== undefined) this.#gic.enable(node.intid);
    const cache = this.#cacheMemory();
    this.mounts = new MountTable(fileSystem, this.blk, cache, this.printk, () => kernel.wallClock(), this.current);
    this.printk.info(`Memory: ${this.memory.freeBytes >> 10}K/${machine.memory.size >> 10}K available`);
  }

  /** A process: open files and memory of its own. `size` bytes of RAM are mapped for it. */
  process(size: number): { syscalls: Syscalls; user: AddressSpace; heap: Memory } {
    const syscalls = new Syscalls(
      () => this.mounts.mounted(),
      () => this.mounts.changedBy(syscalls),
    );
    this.mounts.register(syscalls);
    const user = new AddressSpace();
    const heap = this.memory.zeroed(size, 4096);
    user.map({ start: heap.phys, bytes: heap.bytes });
    return { syscalls, user, heap };
  }

  /** Whoever looks on finds the io_uring of that file system client by this. */
  show(client: number, { rings, sqes, entries }: IoUring): void {
    const at = VIRQ_PAGE.urings + client * GUEST_URING.size;
    const { view } = this.env.region('virq_status');
    writeStruct(view, at, GUEST_URING, { rings: rings.phys, sqes: sqes.phys, entries });
  }

  /** Where it is stands in a page for whoever looks on. */
  #cacheMemory(): CacheMemory {
    const count = PAGE_CACHE_SIZE / PAGE_SIZE;
    const pages = this.memory.uninitialised(PAGE_CACHE_SIZE, PAGE_SIZE);
    const slots = this.memory.zeroed(count * GUEST_SLOT.size);
    const { view } = this.env.region('virq_status');
    writeStruct(view, VIRQ_PAGE.cache, GUEST_CACHE, { pages: pages.phys, slots: slots.phys, count });
    const { buffer, byteOffset, byteLength } = slots.bytes;
    return { pages, records: new Int32Array(buffer, byteOffset, byteLength >> 2) };
  }

  #find(compatible: string): DeviceNode | undefined {
    return findCompatible(this.machine, compatible)[0];
  }

  #mmio(node: DeviceNode | undefined): Mmio {
    if (!node) throw new Error('Kernel panic - not syncing: no interrupt controller');
    return new Mmio(this.env.kernel, this.env.channel('fault'), node.phys);
  }

  #probeVirtio(node: DeviceNode): void {
    const name = node.phys === GUEST_VIRTIO.console.guestPhys ? 'console' : 'blk';
    const status = this.env.region('virq_status').words;
    const take = () => Atomics.exchange(status, VIRQ_STATUS_WORD[name], 0);
    const irq = this.env.channel(`virq_${name}`);
    const device = VirtioDevice.probe(this.#mmio(node), { take }, () => this.env.kernel.notify(irq));
    if (!device || node.intid === undefined) return;
    this.#gic.enable(node.intid);
    if (device.deviceId === VIRTIO_ID.BLOCK && name === 'blk') {
      this.blk = VirtioBlk.probe(this.env.kernel, irq, device, this.memory, this.printk);
    } else if (device.deviceId === VIRTIO_ID.CONSOLE && name === 'console') {
      this.console = VirtioConsole.probe(device, this.memory);
      this.printk.console = (line) => this.console?.write(`${line}\n`);
      this.printk.info('printk: console [hvc0] enabled');
    }
  }
}

/** The memory behind a UIO region; the fault region has none. */
function uioMemory(env: Environment, name: string) {
  return name.startsWith('vmfs_') && env.has(name) ? env.region(name) : undefined;
}
