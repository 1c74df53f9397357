/** Whether the disk has been used since the prompt came: its driver was notified. */
import type { DomainStatus } from '../microkit/status';

export class DiskUse {
  #atPrompt = 0;

  constructor(readonly domains: () => readonly DomainStatus[]) {}

  prompted(): void {
    this.#atPrompt = this.#notifications;
  }

  get sincePrompt(): boolean {
    return this.#notifications > this.#atPrompt;
  }

  get #notifications(): number {
    return this.domains().find(({ name }) => name === 'blk_driver')?.notifications ?? 0;
  }
}
