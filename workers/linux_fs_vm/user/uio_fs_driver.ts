/**
 * uio_fs_driver /dev/vda /mnt: the file system server of LionsOS components/fs/vmfs, a user program of the guest. It is woken by the
 * interrupt of a command queue's UIO device and rings the client through the fault region. Upstream serves one client, this one several.
 */
import { FS_COMMAND_QUEUE, FS_COMPLETION_QUEUE, FS_QUEUE_CAPACITY } from '../../../src/protocol/fs';
import { ringSize } from '../../../src/protocol/spsc';
import { readStruct } from '../../../src/protocol/struct';
import { clientSymbol, MAX_FS_CLIENTS, VMFS_CONFIG } from '../../../src/protocol/vmfs';
import type { Linux } from '../kernel/linux';
import type { UioDevice } from '../kernel/uio';
import { Mounts } from './mounter';
import { type ClientDevices, ServedClient } from './served_client';

export class UioFsDriver {
  readonly #clients: ServedClient[] = [];

  /** `doorbell`: a store to the fault region, for that client. */
  constructor(
    readonly linux: Linux,
    readonly doorbell: (client: number) => void,
  ) {}

  /** Up to the event loop; false when the machine lacks something. */
  start(): boolean {
    this.#say('*** Starting up');
    this.#say('Block device: /dev/vda');
    this.#say('Mount point: /mnt');
    const config = this.#open('shared configuration data', 'vmfs_config');
    const command = this.#open('command queue', 'vmfs_command');
    const completion = this.#open('completion queue', 'vmfs_completion');
    const data = this.#open('FS data region', 'vmfs_data');
    const fault = this.#open('fault region', 'vmfs_fault');
    if (!config?.region || !command?.region || !completion?.region || !data?.region || !fault) return false;
    const clients = [{ command, completion, data }, ...this.#furtherClients()];
    if (!clients.every((devices, client) => this.#checkSizes(config, client, devices))) return false;
    this.#say('*** Enabling UIO interrupt on command queue');
    for (const { command } of clients) command.interrupt.enable();
    this.#say('*** Creating epoll object');
    this.#say('*** Binding command queue IRQ to epoll');
    this.#say('*** Initialising liburing for io_uring');
    const mounts = new Mounts(this.linux);
    for (const [i, devices] of clients.entries())
      this.#clients.push(new ServedClient(this.linux, i, devices, mounts, () => this.doorbell(i)));
    this.#say('*** Consuming requests already in command queue');
    this.#say('*** All initialisation successful!');
    this.#say("*** You won't see any output from UIO FS anymore. Unless there is a warning or error.");
    return true;
  }

  /** Commands that were queued before the program ran. */
  serveBacklog(): void {
    for (const client of this.#clients) client.serve();
  }

  /** The interrupt of a client's command queue. */
  fire(client: number): void {
    this.#clients[client]?.fire();
  }

  /** epoll_wait returned. */
  poll(): void {
    for (const client of this.#clients) client.poll();
  }

  #open(what: string, name: string): UioDevice | undefined {
    this.#say(`*** Setting up ${what} via UIO`);
    const device = this.#find(name);
    if (device) this.#say(`Found dev @ ${device.path}`);
    else this.#error(`no UIO device is called ${name}`);
    return device;
  }

  #find(name: string): UioDevice | undefined {
    return this.linux.uio.find((uio) => uio.name === name);
  }

  #furtherClients(): ClientDevices[] {
    const clients: ClientDevices[] = [];
    for (let client = 1; client < MAX_FS_CLIENTS; client++) {
      const [command, completion, data] = ['vmfs_command', 'vmfs_completion', 'vmfs_data'].map((name) =>
        this.#find(clientSymbol(name, client)),
      );
      if (!command?.region || !completion?.region || !data?.region) break;
      clients.push({ command, completion, data });
      this.#say(`*** Client ${client}: ${command.path}, ${completion.path}, ${data.path}`);
    }
    return clients;
  }

  /** The config page is the monitor's word; the mapped regions are the truth. */
  #checkSizes(config: UioDevice, client: number, { command, completion, data }: ClientDevices): boolean {
    const sizes = readStruct(config.region!.view, client * VMFS_CONFIG.size, VMFS_CONFIG);
    const fits =
      sizes.command_queue_size <= command.region!.size &&
      sizes.completion_queue_size <= completion.region!.size &&
      sizes.data_size <= data.region!.size &&
      sizes.command_queue_size >= ringSize(FS_COMMAND_QUEUE, FS_QUEUE_CAPACITY) &&
      sizes.completion_queue_size >= ringSize(FS_COMPLETION_QUEUE, FS_QUEUE_CAPACITY) &&
      sizes.data_size > 0;
    if (!fits) this.#error('the configuration page does not fit the mapped regions');
    return fits;
  }

  #say(line: string): void {
    this.linux.console?.write(`UIO(FS): ${line}\n`);
  }

  #error(line: string): void {
    this.linux.console?.write(`UIO(FS)|ERROR: ${line}\n`);
  }
}
