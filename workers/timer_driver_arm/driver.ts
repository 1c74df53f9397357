/**
 * Timer driver for the Arm generic timer: tells the time and keeps one timeout per client. Passive; shares no memory; trusts nobody.
 * Upstream twin: au-ts/sddf drivers/timer/arm/timer.c.
 */
import type { Channel, Kernel, Message, ProtectionDomain } from '../../src/libmicrokit/pd';
import { SDDF_TIMER } from '../../src/protocol/timer';
import { CNTFRQ_EL0, CNTP_CTL, CNTP_CTL_EL0, CNTP_CVAL_EL0, CNTPCT_EL0 } from '../../src/specs/arm_timer';

/** The two instructions that reach a system register. */
export interface SystemRegisters {
  mrs(register: number): bigint;
  msr(register: number, value: bigint): void;
}

const NS_IN_S = 1_000_000_000n;
/** No deadline: the counter does not get there. */
const NEVER = 2n ** 64n - 1n;

export class TimerDriver implements ProtectionDomain {
  /** Deadlines in ticks. Only channels named here are ever indexed. */
  readonly #deadlines: Map<Channel, bigint>;
  #frequency = 0n;

  constructor(
    readonly kernel: Kernel,
    readonly registers: SystemRegisters,
    readonly irq: Channel,
    clients: readonly Channel[],
  ) {
    this.#deadlines = new Map(clients.map((ch) => [ch, NEVER]));
  }

  init(): void {
    this.registers.msr(CNTP_CVAL_EL0, NEVER);
    this.registers.msr(CNTP_CTL_EL0, CNTP_CTL.ENABLE);
    this.#frequency = this.registers.mrs(CNTFRQ_EL0);
  }

  notified(ch: Channel): void {
    if (ch !== this.irq) return;
    this.#processTimeouts();
    this.kernel.irqAck(this.irq);
  }

  protected(ch: Channel, { label, words }: Message): Message {
    switch (label) {
      case SDDF_TIMER.GET_TIME:
        return { label: 0, words: [Number((this.#ticks * NS_IN_S) / this.#frequency)] };
      case SDDF_TIMER.SET_TIMEOUT:
        this.#setTimeout(ch, words[0] ?? 0);
        return { label: 0, words: [] };
      default:
        this.kernel.print(`TIMER DRIVER|LOG: Unknown request ${label} to timer from channel ${ch}\n`);
        return { label: 0, words: [] };
    }
  }

  /** Replaces the client's timeout. One further off than a number of nanoseconds can say (NaN) does not come. */
  #setTimeout(ch: Channel, relativeNs: number): void {
    // differs: upstream indexes an array of six with the channel.
    if (!this.#deadlines.has(ch)) return;
    // Rounded up: a client that sleeps must not wake a tick too early and sleep again.
    const ticks = Number.isSafeInteger(relativeNs)
      ? (BigInt(relativeNs) * this.#frequency + NS_IN_S - 1n) / NS_IN_S
      : NEVER;
    this.#deadlines.set(ch, this.#ticks + ticks);
    this.#processTimeouts();
  }

  /** Notifies clients whose time has come, then sets the comparator to the earliest of the others. */
  #processTimeouts(): void {
    const now = this.#ticks;
    let earliest = NEVER;
    for (const [ch, deadline] of this.#deadlines) {
      if (deadline <= now) {
        this.#deadlines.set(ch, NEVER);
        this.kernel.notify(ch);
      } else if (deadline < earliest) earliest = deadline;
    }
    this.registers.msr(CNTP_CVAL_EL0, earliest);
  }

  get #ticks(): bigint {
    return this.registers.mrs(CNTPCT_EL0);
  }
}
