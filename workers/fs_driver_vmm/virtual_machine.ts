/**
 * One generation of the virtual machine as the monitor sees it: device tree, config page, interrupt controller, block device and console,
 * over the memory of that generation. A reboot makes a new one; nothing of the old is kept. Trusts its guest with nothing.
 */
import { Dma } from '../../src/hw/device';
import { RegisterMirror } from '../../src/hw/register_mirror';
import type { StatusWord } from '../../src/hw/virtio_mmio';
import type { Channel, Environment, Message } from '../../src/libmicrokit/pd';
import { readStorageInfo } from '../../src/protocol/blk_info';
import type { Region } from '../../src/protocol/region';
import { writeStruct } from '../../src/protocol/struct';
import {
  clientSymbol,
  fsClientRegions,
  GUEST_DTB,
  GUEST_RAM,
  GUEST_VIRTIO,
  VIRQ_PAGE,
  VIRQ_STATUS_WORD,
  VMFS_CONFIG,
  VMFS_FAULT_REGION,
} from '../../src/protocol/vmfs';
import { GICD_SIZE } from '../../src/specs/gic';
import { VIRTIO_BLK_REGISTERS, VIRTIO_CONSOLE_REGISTERS } from '../../src/specs/virtio_mmio_table';
import type { BlkPort } from './blk_port';
import { guestDeviceTree } from './device_tree';
import { FaultHandler } from './fault_handler';
import { GIC_DISTRIBUTOR, type GicVersion, VirtualGic } from './vgic';
import { VirtioBlkDevice } from './virtio_blk';
import { type SerialPorts, VirtioConsoleDevice } from './virtio_console';

export interface Host {
  readonly env: Environment;
  readonly gic: GicVersion;
  /** How many clients the file system server has. */
  readonly fsClients: number;
  readonly blk: BlkPort;
  readonly serial: SerialPorts;
  readonly log: (level: 'INFO' | 'ERROR', line: string) => void;
}

export class VirtualMachine {
  readonly #gic = new VirtualGic();
  readonly #faults: FaultHandler;
  readonly #blk: VirtioBlkDevice;
  readonly #console: VirtioConsoleDevice;
  readonly #handlers: ReadonlyMap<Channel, () => void>;
  /** What is shown of the two devices' registers. */
  readonly #shown: readonly RegisterMirror[];
  #condemned = false;

  constructor(
    readonly host: Host,
    readonly generation: number,
    /** The memory that this generation shares with its monitor. */
    readonly region: (symbol: string) => Region,
  ) {
    const dma = new Dma([{ paddr: GUEST_RAM.guestPhys, bytes: region('guest_ram').bytes }]);
    const { console, blk } = GUEST_VIRTIO;
    const word = (index: number) => this.#statusWord(index);
    this.#console = new VirtioConsoleDevice(
      host.serial,
      dma,
      this.#irqLine(console.intid),
      word(VIRQ_STATUS_WORD.console),
    );
    this.#blk = new VirtioBlkDevice(host.blk, dma, this.#irqLine(blk.intid), word(VIRQ_STATUS_WORD.blk));
    this.#registerInterrupts();
    const page = region('virq_status').bytes;
    const shownConsole = new RegisterMirror(
      this.#console.mmio,
      VIRTIO_CONSOLE_REGISTERS,
      page.subarray(VIRQ_PAGE.console),
    );
    const shownBlk = new RegisterMirror(this.#blk, VIRTIO_BLK_REGISTERS, page.subarray(VIRQ_PAGE.blk));
    this.#shown = [shownConsole, shownBlk];
    this.#faults = new FaultHandler(this.#windows(shownConsole, shownBlk), (line) => host.log('ERROR', line));
    this.#handlers = this.#channelHandlers();
  }

  /** Puts into the guest's memory what it starts from. */
  start(): void {
    const { gic, fsClients, log } = this.host;
    const tree = guestDeviceTree(gic, fsClients);
    this.#fillConfigPage();
    log('INFO', 'starting "fs_driver_vmm"');
    log('INFO', `Copying guest DTB to ${hex(GUEST_DTB)} (${hex(tree.length)} bytes)`);
    this.region('guest_ram').bytes.set(tree, GUEST_DTB - GUEST_RAM.guestPhys);
    log('INFO', `initialised virtual ${gic} driver`);
    // differs: upstream spins until the disk is known; here the guest starts, and is told when it is.
    this.#learnMedium();
    log('INFO', `starting guest at ${hex(GUEST_RAM.guestPhys)}, DTB at ${hex(GUEST_DTB)}`);
  }

  notified(ch: Channel): void {
    this.#handlers.get(ch)?.();
    this.#settled();
  }

  fault(message: Message): Message {
    const answer = this.#faults.handle(message);
    this.#settled();
    return answer;
  }

  #settled(): void {
    for (const registers of this.#shown) registers.look();
    this.#judge();
  }

  /** A guest whose virtqueues hold what no driver may write is not served again: it is rebooted. */
  #judge(): void {
    if (this.#condemned) return;
    for (const [name, { mmio }] of [['virtio-blk', this.#blk] as const, ['virtio-console', this.#console] as const]) {
      const { violation } = mmio;
      if (violation === undefined) continue;
      this.#condemned = true;
      this.host.log('ERROR', `guest broke the ${name} protocol: ${violation}`);
      this.host.env.guest?.breach(this.generation);
      return;
    }
  }

  #channelHandlers(): Map<Channel, () => void> {
    const { env } = this.host;
    const handlers = new Map<Channel, () => void>([
      [env.channel('serial_rx'), () => this.#console.receive()],
      [env.channel('serial_tx'), () => this.#console.transmit()],
      [env.channel('blk'), () => this.#blkNotified()],
      // The guest's QueueNotify, which KVM would call an ioeventfd.
      [env.channel('vcpu_blk'), () => this.#blk.serve()],
      [env.channel('vcpu_console'), () => this.#consoleDoorbell()],
    ]);
    for (let client = 0; client < this.host.fsClients; client++) {
      if (!this.#relays(client)) continue;
      handlers.set(this.#channel('fs', client), () => this.#gic.inject(fsClientRegions(client).command.intid!));
      handlers.set(this.#channel('vcpu_command', client), () => this.#notifyClient(client));
    }
    return handlers;
  }

  #blkNotified(): void {
    if (!this.#blk.mediumKnown) this.#learnMedium();
    this.#blk.responses();
  }

  #learnMedium(): void {
    const info = readStorageInfo(this.host.env.region('blk_storage_info'));
    if (info) this.#blk.setMedium(info);
  }

  #consoleDoorbell(): void {
    this.#console.transmit();
    this.#console.receive();
  }

  /** File system signals go through the monitor, as upstream; otherwise they are wired past it. */
  #relays(client: number): boolean {
    return this.host.env.has(clientSymbol('fs', client));
  }

  #channel(name: string, client: number): Channel {
    return this.host.env.channel(clientSymbol(name, client));
  }

  #notifyClient(client: number): void {
    if (this.#relays(client)) this.host.env.kernel.notify(this.#channel('fs', client));
  }

  #registerInterrupts(): void {
    const { kernel } = this.host.env;
    const raise = (symbol: string) => () => kernel.notify(this.host.env.channel(symbol));
    for (let client = 0; client < this.host.fsClients; client++) {
      const symbol = clientSymbol('vcpu_command', client);
      this.#gic.register(fsClientRegions(client).command.intid!, this.#relays(client) ? raise(symbol) : () => {});
    }
    this.#gic.register(GUEST_VIRTIO.console.intid, raise('vcpu_console'));
    this.#gic.register(GUEST_VIRTIO.blk.intid, raise('vcpu_blk'));
  }

  #windows(console: RegisterMirror, blk: RegisterMirror) {
    return [
      { ...GUEST_VIRTIO.console, device: console },
      { ...GUEST_VIRTIO.blk, device: blk },
      { guestPhys: GIC_DISTRIBUTOR[this.host.gic], size: GICD_SIZE, device: this.#gic },
      // Upstream's one client is rung at offset 0; each word further is the next one's.
      {
        ...VMFS_FAULT_REGION,
        device: { read32: () => 0, write32: (offset: number) => this.#notifyClient(offset / 4) },
      },
    ];
  }

  #fillConfigPage(): void {
    for (let client = 0; client < this.host.fsClients; client++) {
      const { command, completion, data } = fsClientRegions(client);
      writeStruct(this.region('vmfs_config').view, client * VMFS_CONFIG.size, VMFS_CONFIG, {
        command_queue_size: command.size,
        completion_queue_size: completion.size,
        data_size: data.size,
        fault_size: VMFS_FAULT_REGION.size,
      });
    }
  }

  #irqLine(intid: number) {
    return { level: (high: boolean) => (high ? this.#gic.inject(intid) : undefined) };
  }

  #statusWord(index: number): StatusWord {
    const { words } = this.region('virq_status');
    return {
      load: () => Atomics.load(words, index),
      or: (bits) => void Atomics.or(words, index, bits),
      clear: (bits) => void Atomics.and(words, index, ~bits),
    };
  }
}

const hex = (value: number): string => `0x${value.toString(16)}`;
