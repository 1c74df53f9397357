/** The serial and timer systems alone, as the board describes them, with scripts of the test's as their two clients. */
import { qemuVirtAarch64 } from '../../src/boards/qemu_virt_aarch64';
import { vmfs } from '../../src/boards/vmfs';
import type { Environment, Program } from '../../src/libmicrokit/pd';
import { Simulator } from '../../src/libmicrokit/simulator';
import { allocate, bootInfo, initOrder, type SystemMemory } from '../../src/microkit/layout';
import { CONTROL, CONTROL_BIT } from '../../src/protocol/boot';
import { Line } from '../../src/protocol/line';
import { Region } from '../../src/protocol/region';
import { SerialQueue } from '../../src/protocol/serial_queue';

const PROGRAMS = import.meta.glob<Program>('../../workers/{uart,serial,timer}*/pd.ts', { import: 'program' });
const CLIENTS = ['micropython', 'fs_driver_vmm'];

export class SerialSystem {
  readonly simulator: Simulator;
  readonly memory: SystemMemory;
  readonly tx: Line;
  readonly rx: Line;
  /** Raw bytes that reached the terminal. */
  readonly received: number[] = [];
  /** Bytes that the page holds until the line has room. */
  #unsent: Uint8Array = new Uint8Array();

  private constructor(seed: number) {
    this.simulator = new Simulator(seed);
    this.memory = allocate(vmfs(qemuVirtAarch64, { disk: { store: 'memory', name: 'none' } }), 0);
    this.tx = new Line(new Region('line_tx', this.memory.lineTx));
    this.rx = new Line(new Region('line_rx', this.memory.lineRx));
  }

  static async boot(seed: number, clients: readonly Client[]): Promise<SerialSystem> {
    const system = new SerialSystem(seed);
    for (const domain of initOrder(system.memory.description)) {
      const program = PROGRAMS[`../../workers/${domain.image}/pd.ts`];
      const client = clients[CLIENTS.indexOf(domain.name)];
      const boot = bootInfo(system.memory, domain, 1);
      if (client) await system.simulator.add(boot, client.program);
      else if (program) await system.simulator.add(boot, await program());
    }
    system.simulator.start();
    return system;
  }

  /** The page's part: takes at most `max` bytes from the line, sends what the line has room for, and rings the UART. */
  page(max = Number.POSITIVE_INFINITY): void {
    this.received.push(...this.tx.read(max));
    const sent = this.#unsent.length > 0 ? this.rx.write(this.#unsent) : 0;
    this.#unsent = this.#unsent.subarray(sent);
    if (this.tx.takeRoomRequest() || sent > 0) this.simulator.domains.get('uart_driver')!.raise(CONTROL_BIT.DEVICE);
  }

  type(bytes: Uint8Array | string): void {
    const typed = typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes;
    this.#unsent = Uint8Array.from([...this.#unsent, ...typed]);
    this.page(0);
  }

  /** Domains and page take turns until nobody has anything to do. */
  settle(chunk?: number): void {
    for (let before = -1; before !== this.#progress(); ) {
      before = this.#progress();
      this.simulator.settle();
      this.page(chunk);
      this.simulator.settle();
    }
  }

  /** Grows with everything that moves; what the page takes counts in full. */
  #progress(): number {
    return 2 * this.received.length + this.tx.length + this.notifications() - 2 * this.#unsent.length - this.rx.length;
  }

  /** Notifications dispatched so far, in one domain or in all. */
  notifications(name?: string): number {
    const kernels = [...this.simulator.domains.values()].filter((kernel) => !name || kernel.name === name);
    return kernels.reduce((sum, { words }) => sum + words[CONTROL.NOTIFICATIONS]!, 0);
  }

  get screen(): string {
    return new TextDecoder().decode(Uint8Array.from(this.received));
  }
}

/** A client that writes what it is told as its queue has room, and keeps what it is sent. */
export class Client {
  env!: Environment;
  output!: SerialQueue;
  input!: SerialQueue;
  readonly got: number[] = [];
  /** Whether it takes its input at all. */
  reads = true;
  #left: Uint8Array = new Uint8Array();

  readonly program: Program = (env) => {
    this.env = env;
    this.output = new SerialQueue(env.region('serial_tx_queue'), env.region('serial_tx_data'), 4096);
    this.input = new SerialQueue(env.region('serial_rx_queue'), env.region('serial_rx_data'));
    return { notified: () => this.step() };
  };

  write(bytes: Uint8Array | string): void {
    const more = typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes;
    this.#left = Uint8Array.from([...this.#left, ...more]);
    this.step();
  }

  step(): void {
    const { kernel } = this.env;
    if (this.reads) {
      this.got.push(...this.input.read());
      if (this.input.takeProducerSignal()) kernel.notify(this.env.channel('serial_rx'));
    }
    if (this.#left.length === 0) return;
    this.output.requestProducerSignal();
    const sent = this.output.write(this.#left);
    this.#left = this.#left.subarray(sent);
    if (sent > 0) kernel.notify(this.env.channel('serial_tx'));
  }

  get unsent(): number {
    return this.#left.length;
  }
}
