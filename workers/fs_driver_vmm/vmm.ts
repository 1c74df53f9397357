/**
 * fs_driver_vmm, the monitor of the virtual machine linux_fs_vm; LionsOS examples/vmfs/src/fs_vmm.c. It gives the guest its device
 * tree, config page, interrupt controller, block device and console. Trusts the virtualisers; not the guest.
 */

import { Dma } from '../../src/hw/device';
import type { StatusWord } from '../../src/hw/virtio_mmio';
import type { Channel, Environment, Message, ProtectionDomain } from '../../src/libmicrokit/pd';
import { readStorageInfo } from '../../src/protocol/blk_info';
import { SerialQueue } from '../../src/protocol/serial_queue';
import { writeStruct } from '../../src/protocol/struct';
import {
  GUEST_DTB,
  GUEST_RAM,
  GUEST_VIRTIO,
  UIO_REGIONS,
  VIRQ_STATUS_WORD,
  VMFS_CONFIG,
} from '../../src/protocol/vmfs';
import { GICD_SIZE } from '../../src/specs/gic';
import { BlkPort } from './blk_port';
import { guestDeviceTree } from './device_tree';
import { FaultHandler } from './fault_handler';
import { GIC_DISTRIBUTOR, type GicVersion, VirtualGic } from './vgic';
import { VirtioBlkDevice } from './virtio_blk';
import { VirtioConsoleDevice } from './virtio_console';

/** What a serial client keeps queued at most, so that Ctrl-C is never behind much output. */
const SERIAL_BACKLOG = 4096;
const COMMAND = UIO_REGIONS.find(({ name }) => name === 'vmfs_command')!;
const FAULT = UIO_REGIONS.find(({ name }) => name === 'vmfs_fault')!;
const COMMAND_INTID = 71;

export interface VmmConfig {
  readonly gic: GicVersion;
}

export class Vmm implements ProtectionDomain {
  readonly #config: VmmConfig;
  readonly #gic = new VirtualGic();
  readonly #faults: FaultHandler;
  readonly #blk: VirtioBlkDevice;
  readonly #console: VirtioConsoleDevice;
  readonly #handlers: ReadonlyMap<Channel, () => void>;

  constructor(readonly env: Environment) {
    this.#config = env.config as VmmConfig;
    const ram = env.region('guest_ram');
    const dma = new Dma([{ paddr: GUEST_RAM.guestPhys, bytes: ram.bytes }]);
    this.#console = new VirtioConsoleDevice(
      this.#serialPorts(),
      dma,
      this.#irqLine(GUEST_VIRTIO.console.intid),
      this.#statusWord(VIRQ_STATUS_WORD.console),
    );
    this.#blk = new VirtioBlkDevice(
      this.#blkPort(),
      dma,
      this.#irqLine(GUEST_VIRTIO.blk.intid),
      this.#statusWord(VIRQ_STATUS_WORD.blk),
    );
    this.#registerInterrupts();
    this.#faults = new FaultHandler(this.#windows(), (line) => this.#log('ERROR', line));
    this.#handlers = this.#channelHandlers();
  }

  init(): void {
    const tree = guestDeviceTree(this.#config.gic);
    this.#fillConfigPage();
    this.#log('INFO', 'starting "fs_driver_vmm"');
    this.#log('INFO', `Copying guest DTB to ${hex(GUEST_DTB)} (${hex(tree.length)} bytes)`);
    this.env.region('guest_ram').bytes.set(tree, GUEST_DTB - GUEST_RAM.guestPhys);
    this.#log('INFO', `initialised virtual ${this.#config.gic} driver`);
    // differs: upstream spins until the disk is known; here the guest starts, and is told when it is.
    this.#learnMedium();
    this.#log('INFO', `starting guest at ${hex(GUEST_RAM.guestPhys)}, DTB at ${hex(GUEST_DTB)}`);
  }

  notified(ch: Channel): void {
    this.#handlers.get(ch)?.();
  }

  protected(_: Channel, message: Message): Message {
    return this.#faults.handle(message);
  }

  #channelHandlers(): Map<Channel, () => void> {
    const { env } = this;
    const handlers = new Map<Channel, () => void>([
      [env.channel('serial_rx'), () => this.#console.receive()],
      [env.channel('serial_tx'), () => this.#console.transmit()],
      [env.channel('blk'), () => this.#blkNotified()],
      // The guest's QueueNotify, which KVM would call an ioeventfd.
      [env.channel('vcpu_blk'), () => this.#blk.serve()],
      [env.channel('vcpu_console'), () => this.#consoleDoorbell()],
    ]);
    if (this.#relays) {
      handlers.set(env.channel('fs'), () => this.#gic.inject(COMMAND_INTID));
      handlers.set(env.channel('vcpu_command'), () => this.#notifyClient());
    }
    return handlers;
  }

  #blkNotified(): void {
    if (!this.#blk.mediumKnown) this.#learnMedium();
    this.#blk.responses();
  }

  #learnMedium(): void {
    const info = readStorageInfo(this.env.region('blk_storage_info'));
    if (info) this.#blk.setMedium(info);
  }

  #consoleDoorbell(): void {
    this.#console.transmit();
    this.#console.receive();
  }

  /** File system signals go through the monitor, as upstream; otherwise they are wired past it. */
  get #relays(): boolean {
    return this.env.has('fs') && this.env.has('vcpu_command');
  }

  #notifyClient(): void {
    if (this.#relays) this.env.kernel.notify(this.env.channel('fs'));
  }

  #registerInterrupts(): void {
    const { kernel } = this.env;
    const raise = (symbol: string) => () => kernel.notify(this.env.channel(symbol));
    this.#gic.register(GUEST_VIRTIO.console.intid, raise('vcpu_console'));
    this.#gic.register(GUEST_VIRTIO.blk.intid, raise('vcpu_blk'));
    this.#gic.register(COMMAND_INTID, this.#relays ? raise('vcpu_command') : () => {});
  }

  #windows() {
    return [
      { ...GUEST_VIRTIO.console, device: this.#console.mmio },
      { ...GUEST_VIRTIO.blk, device: this.#blk },
      { guestPhys: GIC_DISTRIBUTOR[this.#config.gic], size: GICD_SIZE, device: this.#gic },
      { ...FAULT, device: { read32: () => 0, write32: () => this.#notifyClient() } },
    ];
  }

  #fillConfigPage(): void {
    const size = (name: string) => UIO_REGIONS.find((region) => region.name === name)!.size;
    writeStruct(this.env.region('vmfs_config').view, 0, VMFS_CONFIG, {
      command_queue_size: COMMAND.size,
      completion_queue_size: size('vmfs_completion'),
      data_size: size('vmfs_data'),
      fault_size: FAULT.size,
    });
  }

  #blkPort(): BlkPort {
    const { env } = this;
    const blk = env.channel('blk');
    return new BlkPort(
      env.region('blk_request'),
      env.region('blk_response'),
      env.region('blk_data'),
      () => env.kernel.notify(blk),
      (kind, id, a, b) => env.kernel.trace(kind, blk, id, a, b),
    );
  }

  #serialPorts() {
    const { env } = this;
    return {
      rx: new SerialQueue(env.region('serial_rx_queue'), env.region('serial_rx_data')),
      tx: new SerialQueue(env.region('serial_tx_queue'), env.region('serial_tx_data'), SERIAL_BACKLOG),
      notifyRx: () => env.kernel.notify(env.channel('serial_rx')),
      notifyTx: () => env.kernel.notify(env.channel('serial_tx')),
    };
  }

  #irqLine(intid: number) {
    return { level: (high: boolean) => (high ? this.#gic.inject(intid) : undefined) };
  }

  #statusWord(index: number): StatusWord {
    const { words } = this.env.region('virq_status');
    return {
      load: () => Atomics.load(words, index),
      or: (bits) => void Atomics.or(words, index, bits),
      clear: (bits) => void Atomics.and(words, index, ~bits),
    };
  }

  #log(level: 'INFO' | 'ERROR', line: string): void {
    this.env.kernel.print(`fs_driver_vmm|${level}: ${line}\r\n`);
  }
}

const hex = (value: number): string => `0x${value.toString(16)}`;
