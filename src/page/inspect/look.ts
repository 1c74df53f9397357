/** The running system's memory as the inspectors see it: by region, by physical and by guest-physical address. Nothing is written. */
import { regionNow, type SystemMemory } from '../../microkit/layout';
import type { ProtectionDomain, SystemDescription } from '../../microkit/sdf';
import { Region } from '../../protocol/region';

export interface Place {
  readonly region: string;
  /** In bytes. */
  readonly offset: number;
}

export class Look {
  readonly description: SystemDescription;
  readonly #regions = new Map<SharedArrayBuffer, Region>();

  constructor(
    readonly memory: SystemMemory,
    /** Regions as they were. */
    readonly frozen: ReadonlyMap<string, SharedArrayBuffer> = new Map(),
  ) {
    this.description = memory.description;
  }

  /** The same with those regions as they are now. */
  freeze(regions: readonly string[]): Look {
    const copies = [...new Set(regions)].map((name) => {
      const { bytes, size } = this.region(name);
      const copy = new SharedArrayBuffer(size);
      new Uint8Array(copy).set(bytes);
      return [name, copy] as const;
    });
    return new Look(this.memory, new Map(copies));
  }

  /** The memory of a region: where a guest shares it, that of the generation that runs. */
  region(name: string): Region {
    const buffer = this.frozen.get(name) ?? regionNow(this.memory, name);
    if (!buffer) throw new Error(`There is no region '${name}'.`);
    const known = this.#regions.get(buffer) ?? new Region(name, buffer);
    this.#regions.set(buffer, known);
    return known;
  }

  /** Where a device's address leads; undefined where there is no memory. */
  physical(address: number | bigint): Place | undefined {
    const found = this.description.regions.find(
      ({ paddr, size }) => paddr !== undefined && within(address, paddr, size),
    );
    return found && { region: found.name, offset: Number(address) - found.paddr! };
  }

  /** Where an address of a virtual machine leads. */
  guestPhysical({ maps }: ProtectionDomain, address: number | bigint): Place | undefined {
    for (const { region, vaddr } of maps) {
      const { size } = this.description.regions.find(({ name }) => name === region)!;
      if (vaddr !== undefined && within(address, vaddr, size)) return { region, offset: Number(address) - vaddr };
    }
    return undefined;
  }

  /** Whether so many bytes are there: a domain may have written any address and any size. */
  holds({ region, offset }: Place, length: number): boolean {
    return this.region(region).holds(offset, length);
  }

  domain(wanted: string): ProtectionDomain | undefined {
    return this.description.domains.find(({ name }) => name === wanted);
  }

  /** The virtual machine that a monitor looks after, or the domain itself if it is one. */
  guestOf({ name, kind }: ProtectionDomain): ProtectionDomain | undefined {
    return this.description.domains.find((other) => (kind === 'guest' ? other.name === name : other.parent === name));
  }
}

const within = (address: number | bigint, start: number, size: number) => address >= start && address < start + size;
