/**
 * Looks at a guest when somebody complains: that it broke a protocol, or that it does not answer. One that sleeps waits for its disk, and
 * has its own patience with that; one that has neither slept nor woken for a while is in a loop.
 */
import { CONTROL, GUEST_WORD, PD_STATE } from '../protocol/boot';

/** How long a guest may compute without sleeping, from the first look to the second. */
const PATIENCE_MS = 1000;

export interface Watched {
  /** Control page of the generation that runs now. */
  words(): Int32Array;
  hangs(): void;
  brokeProtocol(): void;
}

export class Watchdog {
  #stopped = false;

  constructor(
    readonly guest: Int32Array,
    readonly watched: Watched,
    readonly pause: (ms: number) => Promise<void>,
  ) {}

  async run(): Promise<void> {
    while (!this.#stopped) {
      const seen = Atomics.load(this.guest, GUEST_WORD.COMPLAINTS);
      const wait = Atomics.waitAsync(this.guest, GUEST_WORD.COMPLAINTS, seen);
      if (wait.async) await wait.value;
      if (this.#stopped) return;
      if (this.#broke) this.watched.brokeProtocol();
      else if (await this.#inLoop()) this.watched.hangs();
    }
  }

  stop(): void {
    this.#stopped = true;
    Atomics.notify(this.guest, GUEST_WORD.COMPLAINTS);
  }

  /** Whether the complaint is about the generation that runs. */
  get #broke(): boolean {
    return Atomics.load(this.guest, GUEST_WORD.BREACH) === Atomics.load(this.guest, GUEST_WORD.GENERATION) + 1;
  }

  /** The same generation at both looks, running at both, and not once asleep in between. */
  async #inLoop(): Promise<boolean> {
    const words = this.watched.words();
    const before = heartbeat(words);
    await this.pause(PATIENCE_MS);
    return words === this.watched.words() && before !== undefined && before === heartbeat(words);
  }
}

/** Undefined for a domain that is not running. */
function heartbeat(words: Int32Array): string | undefined {
  if (Atomics.load(words, CONTROL.STATE) !== PD_STATE.RUNNING) return undefined;
  return `${Atomics.load(words, CONTROL.WAKEUPS)} ${Atomics.load(words, CONTROL.NOTIFICATIONS)}`;
}
