/**
 * The seam between component code and whatever runs it: a Web Worker in the page (worker_kernel.ts), one thread and a seed in tests
 * (simulator.ts). The names are Microkit's; au-ts/microkit libmicrokit/include/microkit.h.
 */
import type { GuestSet } from '../protocol/boot';
import type { SetFault } from '../protocol/faults';
import type { Region } from '../protocol/region';

export type Channel = number;

/** A protected call's label and words; words are u64 in shared memory, here numbers below 2^53. */
export interface Message {
  readonly label: number;
  readonly words: readonly number[];
}

export interface Kernel {
  /** Name of the protection domain. */
  readonly name: string;

  /** Signal the other end of a channel: sets its bit and returns at once. */
  notify(ch: Channel): void;

  /** Protected procedure call: blocks until the other end has answered. */
  ppcall(ch: Channel, message: Message): Message;

  /** The interrupt has been dealt with: unmask it; a level line that is still high fires again. */
  irqAck(ch: Channel): void;

  /**
   * Blocks inside a handler until one of `channels` (a bit mask) is signalled or `deadlineNs` has passed; takes and returns those
   * bits, 0 on time-out. All other bits stay for the event loop. Throws Killed when the domain is being ended.
   */
  wait(channels: number, deadlineNs?: number): number;

  /** Bits of `channels` signalled by now, taken without blocking (a paused system holds its caller, though). */
  poll(channels: number): number;

  /** Nanoseconds since boot. */
  now(): number;

  /** Unix time in milliseconds, from outside the machine. */
  wallClock(): number;

  /** Kernel debug output, straight to the UART: microkit_dbg_puts. */
  print(text: string): void;

  /** One flight-recorder entry about `request` (0 = none). */
  trace(kind: number, channel: Channel, request: number, a: number, b: number): void;

  /** The interrupt line that a device model in this worker drives. */
  irqLine(ch: Channel): IrqLine;

  /** Points channels to another generation of their other end: its control page and message registers, by channel id. */
  redirect(channels: GuestSet['channels']): void;

  /** A device model of this worker: polled on outside input and when its deadline passes. */
  attach(device: PolledDevice): void;
}

export interface IrqLine {
  level(high: boolean): void;
}

export interface PolledDevice {
  /** Outside input arrived or the deadline passed. */
  poll(): void;
  /** Nanoseconds since boot at which the device wants to be polled next. */
  readonly deadlineNs?: number;
}

export interface ProtectionDomain {
  init?(): void;
  notified(ch: Channel): void;
  protected?(ch: Channel, message: Message): Message;
  /** Procedures of the control plane, called through Comlink while the domain is between two dispatches. */
  readonly control?: object;
  /** The device model's part in fault injection. */
  readonly faults?: FaultSink;
  /**
   * A domain that blocks in its own loop (the MicroPython client) instead of handlers. When it is idle it waits for
   * CONTROL_BIT.CONTROL too, and then awaits `answerControl`, which answers what the control plane asks.
   */
  run?(answerControl: () => Promise<void>): Promise<void>;
}

export interface FaultSink {
  set(faults: readonly SetFault[]): void;
  hits(): Readonly<Record<number, number>>;
}

/** What a program is given at start. */
export interface Environment {
  readonly kernel: Kernel;
  /** Mapped region by the symbol the description gives it; throws when the description forgot it. */
  region(symbol: string): Region;
  has(symbol: string): boolean;
  /** Channel or IRQ id by symbol; throws when the description forgot it. */
  channel(symbol: string): Channel;
  /** From the device's registers on, in the region `regs`. Its driver reaches the device by its model; this is for those who look on. */
  readonly registers: Uint8Array;
  /** Physical memory that a device model in this worker can reach. */
  readonly dma: readonly Region[];
  readonly config: unknown;
  readonly generation: number;
  /** For a domain that talks to a guest, which may be restarted at any instant (REBOOT_CHANNEL). */
  readonly guest?: GuestView;
}

export interface GuestView {
  /** The guest's generation now; from 1. */
  generation(): number;
  /** Its memory holds what it starts from: let it run. */
  built(generation: number): void;
  /** It has not answered for long: whoever watches over it should look. */
  complain(): void;
  /** It has written what its contract forbids, in this generation: it is rebooted. Whoever says so has logged what it was. */
  breach(generation: number): void;
  /** Points the channels to the guest at that generation, and returns its shared regions by symbol. */
  follow(generation: number): (symbol: string) => Region;
}

export type Program = (env: Environment) => ProtectionDomain | Promise<ProtectionDomain>;

/** Thrown out of `wait` and `poll` to unwind a domain that is being ended; nothing may catch it. */
export class Killed extends Error {}

export const bit = (ch: Channel): number => 1 << ch;
