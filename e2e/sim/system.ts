/** The whole system in one thread: every program of the tree, the real description, an order of events drawn from a seed. */
import type { Board } from '../../src/boards/board';
import { qemuVirtAarch64 } from '../../src/boards/qemu_virt_aarch64';
import { vmfs } from '../../src/boards/vmfs';
import type { Environment, Program, ProtectionDomain } from '../../src/libmicrokit/pd';
import { Simulator } from '../../src/libmicrokit/simulator';
import { allocate, bootInfo, initOrder, type SystemMemory } from '../../src/microkit/layout';
import { announce, emptyQueues } from '../../src/microkit/reboot';
import { REBOOT_CHANNEL } from '../../src/protocol/boot';
import { Line } from '../../src/protocol/line';
import { Region } from '../../src/protocol/region';

const PROGRAMS = import.meta.glob<Program>('../../workers/*/pd.ts', { import: 'program' });

export interface SimulatedSystem {
  readonly simulator: Simulator;
  readonly memory: SystemMemory;
  /** What reached the terminal so far. */
  screen(): string;
  /** Ends the file system VM where it stands and starts its next generation. */
  rebootGuest(): void;
  /** Runs `body` as the client domain: it may block in kernel.wait like MicroPython does. */
  client(body: (env: Environment) => void): void;
}

/** Boots everything but the client, which is a script of the test's: MicroPython needs a real event loop. */
export async function simulate(options: {
  seed: number;
  image?: SharedArrayBuffer;
  board?: Board;
}): Promise<SimulatedSystem> {
  const disk = { store: 'memory' as const, name: 'sim', ...(options.image ? { image: options.image } : {}) };
  const description = vmfs(options.board ?? qemuVirtAarch64, { disk });
  const memory = allocate(description, 0);
  const simulator = new Simulator(options.seed);
  const client = new ScriptedClient();
  for (const domain of initOrder(description)) {
    const program =
      domain.name === 'micropython' ? client.program : await PROGRAMS[`../../workers/${domain.image}/pd.ts`]!();
    await simulator.add(bootInfo(memory, domain, 1), program);
  }
  simulator.start();
  const guest = description.domains.find(({ kind }) => kind === 'guest')!;
  const guestProgram = await PROGRAMS[`../../workers/${guest.image}/pd.ts`]!();
  let generation = 1;
  const line = new Line(new Region('line_tx', memory.lineTx));
  let text = '';
  return {
    simulator,
    memory,
    screen: () => {
      text += new TextDecoder().decode(line.read(Number.POSITIVE_INFINITY));
      return simulator.debug + text;
    },
    rebootGuest() {
      const boot = bootInfo(memory, guest, ++generation);
      emptyQueues(boot);
      announce(memory, guest.name, generation, (peer, bits) => simulator.domains.get(peer)!.raise(bits));
      simulator.dispatchNow(guest.parent!, REBOOT_CHANNEL);
      simulator.restart(boot, guestProgram);
    },
    client: (body) => simulator.domains.get('micropython')!.enter(() => body(client.env!)),
  };
}

class ScriptedClient {
  env: Environment | undefined;
  readonly program: Program = (env): ProtectionDomain => {
    this.env = env;
    return { notified() {} };
  };
}
