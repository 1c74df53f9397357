/** What a worker is started with: everything its protection domain may ever touch, in one message. */

/** The control page of a protection domain, in Int32 words. */
export const CONTROL = {
  /** The notification word: bits 0..26 channels and IRQs, 27 REBOOT_CHANNEL, 28.. the kernel's own (CONTROL_BIT). */
  BITS: 0,
  /** 1 while the domain waits on BITS. */
  SLEEPING: 1,
  /** Control-plane requests sent to the worker so far; it stays in its event loop until it has answered them all. */
  SENT: 2,
  /** While paused: the bits the stepper lets the domain take; a bit of PASSES_GATE only makes it look again. */
  GRANT: 3,
  /** One of PD_STATE. */
  STATE: 4,
  /** Notifications dispatched since the domain started. */
  NOTIFICATIONS: 5,
  /** Times the domain woke from sleep. */
  WAKEUPS: 6,
  /** How often this domain has been started. */
  GENERATION: 7,
  /** While paused: the bits the domain would take. */
  WANTED: 8,
  /** A number that the page changes to feel for the domain's pulse; whoever sleeps on BITS is woken to answer it, and sleeps on. */
  PROBE: 9,
  /** The last PROBE that the domain saw. */
  BEAT: 10,
} as const;
export const CONTROL_SIZE = 64;

export const CONTROL_BIT = {
  /** A device model of this worker has input (line bytes, an elapsed deadline). */
  DEVICE: 1 << 28,
  /** A protected call is waiting on one of the domain's channels. */
  PPC: 1 << 29,
  DIE: 1 << 30,
  /** Control-plane messages are waiting: return to the event loop. */
  CONTROL: 1 << 31,
} as const;

/** Bits that a paused domain takes without a grant. A protected call is part of its caller's step. */
export const PASSES_GATE = CONTROL_BIT.PPC | CONTROL_BIT.DIE | CONTROL_BIT.CONTROL;

/** Channel and IRQ ids are below this; Microkit allows 62, one word holds what this system needs. */
export const MAX_CHANNELS = 27;

/** Signalled by the monitor to every domain that shares memory with a guest: the guest has a new generation. */
export const REBOOT_CHANNEL = 27;

export const PD_STATE = { DOWN: 0, STARTING: 1, WAITING: 2, RUNNING: 3, DEAD: 4, PAUSED: 5 } as const;
export type PdStateName = keyof typeof PD_STATE;

/** The gate: one word shared by all domains. 0 runs; 1 lets a domain take only what it was granted. */
export const GATE = {
  MODE: 0,
  STEPS: 1,
  /** Rank of the domain whose turn it is to initialise: highest priority first, as on one core. */
  TURN: 2,
} as const;

/** Message registers of one protected-call channel: Int32 state, label, count, then 64 u64 words from byte 16. */
export const PPC_PAGE = { STATE: 0, LABEL: 1, COUNT: 2, WORDS: 16, SIZE: 16 + 64 * 8 } as const;
export const PPC_STATE = { IDLE: 0, CALLED: 1, ANSWERED: 2 } as const;

export interface ChannelBoot {
  readonly id: number;
  /** The name this domain's code knows the channel by. */
  readonly symbol: string;
  /** Who is at the other end, its control page, and the bit it sees. */
  readonly peer: string;
  readonly peerControl: SharedArrayBuffer;
  readonly peerId: number;
  /** Whether this end may notify the other. */
  readonly notify: boolean;
  /** Message registers, for protected-call channels. */
  readonly ppc?: { readonly page: SharedArrayBuffer; readonly role: 'caller' | 'callee' };
}

export interface IrqBoot {
  readonly id: number;
  readonly symbol: string;
  readonly intid: number;
  readonly trigger: 'edge' | 'level';
}

export interface RegionBoot {
  readonly name: string;
  readonly buffer: SharedArrayBuffer;
  readonly paddr?: number;
  readonly writable: boolean;
}

/** A window of physical memory that the worker's device model, not its driver, may reach. */
export interface DmaBoot {
  readonly name: string;
  readonly paddr: number;
  readonly buffer: SharedArrayBuffer;
}

/**
 * What changes when a guest is restarted. A worker that was ended may go on writing for two seconds, so memory that a guest could
 * write is never given to the next one at once: it comes in sets, and whoever talks to the guest holds all of them from boot.
 */
export interface GuestSets {
  /** Int32 words of GUEST_WORD. */
  readonly word: SharedArrayBuffer;
  readonly sets: readonly GuestSet[];
}

export const GUEST_WORD = {
  /** The generation that runs now, counted from 0. */
  GENERATION: 0,
  /** How often a client has waited too long for an answer: the monitor then looks at the guest. */
  COMPLAINTS: 1,
  /** The generation whose machine the monitor PD has built, counted from 0: its worker may start. */
  BUILT: 2,
  /** The last generation that was seen to break a protocol, from 1. */
  BREACH: 3,
  SIZE: 16,
} as const;

export interface GuestSet {
  /** By symbol of the domain that holds them. */
  readonly regions: Readonly<Record<string, SharedArrayBuffer>>;
  /** By channel id: the guest's control page and the message registers. */
  readonly channels: Readonly<
    Record<number, { readonly peerControl: SharedArrayBuffer; readonly page?: SharedArrayBuffer }>
  >;
}

/** Index of the set that a generation (from 1) lives in. */
export function setIndex(generation: number, sets: number): number {
  return (generation - 1) % sets;
}

export interface BootInfo {
  readonly name: string;
  readonly image: string;
  /** Place in the order of initialisation; undefined for a restarted domain, which waits for nobody. */
  readonly rank?: number;
  readonly generation: number;
  readonly control: SharedArrayBuffer;
  readonly gate: SharedArrayBuffer;
  readonly trace: SharedArrayBuffer;
  /** The debug UART that kernel, monitor and `print` write to (protocol/line.ts). */
  readonly debug: SharedArrayBuffer;
  readonly channels: readonly ChannelBoot[];
  readonly irqs: readonly IrqBoot[];
  readonly regions: Readonly<Record<string, RegionBoot>>;
  /** Where the device's registers begin in the region `regs`, in bytes: a page may hold several devices. */
  readonly registersAt?: number;
  readonly dma: readonly DmaBoot[];
  /** For a domain that shares memory with a guest. */
  readonly guest?: GuestSets;
  /** Component configuration, as its class documents it. */
  readonly config: unknown;
  /** performance.timeOrigin-based milliseconds of system start: zero of every clock. */
  readonly bootTime: number;
}
