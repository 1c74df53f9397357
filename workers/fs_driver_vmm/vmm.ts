/**
 * fs_driver_vmm, the monitor of the virtual machine linux_fs_vm; LionsOS examples/vmfs/src/fs_vmm.c. It gives each generation of the guest
 * its devices, and lets the next one have the disk when the requests of the last have come back. Trusts the virtualisers; not the guest.
 */
import type { Channel, Environment, Message, ProtectionDomain } from '../../src/libmicrokit/pd';
import { REBOOT_CHANNEL } from '../../src/protocol/boot';
import { SerialQueue } from '../../src/protocol/serial_queue';
import { BlkPort } from './blk_port';
import type { GicVersion } from './vgic';
import type { SerialPorts } from './virtio_console';
import { type Host, VirtualMachine } from './virtual_machine';

/** What a serial client keeps queued at most, so that Ctrl-C is never behind much output. */
const SERIAL_BACKLOG = 4096;

export interface VmmConfig {
  readonly gic: GicVersion;
  /** Of the file system server in the guest, in the order of their numbers. */
  readonly fsClients: readonly string[];
}

export class Vmm implements ProtectionDomain {
  readonly #host: Host;
  #generation = 1;
  #machine: VirtualMachine;

  constructor(readonly env: Environment) {
    const { gic, fsClients } = env.config as VmmConfig;
    const log = (level: string, line: string) => env.kernel.print(`fs_driver_vmm|${level}: ${line}\r\n`);
    this.#host = { env, gic, fsClients: fsClients.length, blk: this.#blkPort(), serial: this.#serialPorts(), log };
    this.#machine = new VirtualMachine(this.#host, this.#generation, (symbol) => env.region(symbol));
  }

  init(): void {
    this.#machine.start();
  }

  notified(ch: Channel): void {
    if (ch === REBOOT_CHANNEL) this.#reboot();
    else this.#machine.notified(ch);
  }

  protected(_: Channel, message: Message): Message {
    return this.#machine.fault(message);
  }

  /** The guest is another one: what the old one asked of the disk is waited for and thrown away. */
  #reboot(): void {
    const guest = this.env.guest!;
    const generation = guest.generation();
    if (generation === this.#generation) return;
    this.#generation = generation;
    const { blk, log } = this.#host;
    const dropped = blk.abandon();
    const drained =
      dropped === 0 ? 'no block request was under way' : `waiting for ${dropped} block requests of the old guest`;
    log('INFO', `rebooting guest: generation ${generation}, ${drained}`);
    this.#machine = new VirtualMachine(this.#host, generation, guest.follow(generation));
    this.#machine.start();
    guest.built(generation);
  }

  #blkPort(): BlkPort {
    const { env } = this;
    const blk = env.channel('blk');
    return new BlkPort(
      env.region('blk_request'),
      env.region('blk_response'),
      env.region('blk_data'),
      () => env.kernel.notify(blk),
      (kind, request, a, b) => env.kernel.trace(kind, blk, request, a, b),
    );
  }

  #serialPorts(): SerialPorts {
    const { env } = this;
    return {
      rx: new SerialQueue(env.region('serial_rx_queue'), env.region('serial_rx_data')),
      tx: new SerialQueue(env.region('serial_tx_queue'), env.region('serial_tx_data'), SERIAL_BACKLOG),
      notifyRx: () => env.kernel.notify(env.channel('serial_rx')),
      notifyTx: () => env.kernel.notify(env.channel('serial_tx')),
    };
  }
}
