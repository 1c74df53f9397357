/** Turns a boot message into what a program works with: regions, channels by name, DMA windows. */
import { type BootInfo, GUEST_WORD, type GuestSets, setIndex } from '../protocol/boot';
import { Region } from '../protocol/region';
import type { Environment, GuestView, Kernel } from './pd';

export function environment(boot: BootInfo, kernel: Kernel): Environment {
  const regions = new Map<string, Region>();
  const channels = new Map([...boot.channels, ...boot.irqs].map(({ symbol, id }) => [symbol, id]));
  return {
    kernel,
    config: boot.config,
    generation: boot.generation,
    ...(boot.guest ? { guest: guestView(boot, boot.guest, kernel) } : {}),
    get registers() {
      return this.region('regs').bytes.subarray(boot.registersAt ?? 0);
    },
    dma: boot.dma.map(({ name, buffer, paddr }) => new Region(name, buffer, paddr)),
    has: (symbol) => symbol in boot.regions || channels.has(symbol),
    region(symbol) {
      const mapped = boot.regions[symbol];
      if (!mapped) throw new Error(`${boot.name} has no region '${symbol}'`);
      const known = regions.get(symbol) ?? new Region(mapped.name, mapped.buffer, mapped.paddr);
      regions.set(symbol, known);
      return known;
    },
    channel(symbol) {
      const id = channels.get(symbol);
      if (id === undefined) throw new Error(`${boot.name} has no channel '${symbol}'`);
      return id;
    },
  };
}

function guestView(boot: BootInfo, { word, sets }: GuestSets, kernel: Kernel): GuestView {
  const words = new Int32Array(word);
  return {
    generation: () => Atomics.load(words, GUEST_WORD.GENERATION) + 1,
    complain() {
      Atomics.add(words, GUEST_WORD.COMPLAINTS, 1);
      Atomics.notify(words, GUEST_WORD.COMPLAINTS);
    },
    breach(generation) {
      Atomics.store(words, GUEST_WORD.BREACH, generation);
      Atomics.add(words, GUEST_WORD.COMPLAINTS, 1);
      Atomics.notify(words, GUEST_WORD.COMPLAINTS);
    },
    built(generation) {
      Atomics.store(words, GUEST_WORD.BUILT, generation - 1);
      Atomics.notify(words, GUEST_WORD.BUILT);
    },
    follow(generation) {
      const { regions, channels } = sets[setIndex(generation, sets.length)]!;
      kernel.redirect(channels);
      return (symbol) => {
        const buffer = regions[symbol];
        if (!buffer) throw new Error(`${boot.name} does not share '${symbol}' with its guest`);
        return new Region(boot.regions[symbol]!.name, buffer);
      };
    },
  };
}
