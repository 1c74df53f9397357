/** The hops' capture regions of the running system: on while somebody looks, and read once a frame of the screen while frames come. */
import type { SystemMemory } from '../../microkit/layout';
import { CaptureReader, type CaptureSleep } from '../../protocol/capture_reader';
import { Region } from '../../protocol/region';
import type { Batch } from './frames';
import { HOPS, type HopName } from './hops';

export interface CaptureHost {
  memory(): SystemMemory | undefined;
  nextFrame(): Promise<unknown>;
  waitFor(sleep: CaptureSleep): Promise<void>;
}

export interface HopLoss {
  /** Frames that were written over before the page read them. */
  readonly lost: number;
  /** How often its ring made no sense. */
  readonly broken: number;
}

/** The regions of one system, from the first look to the last. */
export class CaptureLink {
  readonly #readers = new Map<HopName, CaptureReader>();
  #on = true;

  constructor(
    readonly host: CaptureHost,
    readonly memory: SystemMemory,
    readonly took: (batch: Batch) => void,
  ) {
    for (const { name } of HOPS) {
      const map = memory.description.domains
        .find((domain) => domain.name === name)
        ?.maps.find(({ symbol }) => symbol === 'net_capture');
      const buffer = map && memory.regions.get(map.region);
      if (buffer) this.#readers.set(name, new CaptureReader(new Region(map.region, buffer)));
    }
    void this.#follow();
  }

  /** No hop keeps frames any more. */
  end(): void {
    this.#on = false;
    for (const reader of this.#readers.values()) reader.stop();
  }

  get losses(): ReadonlyMap<HopName, HopLoss> {
    return new Map([...this.#readers].map(([name, { lost, broken }]) => [name, { lost, broken }]));
  }

  async #follow(): Promise<void> {
    const waits = new Map<CaptureReader, Promise<CaptureReader>>();
    while (this.#on) {
      this.#read();
      for (const reader of this.#readers.values()) {
        // One waiter for each ring: those that come to nothing would pile up.
        const sleep = waits.has(reader) ? undefined : reader.sleep();
        if (sleep)
          waits.set(
            reader,
            this.host.waitFor(sleep).then(() => reader),
          );
        else if (!waits.has(reader)) waits.set(reader, Promise.resolve(reader));
      }
      if (waits.size === 0) return;
      waits.delete(await Promise.race(waits.values()));
      await this.host.nextFrame();
    }
  }

  #read(): void {
    const batch: Batch = Object.fromEntries([...this.#readers].map(([name, reader]) => [name, reader.read()]));
    if (this.#on && Object.values(batch).some((frames) => frames.length > 0)) this.took(batch);
  }
}
