/** What the monitor and the simulator do alike when a guest gets its next generation. */
import { type BootInfo, GUEST_WORD, PPC_PAGE, PPC_STATE, REBOOT_CHANNEL } from '../protocol/boot';
import type { SystemMemory } from './layout';
import type { SystemDescription } from './sdf';

/** From now on this generation is the guest; everyone with a channel to it is told. */
export function announce(
  { guests, description }: SystemMemory,
  name: string,
  generation: number,
  signal: (domain: string, bits: number) => void,
): void {
  Atomics.store(new Int32Array(guests.get(name)!.word), GUEST_WORD.GENERATION, generation - 1);
  for (const peer of neighbours(description, name)) signal(peer, 1 << REBOOT_CHANNEL);
}

/** Fulfilled when the monitor PD has built the machine of this generation. Its worker must not run before. */
export async function built({ guests }: SystemMemory, name: string, generation: number): Promise<void> {
  const words = new Int32Array(guests.get(name)!.word);
  for (;;) {
    const seen = Atomics.load(words, GUEST_WORD.BUILT);
    if (seen === generation - 1) return;
    const wait = Atomics.waitAsync(words, GUEST_WORD.BUILT, seen);
    if (wait.async) await wait.value;
  }
}

/** Domains with a channel to this one. */
export function neighbours({ channels }: SystemDescription, name: string): Set<string> {
  const ends = channels.flatMap(({ a, b }) => (a.domain === name ? [b.domain] : b.domain === name ? [a.domain] : []));
  return new Set(ends);
}

/** Control page and queue indices of a set that is used again; the data in it is nobody's. */
export function emptyQueues({ control, regions, channels }: BootInfo): void {
  new Uint8Array(control).fill(0);
  for (const { ppc } of channels) if (ppc) new Uint8Array(ppc.page).fill(0);
  for (const { name, buffer } of Object.values(regions)) {
    if (/queue|virq_status/.test(name)) new Uint8Array(buffer, 0, 64).fill(0);
  }
}

/** A callee that does not answer is dead itself: then nothing it writes can surprise the next caller. */
const ANSWER_MS = 1000;

/**
 * Makes the memory of a domain that is dead for certain fit for its next generation. Queues stay as they are: their other ends go on from
 * where they were, and so does the new domain. Calls that it had made are answered first.
 */
export async function inherit({ control, channels }: BootInfo): Promise<void> {
  new Uint8Array(control).fill(0);
  for (const { ppc } of channels) {
    if (ppc?.role !== 'caller') continue;
    const registers = new Int32Array(ppc.page);
    const answered = Atomics.waitAsync(registers, PPC_PAGE.STATE, PPC_STATE.CALLED, ANSWER_MS);
    if (answered.async) await answered.value;
    Atomics.store(registers, PPC_PAGE.STATE, PPC_STATE.IDLE);
  }
}
