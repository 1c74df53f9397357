/**
 * /dev/uioN: a device that user space drives by itself; Linux drivers/uio/{uio,uio_pdrv_genirq}.c. Its interrupt is disabled when it
 * fires; the program reads the count and writes 1 to enable it again.
 */
import type { Region } from '../../../src/protocol/region';
import { writeStruct } from '../../../src/protocol/struct';
import { GUEST_UIO } from '../../../src/protocol/vmfs';
import type { DeviceNode, Machine } from './of';
import { findCompatible } from './of';

export const GENERIC_UIO = 'generic-uio';

export interface UioDevice {
  /** "/dev/uio0" */
  readonly path: string;
  /** Second compatible string. */
  readonly name: string;
  readonly node: DeviceNode;
  /** Nothing for a region without memory: a store there traps. */
  readonly region: Region | undefined;
  readonly interrupt: UioInterrupt;
}

export class UioInterrupt {
  #count = 0;
  #read = 0;
  #enabled = false;
  #latched = false;

  constructor(
    readonly intid = 0,
    /** A GUEST_UIO that others may look at. */
    readonly shown: DataView = new DataView(new ArrayBuffer(GUEST_UIO.size)),
  ) {
    this.#show();
  }

  /** The interrupt line: masked until the program has dealt with the last one. */
  fire(): void {
    if (!this.#enabled) {
      this.#latched = true;
      return;
    }
    this.#enabled = false;
    this.#count++;
    this.#show();
  }

  /** poll(): whether `read` would tell of interrupts not read yet. */
  get readable(): boolean {
    return this.#count !== this.#read;
  }

  /** read(): interrupts so far. */
  read(): number {
    this.#read = this.#count;
    this.#show();
    return this.#count;
  }

  /** write(1). */
  enable(): void {
    this.#enabled = true;
    this.#show();
    if (!this.#latched) return;
    this.#latched = false;
    this.fire();
  }

  #show(): void {
    const enabled = this.#enabled ? 1 : 0;
    writeStruct(this.shown, 0, GUEST_UIO, { intid: this.intid, count: this.#count, read: this.#read, enabled });
  }
}

/** One device per generic-uio node, numbered in the tree's order. */
export function probeUio(
  machine: Machine,
  regionFor: (name: string) => Region | undefined,
  shownAt: (index: number) => DataView,
): UioDevice[] {
  return findCompatible(machine, GENERIC_UIO).map((node, i) => {
    const name = node.compatible[node.compatible.indexOf(GENERIC_UIO) + 1] ?? '';
    return {
      path: `/dev/uio${i}`,
      name,
      node,
      region: regionFor(name),
      interrupt: new UioInterrupt(node.intid, shownAt(i)),
    };
  });
}
