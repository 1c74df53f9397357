/**
 * The guest's interrupt controller: which of its interrupts are enabled, and which wait for that. Only the distributor is modelled: a
 * delivered interrupt is a notification, which has pending and acknowledge of its own.
 */
import type { Device } from '../../src/hw/device';
import { GICD, GICD_BANK_SIZE, GICD_CTLR_ENABLE } from '../../src/specs/gic';

export type GicVersion = 'GICv2' | 'GICv3';
/** The distributor's place on the two boards. */
export const GIC_DISTRIBUTOR = { GICv2: 0x800_0000, GICv3: 0x3880_0000 } as const;
const IDS = 1020;
const TYPER_ITLINES = 31;

interface Line {
  readonly deliver: () => void;
  enabled: boolean;
  pending: boolean;
}

export class VirtualGic implements Device {
  readonly #lines = new Map<number, Line>();
  #on = false;

  /** `deliver` sets the guest's notification for this interrupt. */
  register(intid: number, deliver: () => void): void {
    this.#lines.set(intid, { deliver, enabled: false, pending: false });
  }

  /** differs: upstream loses an interrupt that the guest has not enabled yet; here it stays pending. */
  inject(intid: number): void {
    const line = this.#lines.get(intid);
    if (!line) throw new Error(`vIRQ ${intid} is not registered`);
    line.pending = true;
    this.#deliver(line);
  }

  read32(offset: number): number {
    if (offset === GICD.CTLR) return this.#on ? GICD_CTLR_ENABLE : 0;
    if (offset === GICD.TYPER) return TYPER_ITLINES;
    if (inBank(offset, GICD.ISENABLER) || inBank(offset, GICD.ICENABLER)) return this.#bits(offset, 'enabled');
    if (inBank(offset, GICD.ISPENDR) || inBank(offset, GICD.ICPENDR)) return this.#bits(offset, 'pending');
    return 0;
  }

  write32(offset: number, value: number): void {
    if (offset === GICD.CTLR) this.#on = (value & GICD_CTLR_ENABLE) !== 0;
    else if (inBank(offset, GICD.ISENABLER)) this.#set(offset, value, 'enabled', true);
    else if (inBank(offset, GICD.ICENABLER)) this.#set(offset, value, 'enabled', false);
    else if (inBank(offset, GICD.ISPENDR)) this.#set(offset, value, 'pending', true);
    else if (inBank(offset, GICD.ICPENDR)) this.#set(offset, value, 'pending', false);
    for (const line of this.#lines.values()) this.#deliver(line);
  }

  #deliver(line: Line): void {
    if (!this.#on || !line.enabled || !line.pending) return;
    line.pending = false;
    line.deliver();
  }

  #bits(offset: number, what: 'enabled' | 'pending'): number {
    return this.#linesAt(offset).reduce((word, [bit, line]) => (line[what] ? word | (1 << bit) : word) >>> 0, 0);
  }

  #set(offset: number, value: number, what: 'enabled' | 'pending', to: boolean): void {
    for (const [bit, line] of this.#linesAt(offset)) if (value & (1 << bit)) line[what] = to;
  }

  /** The registered lines of a bank's word, with their bit. */
  #linesAt(offset: number): [bit: number, line: Line][] {
    const first = ((offset % GICD_BANK_SIZE) >> 2) * 32;
    return [...this.#lines].flatMap(([intid, line]): [number, Line][] =>
      intid >= first && intid < first + 32 && intid < IDS ? [[intid - first, line]] : [],
    );
  }
}

function inBank(offset: number, start: number): boolean {
  return offset >= start && offset < start + GICD_BANK_SIZE && offset % 4 === 0;
}
