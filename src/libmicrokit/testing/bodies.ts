/** What the threads of the kernel's tests run: the real WorkerKernel and event loop, small domains. */
import { type BootInfo, CONTROL, CONTROL_BIT, PD_STATE } from '../../protocol/boot';
import { bit, type Kernel, Killed, type Message, type PolledDevice, type ProtectionDomain } from '../pd';
import { Random } from '../random';
import { run } from '../run';
import { WorkerKernel } from '../worker_kernel';

export interface ThreadData {
  readonly boot: BootInfo;
  readonly body: keyof typeof BODIES;
  /** Counters of the test's, shared by all threads. */
  readonly shared: SharedArrayBuffer;
  readonly argument: number;
}

type Body = (kernel: Kernel, shared: Int32Array, argument: number) => ProtectionDomain;

/** A counter shared by tokens: one token sent is one token owed, and each end counts what it got. */
const BODIES = {
  /** Bounces a token back on the channel it came on, with random work in between; ends after `argument` tokens. */
  pingPong(kernel, shared, argument): ProtectionDomain {
    const random = new Random(kernel.name.length + argument);
    return {
      notified(ch) {
        spin(random.below(64));
        const tokens = Atomics.add(shared, ch, 1);
        if (tokens < argument) kernel.notify(ch);
        else Atomics.notify(shared, ch);
      },
    };
  },

  /** Asks for the square of 1, 2, 3 ... by protected call, in one notification each. */
  caller(kernel, shared): ProtectionDomain {
    return {
      notified() {
        const n = Atomics.add(shared, 0, 1) + 1;
        const { label, words } = kernel.ppcall(1, { label: n, words: [n, 2 ** 40 + n] });
        if (label === n + 1 && words[0] === n * n && words[1] === 2 ** 40 + n) Atomics.add(shared, 1, 1);
        Atomics.notify(shared, 0);
      },
    };
  },

  callee(): ProtectionDomain {
    return {
      notified() {},
      protected: (_, { label, words }: Message) => ({ label: label + 1, words: [words[0]! ** 2, words[1]!] }),
    };
  },

  /** Counts what it is told on each channel; waits inside the handler of channel 0 for channel 1. */
  nested(kernel, shared): ProtectionDomain {
    return {
      notified(ch) {
        Atomics.add(shared, ch, 1);
        Atomics.notify(shared, ch);
        if (ch === 0) Atomics.add(shared, 8, kernel.wait(bit(1)));
      },
    };
  },

  /** Waits inside its handler for channel 1 or `argument` nanoseconds. */
  patient(kernel, shared, argument): ProtectionDomain {
    return {
      notified() {
        shared[1] = kernel.wait(bit(1), kernel.now() + argument);
        Atomics.add(shared, 0, 1);
        Atomics.notify(shared, 0);
      },
    };
  },

  /** Passes each notification on to channel 2 and writes down its order in `shared`. */
  relay(kernel, shared, argument): ProtectionDomain {
    return {
      notified(ch) {
        const at = Atomics.add(shared, 0, 1);
        shared[1 + at] = argument * 100 + ch;
        if (at < shared.length - 2) kernel.notify(2);
      },
    };
  },

  /** Polls for channel 0 in a loop, as an interpreter does; counts its turns. */
  poller(kernel, shared): ProtectionDomain {
    return {
      notified() {
        while (kernel.poll(bit(0)) === 0) Atomics.add(shared, 0, 1);
        Atomics.add(shared, 1, 1);
        Atomics.notify(shared, 1);
      },
    };
  },

  /** A device whose deadline is `argument` nanoseconds from the start; its interrupt is 3. */
  ticking(kernel, shared, argument): ProtectionDomain {
    const due = kernel.now() + argument;
    const line = kernel.irqLine(3);
    const device: PolledDevice & { deadlineNs?: number } = {
      deadlineNs: due,
      poll() {
        if (device.deadlineNs === undefined || kernel.now() < due) return;
        delete device.deadlineNs;
        line.level(true);
      },
    };
    kernel.attach(device);
    return {
      notified(ch) {
        if (ch === 0) return void kernel.notify(0);
        line.level(false);
        kernel.irqAck(ch);
        shared[1] = kernel.now() - due < 0 ? -1 : 1;
        Atomics.add(shared, 0, 1);
        Atomics.notify(shared, 0);
      },
    };
  },

  /** Counts to `argument` on the debug console, in digits that begin with its name's letter. */
  printer(kernel, _, argument): ProtectionDomain {
    const digit = (d: string) => String.fromCharCode(kernel.name.charCodeAt(0) + Number(d));
    return {
      notified() {
        for (let i = 0; i < argument; i++) kernel.print(`${[...`${i}`].map(digit).join('')}\n`);
      },
    };
  },
} as const satisfies Record<string, Body>;

function spin(turns: number): void {
  for (let i = 0; i < turns * 8; i++) Math.imul(i, i);
}

/** The first and last lines of a thread, as start.ts has them for a worker; control turns are counted in shared[15]. */
export function main({ boot, body, shared, argument }: ThreadData): void {
  const kernel = new WorkerKernel(boot);
  Atomics.store(kernel.words, CONTROL.STATE, PD_STATE.STARTING);
  const counters = new Int32Array(shared);
  const pd = (BODIES[body] as Body)(kernel, counters, argument);
  try {
    while (!(run(pd, kernel) & CONTROL_BIT.DIE)) {
      Atomics.add(counters, 15, 1);
      Atomics.notify(counters, 15);
    }
  } catch (error) {
    if (!(error instanceof Killed)) throw error;
  }
  Atomics.store(kernel.words, CONTROL.STATE, PD_STATE.DEAD);
  Atomics.notify(kernel.words, CONTROL.STATE);
}
