/**
 * The automation handle `window.lionsos`: drives the page from a test or a script, in production too. It sees and does what a person
 * at the terminal sees and does, and has the disk image besides. Stable: fields are added, not changed, within a major version.
 *
 *     await lionsos.ready;
 *     await lionsos.run('import os\nprint(os.listdir())');   // "['hello.txt']\r\n"
 */
import { version } from '../../package.json';
import { BOARDS, boardNamed } from '../boards';
import type { FaultStatus } from '../microkit/faults';
import type { DomainStatus } from '../microkit/status';
import type { MountState } from '../protocol/control';
import type { Fault } from '../protocol/faults';
import type { BreakingAutomation } from './breaking/automation';
import { killDomain } from './breaking/kill_domain';
import type { DiskMapAutomation } from './diskmap/automation';
import type { FilesAutomation } from './files/automation';
import type { FollowAutomation } from './follow/automation';
import type { NetStatus } from './guest_web';
import type { InspectAutomation } from './inspect/automation';
import { filesOf, followOf, gateOf, inspectorOf, packetsOf, powerCutOf, recoveryOf, traceOf } from './lazy_automation';
import type { Machine } from './machine';
import type { PacketRow } from './packets/automation';
import type { PowerCutAutomation } from './powercut/automation';
import type { GateAutomation } from './time/automation';
import type { TraceAutomation } from './time/trace_automation';

export interface LionsOs extends BreakingAutomation, InspectAutomation, FollowAutomation {
  /** Of this page: the version in its package.json. */
  readonly version: string;
  /** The board whose devices are modelled now, of `boards`. */
  readonly board: string;
  /** Every board there is: `qemu_virt_aarch64`, `maaxboard`. */
  readonly boards: readonly string[];
  /** Starts the whole system anew, on another board if one is named, on the disk as it is; fulfilled at the prompt. */
  reboot(options?: { board?: string }): Promise<void>;
  /**
   * Fulfilled when the prompt is on the screen; rejected with one sentence when the system cannot start. After `reboot`,
   * `disk.import` and `disk.reset`, which start it anew, it is another promise: read it again.
   */
  readonly ready: Promise<void>;
  /** Keys for the serial line, byte for byte: '\r' is Enter, '\x03' Ctrl-C. Fulfilled when the UART has taken them. */
  send(text: string): Promise<void>;
  /** The terminal's lines, with those that have scrolled off (5000 are kept). The last one ends at the cursor. */
  screen(): string;
  /**
   * Fulfilled with the match when the screen holds the text. After `send` the screen counts only once the system has answered, so an
   * old prompt is not taken for the next one. Rejects after `timeoutMs` (30 000) with the end of the screen in its message.
   */
  waitFor(text: string | RegExp, options?: { timeoutMs?: number }): Promise<string>;
  /**
   * Runs a Python program in the running MicroPython and returns what it printed (line ends are '\r\n'). Rejects with an error whose
   * message is the traceback. Interrupts what runs; the exchange is not shown, and what was typed at the prompt stays. ESC[0m in the
   * output, and ESC[31m, ESC[32m after it, are the serial virtualiser's and are taken out.
   */
  run(python: string): Promise<string>;
  readonly disk: {
    /** The whole disk, partition table and all. */
    export(): Promise<Uint8Array<ArrayBuffer>>;
    /** Replaces the disk and starts the system on it; fulfilled at the prompt. Any size, padded to a multiple of 512; gzip is unpacked. */
    import(image: Uint8Array<ArrayBuffer> | Blob): Promise<void>;
    /** Replaces the disk by a fresh one and starts the system on it; fulfilled at the prompt. */
    reset(): Promise<void>;
  } & DiskMapAutomation &
    PowerCutAutomation;
  /**
   * The files on the mounted disk, through the file system as a second client beside MicroPython; paths are absolute. Rejects with the
   * path and one sentence, and the errno in `errno`, as in `ENOENT`. A write is all of it or nothing.
   */
  readonly files: FilesAutomation;
  readonly net: {
    /** An HTTP request to port 80 of the guest, as in `net.fetch('/index.html')`. Rejects with one sentence when there is no answer. */
    fetch(path: string, init?: RequestInit): Promise<Response>;
    /** Frames counted at the wire and at each hop up to the client, and what the network outside the machine has done. */
    status(): Promise<NetStatus>;
    /** Whether requests of the guest to other hosts are carried by fetch; `?net=fetch` in the address switches that on too. */
    carry(on: boolean): Promise<void>;
    /** Frames are captured at every hop from now on, or no longer: what the view "Packets" shows. */
    capture(on: boolean): Promise<void>;
    /** The frames captured, oldest first, at most the newest 10,000: addresses, protocol, one line, bytes, and when each hop saw them. */
    packets(): Promise<PacketRow[]>;
    /** The same as a pcapng file, of one component or of all. Rejects for a name that frames do not pass. */
    pcapng(hop?: string): Promise<Uint8Array<ArrayBuffer>>;
  };
  /** Whether the file system VM could mount the disk, and why not. */
  mount(): Promise<MountState>;
  readonly pd: {
    /**
     * Every protection domain and virtual machine, as it is now. `generation` counts its starts, `notifications` those it handled,
     * `bootMs` is how long its last start took.
     */
    list(): Promise<DomainStatus[]>;
    /**
     * Ends a domain at once, whatever it is doing. The virtual machine and clients come back by themselves: fulfilled when the next
     * generation is up, that of `micropython` when it shows its prompt. Nothing restarts any other domain: fulfilled when it is dead.
     * What does not need it goes on; `reboot` brings all back.
     */
    kill(name: string): Promise<void>;
    /** The same for a virtual machine or a client: what an operator asks for. Rejects for any other domain: it cannot be restarted alone. */
    restart(name: string): Promise<void>;
    /** Puts a domain into an endless loop. A virtual machine is noticed and rebooted when somebody waits for it; nothing else is. */
    hang(name: string): Promise<void>;
  };
  /** Time in hand: the running system paused, stepped by notification, slowed down, stopped at breakpoints. */
  readonly gate: GateAutomation;
  /** The flight recorders: read, counted, saved as Perfetto, Chrome trace or text. */
  readonly trace: TraceAutomation;
  /** Faults below the code under test; docs/faults.md has the table of what each does and what to expect. */
  readonly fault: {
    /**
     * Sets a fault and returns its number, as in `fault.set({ on: 'disk', what: 'error', request: 'write', at: 2 })`. Rejects with one
     * sentence when there can be no such fault.
     */
    set(fault: Fault): Promise<number>;
    /** Takes back one fault, or all; disk requests without an answer fail then. */
    clear(id?: number): Promise<void>;
    /** The faults that are set, with how often each has happened. */
    list(): Promise<FaultStatus[]>;
  };
}

declare global {
  interface Window {
    lionsos: LionsOs;
  }
}

const DEFAULT_TIMEOUT_MS = 30_000;
/** A program that reads keys may answer nothing: then the screen is looked at all the same. */
const ANSWER_MS = 400;
const SCREEN_IN_MESSAGE = 400;

export function automation(machine: Machine): LionsOs {
  let answered: Promise<unknown> = Promise.resolve();
  return {
    version,
    get board() {
      return machine.board.name;
    },
    boards: BOARDS.map(({ name }) => name),
    async reboot({ board = machine.board.name } = {}) {
      await machine.ready;
      const found = boardNamed(board);
      if (!found)
        throw new Error(`There is no board '${board}'. There is: ${BOARDS.map(({ name }) => name).join(', ')}.`);
      await machine.reboot(found);
    },
    get ready() {
      return machine.ready;
    },
    async send(text) {
      answered = Promise.race([nextChange(machine), delay(ANSWER_MS)]);
      machine.send(text);
      while (machine.unsent > 0) await delay(1);
    },
    screen: () => machine.console.text,
    async waitFor(text, { timeoutMs = DEFAULT_TIMEOUT_MS } = {}) {
      const deadline = performance.now() + timeoutMs;
      await answered;
      for (;;) {
        const found = match(machine.console.text, text);
        if (found !== undefined) return found;
        const left = deadline - performance.now();
        if (left <= 0) throw new Error(missing(text, timeoutMs, machine.console.text));
        await Promise.race([nextChange(machine), delay(left)]);
      }
    },
    run: (python) => machine.run(python),
    disk: {
      export: () => machine.ready.then(() => machine.disk.export()),
      import: async (image) => {
        await machine.ready;
        return machine.disk.open(image instanceof Blob ? image : new Blob([image]));
      },
      reset: () => machine.ready.then(() => machine.disk.reset()),
      map: async () => (await import('./diskmap/automation')).diskMap(machine),
      ...powerCutOf(machine),
    },
    files: filesOf(machine),
    net: {
      fetch: (path, init) => machine.web.fetch(path, init),
      status: () => machine.web.status(),
      carry: (on) => machine.web.carry(on),
      ...packetsOf(machine),
    },
    mount: () => machine.mount(),
    pd: {
      list: async () => machine.domains(),
      kill: (name) => killDomain(machine, name),
      restart: (name) => machine.restartDomain(name),
      hang: async (name) => machine.hang(name),
    },
    gate: gateOf(machine),
    trace: traceOf(machine),
    ...inspectorOf(machine),
    ...followOf(machine),
    ...recoveryOf(machine),
    fault: {
      set: async (fault) => machine.faults.set(fault),
      clear: async (id) => machine.faults.clear(id),
      list: async () => machine.faults.list(),
    },
  };
}

export function match(screen: string, text: string | RegExp): string | undefined {
  if (typeof text === 'string') return screen.includes(text) ? text : undefined;
  // A pattern with the flag g or y remembers where it was.
  return new RegExp(text.source, text.flags.replace(/[gy]/g, '')).exec(screen)?.[0];
}

function missing(text: string | RegExp, timeoutMs: number, screen: string): string {
  return `Not on the screen within ${timeoutMs} ms: ${text}. It ends with:\n${screen.slice(-SCREEN_IN_MESSAGE)}`;
}

function nextChange({ console }: Machine): Promise<void> {
  return new Promise((resolve) => console.addEventListener('change', () => resolve(), { once: true }));
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
