/** The virtual machine linux_fs_vm as one program: the kernel's boot, and its three interrupts. */
import { bit, type Channel, type Environment, type ProtectionDomain } from '../../src/libmicrokit/pd';
import type { GuestControl, MountState } from '../../src/protocol/control';
import { clientSymbol, MAX_FS_CLIENTS } from '../../src/protocol/vmfs';
import { CleanTimer } from './clean_timer';
import { fatFileSystem } from './kernel/fat/mount';
import { Linux } from './kernel/linux';
import type { FileSystemType } from './kernel/vfs';
import { Shell } from './user/shell';
import { UioFsDriver } from './user/uio_fs_driver';

/** How long the start-up messages may hold up the first command, so that the client's banner comes after them. */
const CONSOLE_PATIENCE_NS = 200e6;

export class Guest implements ProtectionDomain {
  readonly control: GuestControl = {
    mountState: () => this.#mountState(),
    freeze: () => this.#freeze(),
    thaw: () => this.#thaw(),
  };
  /** By the number of the file system client. */
  readonly #commands: readonly Channel[];
  readonly #console: Channel;
  readonly #blk: Channel;
  #linux: Linux | undefined;
  #driver: UioFsDriver | undefined;
  #shell: Shell | undefined;
  readonly #clean: CleanTimer;
  #frozen = false;

  constructor(
    readonly env: Environment,
    readonly fileSystem: FileSystemType = fatFileSystem,
  ) {
    const symbols = Array.from({ length: MAX_FS_CLIENTS }, (_, client) => clientSymbol('virq_command', client));
    this.#commands = symbols.filter((symbol) => env.has(symbol)).map((symbol) => env.channel(symbol));
    this.#console = env.channel('virq_console');
    this.#blk = env.channel('virq_blk');
    this.#clean = new CleanTimer(
      env.kernel,
      () => this.#linux?.mounts.superBlock,
      (work) => this.#linux?.current.onOwn(work),
    );
  }

  init(): void {
    const linux = new Linux(this.env, this.fileSystem);
    this.#linux = linux;
    if (linux.console) this.#shell = new Shell(linux.console, { linux, syscalls: linux.process(0).syscalls });
    const driver = new UioFsDriver(linux, (client) => this.env.kernel.notify(this.#commands[client]!));
    if (!driver.start()) return;
    this.#driver = driver;
    this.#drainConsole(linux);
    this.#clean.around(() => driver.serveBacklog());
  }

  notified(ch: Channel): void {
    if (ch === this.#blk) this.#linux?.blk?.interrupt();
    else if (ch === this.#console) this.#consoleInterrupt();
    else this.#commandInterrupt(this.#commands.indexOf(ch));
  }

  #commandInterrupt(client: number): void {
    this.#driver?.fire(client);
    if (!this.#frozen) this.#clean.around(() => this.#driver?.poll());
  }

  #freeze(): void {
    this.#frozen = true;
    this.#clean.settle();
  }

  /** Commands that came meanwhile are served now. */
  #thaw(): void {
    this.#frozen = false;
    this.#clean.around(() => this.#driver?.poll());
  }

  #consoleInterrupt(): void {
    const typed = this.#linux?.console?.interrupt();
    if (typed && typed.length > 0) this.#linux?.current.onOwn(() => this.#shell?.input(typed));
    else this.#shell?.pump();
  }

  #drainConsole({ console }: Linux): void {
    const { kernel } = this.env;
    const deadline = kernel.now() + CONSOLE_PATIENCE_NS;
    while (console && !console.drained && kernel.now() < deadline) {
      if (kernel.wait(bit(this.#console), deadline) !== 0) this.#consoleInterrupt();
    }
  }

  #mountState(): MountState {
    return this.#linux?.mounts.state ?? { state: 'unmounted' };
  }
}
