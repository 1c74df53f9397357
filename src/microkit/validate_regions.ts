/** Rules for memory: names, sizes, physical addresses, who maps what. */
import type { MemoryRegion, SystemDescription } from './sdf';
import { firstRepeated, hex, isWholePages } from './validate_rules';

export function* regionMistakes({ regions, domains }: SystemDescription): Generator<string> {
  const repeated = firstRepeated(regions.map(({ name }) => name));
  if (repeated !== undefined) yield `There are two regions named '${repeated}'.`;
  for (const region of regions) yield* ownMistakes(region);
  yield* overlaps(regions);
  const mapped = new Set(domains.flatMap(({ maps }) => maps.map(({ region }) => region)));
  for (const { name } of regions) if (!mapped.has(name)) yield `Region '${name}' is mapped by nobody.`;
}

function* ownMistakes({ name, size, paddr }: MemoryRegion): Generator<string> {
  if (!isWholePages(size) || size === 0) {
    yield `Region '${name}' has size ${hex(size)}: it must be a positive multiple of 4 KiB.`;
  }
  if (paddr !== undefined && !isWholePages(paddr)) {
    yield `Region '${name}' is at physical address ${hex(paddr)}: it must be a multiple of 4 KiB.`;
  }
}

/** A page of registers that holds two devices is one region, mapped by both drivers (qemu's 0xa003000), not two on one place. */
function* overlaps(regions: readonly MemoryRegion[]): Generator<string> {
  const fixed = regions
    .flatMap(({ name, size, paddr }) => (paddr === undefined ? [] : [{ name, size, paddr }]))
    .sort((a, b) => a.paddr - b.paddr);
  for (const [i, region] of fixed.entries()) {
    const next = fixed[i + 1];
    if (next && next.paddr - region.paddr < region.size) {
      yield `Regions '${region.name}' and '${next.name}' overlap at physical address ${hex(next.paddr)}.`;
    }
  }
}
