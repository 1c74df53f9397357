/**
 * General purpose timer of the i.MX 8M, fed with 24 MHz: a 32-bit counter behind a prescaler. A compare flag is set by the counter
 * arriving at the value, so that a value written too late is met only after the counter has gone round. Rollovers that nobody saw in
 * time are one, as on the chip.
 * Not modelled: input capture, output pins, and clock sources other than the peripheral clock, with which the counter stands still.
 */
import {
  GPT_CLKSRC_PERIPHERAL,
  GPT_CLOCK_HZ,
  GPT_CR,
  GPT_CR_KEPT,
  GPT_CR_SURVIVES_SWR,
  GPT_OCR_RESET,
  GPT_PRESCALER,
  GPT_SR,
  IMX_GPT,
} from '../specs/imx_gpt';
import type { Device, IrqLine } from './device';

const HZ = BigInt(GPT_CLOCK_HZ);
const NS_IN_S = 1_000_000_000n;
const MAX_COUNT = 0xffff_ffff;

/** Index into the compare registers of the one at `offset`. */
const channelAt = (offset: number) => (offset - IMX_GPT.OCR1) / 4;

export class ImxGpt implements Device {
  #control = 0;
  #prescaler = 0;
  #status = 0;
  #enabled = 0;
  readonly #compare = [GPT_OCR_RESET, GPT_OCR_RESET, GPT_OCR_RESET];
  #count = 0;
  /** The 24 MHz clock up to which the counter has been brought, and the cycles since it last stepped. */
  #cycles = 0n;
  #phase = 0n;

  constructor(
    readonly irq: IrqLine,
    /** The crystal: nanoseconds since power-on. */
    readonly nowNs: () => number,
  ) {}

  /** Brings the counter up to now, with all that happened on the way. */
  poll(): void {
    const cycles = this.#clock;
    if (this.#running) {
      const passed = this.#phase + cycles - this.#cycles;
      this.#advance(Number(passed / this.#divider));
      this.#phase = passed % this.#divider;
    }
    this.#cycles = cycles;
    this.#drive();
  }

  read32(offset: number): number {
    this.poll();
    return this.peek(offset);
  }

  /** The register as of the last access or poll: the counter does not run for it. */
  peek(offset: number): number {
    switch (offset) {
      case IMX_GPT.CR:
        return this.#control;
      case IMX_GPT.PR:
        return this.#prescaler;
      case IMX_GPT.SR:
        return this.#status;
      case IMX_GPT.IR:
        return this.#enabled;
      case IMX_GPT.CNT:
        return this.#count;
      default:
        return this.#compare[channelAt(offset)] ?? 0;
    }
  }

  write32(offset: number, value: number): void {
    this.poll();
    switch (offset) {
      case IMX_GPT.CR:
        this.#writeControl(value);
        break;
      case IMX_GPT.PR:
        this.#prescaler = value & GPT_PRESCALER;
        this.#phase = 0n;
        break;
      case IMX_GPT.SR:
        this.#status &= ~value;
        break;
      case IMX_GPT.IR:
        this.#enabled = value & GPT_SR.ALL;
        break;
      case IMX_GPT.OCR1:
      case IMX_GPT.OCR2:
      case IMX_GPT.OCR3:
        this.#compare[channelAt(offset)] = value >>> 0;
        // Restart mode: a new period starts with its length.
        if (offset === IMX_GPT.OCR1 && !this.#freeRun) this.#restart();
    }
    this.#drive();
  }

  /** When an enabled flag is to be set next, until a poll has seen to it; undefined while the output is high or nothing is to come. */
  get deadlineNs(): number | undefined {
    if (!this.#running || (this.#status & this.#enabled) !== 0) return undefined;
    const distances = this.#compare.map((value, channel) =>
      this.#enabled & (GPT_SR.OF1 << channel) ? this.#distance(value) : Number.POSITIVE_INFINITY,
    );
    if (this.#enabled & GPT_SR.ROV && this.#top === MAX_COUNT) distances.push(MAX_COUNT + 1 - this.#count);
    const ticks = Math.min(...distances);
    if (ticks === Number.POSITIVE_INFINITY) return undefined;
    const due = this.#cycles - this.#phase + BigInt(ticks) * this.#divider;
    return Number((due * NS_IN_S + HZ - 1n) / HZ);
  }

  #writeControl(value: number): void {
    const before = this.#control;
    if (value & GPT_CR.SWR) this.#reset(value);
    else this.#control = value & GPT_CR_KEPT;
    // Counting goes on where it stopped, unless ENMOD says from zero.
    const starts = (before & GPT_CR.EN) === 0 && (this.#control & GPT_CR.EN) !== 0;
    if (starts && this.#control & GPT_CR.ENMOD) this.#restart();
  }

  /** CR, SWR: over before anybody can read it. */
  #reset(control: number): void {
    this.#control = control & GPT_CR_SURVIVES_SWR;
    this.#prescaler = 0;
    this.#status = 0;
    this.#enabled = 0;
    this.#compare.fill(GPT_OCR_RESET);
    this.#restart();
  }

  #restart(): void {
    this.#count = 0;
    this.#phase = 0n;
  }

  #advance(ticks: number): void {
    for (let left = ticks; left > 0; ) {
      const top = this.#top;
      // The way to the rollover is a leg of its own where the period changes there.
      const leg = top === this.#period ? left : Math.min(left, top + 1 - this.#count);
      const end = this.#count + leg;
      this.#compare.forEach((value, channel) => {
        if (this.#distance(value) <= leg) this.#status |= GPT_SR.OF1 << channel;
      });
      if (top === MAX_COUNT && end > top) this.#status |= GPT_SR.ROV;
      this.#count = end % (top + 1);
      left -= leg;
    }
  }

  /** Ticks until the counter arrives at `value`; a full round when it is there. */
  #distance(value: number): number {
    if (value > this.#count && value <= this.#top) return value - this.#count;
    return value <= this.#period ? this.#top + 1 - this.#count + value : Number.POSITIVE_INFINITY;
  }

  /** The last count of a period. */
  get #period(): number {
    return this.#freeRun ? MAX_COUNT : this.#compare[0]!;
  }

  /** The last count before zero: a counter that is already beyond the period runs on to the rollover. */
  get #top(): number {
    return this.#count > this.#period ? MAX_COUNT : this.#period;
  }

  get #freeRun(): boolean {
    return (this.#control & GPT_CR.FRR) !== 0;
  }

  get #running(): boolean {
    return (this.#control & GPT_CR.EN) !== 0 && (this.#control & GPT_CR.CLKSRC) === GPT_CLKSRC_PERIPHERAL;
  }

  get #divider(): bigint {
    return BigInt(this.#prescaler + 1);
  }

  get #clock(): bigint {
    return (BigInt(Math.floor(this.nowNs())) * HZ) / NS_IN_S;
  }

  #drive(): void {
    this.irq.level((this.#status & this.#enabled) !== 0);
  }
}
