/**
 * uio_fs_driver /dev/vda /mnt: the file system server of LionsOS components/fs/vmfs, a user program of the guest. It is woken by the
 * interrupt of the command queue's UIO device and rings the client through the fault region.
 */
import { FS_COMMAND_QUEUE, FS_COMPLETION_QUEUE, FS_QUEUE_CAPACITY, FS_STATUS } from '../../../src/protocol/fs';
import type { Region } from '../../../src/protocol/region';
import { Ring, ringSize } from '../../../src/protocol/spsc';
import { readStruct } from '../../../src/protocol/struct';
import { TRACE } from '../../../src/protocol/trace';
import { VMFS_CONFIG } from '../../../src/protocol/vmfs';
import type { ErrnoName } from '../../../src/specs/errno';
import { Errno } from '../kernel/errno';
import { IoUring } from '../kernel/io_uring';
import type { Linux } from '../kernel/linux';
import type { UioDevice } from '../kernel/uio';
import { FsContext, SCRATCH_SIZE } from './fs_context';
import { FsServer, type FsTrace, type Mounter } from './fs_server';
import { statusOf } from './fs_status';
import { strerror } from './strerror';
import { Uring } from './uring';

/** Served at one interrupt at most. */
const MAX_BATCHES = 4;

export class UioFsDriver {
  #server: FsServer | undefined;
  #command: UioDevice | undefined;
  #complained = false;

  /** `doorbell`: a store to the fault region. */
  constructor(
    readonly linux: Linux,
    readonly doorbell: () => void,
  ) {}

  /** Up to the event loop; false when the machine lacks something. */
  start(): boolean {
    this.#say('*** Starting up');
    this.#say('Block device: /dev/vda');
    this.#say('Mount point: /mnt');
    const config = this.#open('shared configuration data', 'vmfs_config');
    const command = this.#open('command queue', 'vmfs_command');
    const completion = this.#open('completion queue', 'vmfs_completion');
    const share = this.#open('FS data region', 'vmfs_data');
    const fault = this.#open('fault region', 'vmfs_fault');
    if (!config?.region || !command?.region || !completion?.region || !share?.region || !fault) return false;
    if (!this.#checkSizes(config.region, command.region, completion.region, share.region)) return false;
    this.#say('*** Enabling UIO interrupt on command queue');
    command.interrupt.enable();
    this.#say('*** Creating epoll object');
    this.#say('*** Binding command queue IRQ to epoll');
    this.#command = command;
    this.#say('*** Initialising liburing for io_uring');
    this.#server = this.#createServer(command.region, completion.region, share);
    this.#say('*** Consuming requests already in command queue');
    this.#say('*** All initialisation successful!');
    this.#say("*** You won't see any output from UIO FS anymore. Unless there is a warning or error.");
    return true;
  }

  /** Commands that were queued before the program ran. */
  serveBacklog(): void {
    this.#serve();
  }

  /** epoll_wait returned: the command queue's interrupt. */
  poll(): void {
    const interrupt = this.#command?.interrupt;
    while (interrupt?.readable) {
      interrupt.read();
      this.#serve();
      interrupt.enable();
    }
  }

  #serve(): void {
    const server = this.#server!;
    // What a client adds meanwhile has a signal of its own; one that adds for ever must not keep the console waiting.
    for (let batch = 0; batch < MAX_BATCHES && server.process() > 0; batch++) this.doorbell();
    if (!server.broken || this.#complained) return;
    this.#complained = true;
    this.#error('the client has written an impossible queue index; not serving it any more');
  }

  #open(what: string, name: string): UioDevice | undefined {
    this.#say(`*** Setting up ${what} via UIO`);
    const device = this.linux.uio.find((uio) => uio.name === name);
    if (device) this.#say(`Found dev @ ${device.path}`);
    else this.#error(`no UIO device is called ${name}`);
    return device;
  }

  /** The config page is the monitor's word; the mapped regions are the truth. */
  #checkSizes(config: Region, command: Region, completion: Region, share: Region): boolean {
    const sizes = readStruct(config.view, 0, VMFS_CONFIG);
    const fits =
      sizes.command_queue_size <= command.size &&
      sizes.completion_queue_size <= completion.size &&
      sizes.data_size <= share.size &&
      sizes.command_queue_size >= ringSize(FS_COMMAND_QUEUE, FS_QUEUE_CAPACITY) &&
      sizes.completion_queue_size >= ringSize(FS_COMPLETION_QUEUE, FS_QUEUE_CAPACITY) &&
      sizes.data_size > 0;
    if (!fits) this.#error('the configuration page does not fit the mapped regions');
    return fits;
  }

  #createServer(command: Region, completion: Region, share: UioDevice): FsServer {
    const { syscalls, user, heap } = this.linux.process(FS_QUEUE_CAPACITY * SCRATCH_SIZE);
    const { bytes, view } = share.region!;
    const mapping = { start: share.node.phys, bytes, view };
    user.map(mapping);
    const uring = new Uring(new IoUring(FS_QUEUE_CAPACITY, this.linux.memory, user, syscalls));
    return new FsServer(
      new Ring(command, FS_QUEUE_CAPACITY, FS_COMMAND_QUEUE, 'consumer'),
      new Ring(completion, FS_QUEUE_CAPACITY, FS_COMPLETION_QUEUE, 'producer'),
      new FsContext(syscalls, mapping, heap),
      uring,
      this.#mounter(),
      this.#trace(),
    );
  }

  #trace(): FsTrace {
    const { kernel } = this.linux.env;
    const command = this.linux.env.channel('virq_command');
    return {
      request: (id, type) => kernel.trace(TRACE.REQUEST, command, id, type, 0),
      response: (id, status) => kernel.trace(TRACE.RESPONSE, command, id, status, 0),
    };
  }

  #mounter(): Mounter {
    const { mounts } = this.linux;
    return {
      get isMounted() {
        return mounts.superBlock !== undefined;
      },
      mount: () => {
        if (mounts.superBlock) return FS_STATUS.ERROR;
        return this.#attempt(() => mounts.mount(), 'mount: mounting /dev/vda on /mnt failed');
      },
      unmount: () => {
        if (!mounts.superBlock) return FS_STATUS.NOT_MOUNTED;
        return this.#attempt(() => mounts.unmount(), "umount: can't unmount /mnt");
      },
    };
  }

  #attempt(operation: () => void, failure: string): number {
    try {
      operation();
      return FS_STATUS.SUCCESS;
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
      if (error.detail) this.linux.printk.warn(`FAT-fs (vda): ${error.detail}`);
      this.linux.console?.write(`${failure}: ${strerror(error.code)}\n`);
      return statusOf(refusal(error.code));
    }
  }

  #say(line: string): void {
    this.linux.console?.write(`UIO(FS): ${line}\n`);
  }

  #error(line: string): void {
    this.linux.console?.write(`UIO(FS)|ERROR: ${line}\n`);
  }
}

/** mount(2) says EINVAL of a disk with nothing it knows on it; to the client that is no file system, not a wrong argument. */
function refusal(code: ErrnoName): ErrnoName {
  return code === 'EINVAL' ? 'ENODEV' : code;
}
