/** The register file of the ENET: words, the bits of each that are kept, and the values after a reset. */
import { ENET, ENET_ECR, ENET_EVENTS, ENET_RESET, ENET_WIDTH } from '../specs/imx_enet';

/** No reset changes the hash tables. */
const HASH_TABLES: readonly number[] = [ENET.IAUR, ENET.IALR, ENET.GAUR, ENET.GALR];

export class EnetRegisters {
  readonly #words = new Map<number, number>();

  constructor() {
    this.reset();
  }

  /** 0 where there is no register. */
  get(offset: number): number {
    return this.#words.get(offset) ?? 0;
  }

  /** By the MAC itself. */
  set(offset: number, value: number): void {
    this.#words.set(offset, value >>> 0);
  }

  /** By the processor: bits that the register does not have stay as they are. */
  write(offset: number, value: number): void {
    const width = ENET_WIDTH[offset] ?? 0;
    if (width !== 0) this.set(offset, (value & width) | (this.get(offset) & ~width));
  }

  reset(): void {
    for (const offset of this.#words.keys()) if (!HASH_TABLES.includes(offset)) this.#words.delete(offset);
    for (const [offset, value] of Object.entries(ENET_RESET)) this.set(Number(offset), value);
  }

  raise(event: number): void {
    this.set(ENET.EIR, (this.get(ENET.EIR) | event) & ENET_EVENTS);
  }

  get enabled(): boolean {
    return (this.get(ENET.ECR) & ENET_ECR.ETHEREN) !== 0;
  }
}
