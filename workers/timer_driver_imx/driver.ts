/**
 * Timer driver for the i.MX general purpose timer: tells the time and keeps one timeout per client. Passive; shares no memory; trusts
 * nobody. The counter has 32 bits and goes round every 357.9 s; this counts the rounds. Upstream twin: au-ts/sddf drivers/timer/imx/timer.c.
 */
import type { Channel, Kernel, Message, ProtectionDomain } from '../../src/libmicrokit/pd';
import { SDDF_TIMER } from '../../src/protocol/timer';
import { GPT_CLKSRC_PERIPHERAL, GPT_CR, GPT_SR, IMX_GPT } from '../../src/specs/imx_gpt';

export interface Mmio {
  read32(offset: number): number;
  write32(offset: number, value: number): void;
}

/** 24 MHz / 2: twelve ticks a microsecond. */
const PRESCALER = 1;
const TICKS_IN_US = 12n;
const NS_IN_US = 1000;
const COUNTER_BITS = 32n;
/** No deadline: nobody lives that long. */
const NEVER = 2n ** 64n - 1n;

export class TimerDriver implements ProtectionDomain {
  /** Deadlines in ticks. Only channels named here are ever indexed. */
  readonly #deadlines: Map<Channel, bigint>;
  /** Rounds of the counter whose rollover interrupt has been handled. */
  #rounds = 0n;

  constructor(
    readonly kernel: Kernel,
    readonly mmio: Mmio,
    readonly irq: Channel,
    clients: readonly Channel[],
  ) {
    this.#deadlines = new Map(clients.map((ch) => [ch, NEVER]));
  }

  init(): void {
    this.mmio.write32(IMX_GPT.CR, 0);
    this.mmio.write32(IMX_GPT.SR, GPT_SR.ALL);
    this.mmio.write32(IMX_GPT.CR, GPT_CR.SWR);
    // A polled wait: the model's reset is over at once.
    while (this.mmio.read32(IMX_GPT.CR) & GPT_CR.SWR);
    this.mmio.write32(IMX_GPT.CR, GPT_CR.FRR | GPT_CLKSRC_PERIPHERAL | GPT_CR.EN);
    this.mmio.write32(IMX_GPT.IR, GPT_SR.ROV);
    this.mmio.write32(IMX_GPT.PR, PRESCALER);
  }

  notified(ch: Channel): void {
    if (ch !== this.irq) return;
    const status = this.mmio.read32(IMX_GPT.SR);
    this.mmio.write32(IMX_GPT.SR, status);
    if (status & GPT_SR.ROV) this.#rounds++;
    this.#processTimeouts();
    this.kernel.irqAck(this.irq);
  }

  protected(ch: Channel, { label, words }: Message): Message {
    switch (label) {
      case SDDF_TIMER.GET_TIME:
        // Whole microseconds, as upstream.
        return { label: 0, words: [Number(this.#ticks / TICKS_IN_US) * NS_IN_US] };
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
    // differs: rounded up, where upstream cuts: a client that sleeps must not find the clock short of its time and sleep again.
    const deadline = Number.isSafeInteger(relativeNs)
      ? this.#ticks + BigInt(Math.ceil(relativeNs / NS_IN_US)) * TICKS_IN_US
      : NEVER;
    this.#deadlines.set(ch, deadline);
    this.#processTimeouts();
  }

  /** Notifies clients whose time has come, then sets the comparator to the earliest of the others. */
  #processTimeouts(): void {
    let earliest = NEVER;
    do {
      const now = this.#ticks;
      earliest = this.#notifyUntil(now);
      this.#program(earliest, now);
      // differs: upstream does not look again. The hardware compares for equality: a deadline that passed just before it was
      // programmed would come one round late.
    } while (earliest <= this.#ticks);
  }

  /** Returns the earliest deadline after `now`. */
  #notifyUntil(now: bigint): bigint {
    let earliest = NEVER;
    for (const [ch, deadline] of this.#deadlines) {
      if (deadline <= now) {
        this.#deadlines.set(ch, NEVER);
        this.kernel.notify(ch);
      } else if (deadline < earliest) earliest = deadline;
    }
    return earliest;
  }

  /** A deadline of a later round waits for the rollover, which comes here again. */
  #program(deadline: bigint, now: bigint): void {
    const inThisRound = deadline >> COUNTER_BITS === now >> COUNTER_BITS;
    if (inThisRound) this.mmio.write32(IMX_GPT.OCR1, Number(BigInt.asUintN(Number(COUNTER_BITS), deadline)));
    this.mmio.write32(IMX_GPT.IR, inThisRound ? GPT_SR.ROV | GPT_SR.OF1 : GPT_SR.ROV);
  }

  /** A rollover not handled yet counts; one between the reads of status and counter makes the counter's value stale. */
  get #ticks(): bigint {
    const before = this.#rolledOver;
    let count = this.mmio.read32(IMX_GPT.CNT);
    const after = this.#rolledOver;
    if (before !== after) count = this.mmio.read32(IMX_GPT.CNT);
    return ((this.#rounds + (after ? 1n : 0n)) << COUNTER_BITS) | BigInt(count);
  }

  get #rolledOver(): boolean {
    return (this.mmio.read32(IMX_GPT.SR) & GPT_SR.ROV) !== 0;
  }
}
