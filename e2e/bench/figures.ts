/** What the benchmarks found, kept for the report that scripts/bench.mjs writes when all of them have run. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export interface Figure {
  /** What was done: the report knows its words. */
  readonly work: string;
  /** Who did it: `memory` and `opfs` are the machine on either store. */
  readonly who: string;
  readonly unit: string;
  /** One value per round. */
  readonly values: readonly number[];
}

export const FIGURES_FOLDER = fileURLToPath(new URL('../../test-results/bench/', import.meta.url));

/** `foreignCores`: what else used the processors meanwhile. */
export function keep(part: string, foreignCores: number, figures: readonly Figure[]): void {
  mkdirSync(FIGURES_FOLDER, { recursive: true });
  writeFileSync(`${FIGURES_FOLDER}${part}.json`, JSON.stringify({ part, foreignCores, figures }, undefined, 1));
  for (const { work, who, unit, values } of figures) {
    const [low, middle, high] = [0, 0.5, 1].map((q) => round(quantile(values, q)));
    console.log(`${work}, ${who}: ${middle} ${unit} (${low} to ${high})`);
  }
  console.log(`foreign load: ${foreignCores.toFixed(2)} cores`);
}

export function quantile(values: readonly number[], q: number): number {
  return [...values].sort((a, b) => a - b)[Math.floor(q * (values.length - 1))]!;
}

const round = (value: number) => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));

/** Figures of many rounds, by who and work. */
export class Rounds {
  readonly #values = new Map<string, number[]>();

  add(who: string, work: string, value: number): void {
    const key = JSON.stringify([work, who]);
    this.#values.set(key, [...(this.#values.get(key) ?? []), value]);
  }

  figures(unitOf: (work: string) => string): Figure[] {
    return [...this.#values].map(([key, values]) => {
      const [work, who] = JSON.parse(key) as [string, string];
      return { work, who, unit: unitOf(work), values };
    });
  }
}
