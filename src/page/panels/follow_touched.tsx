/** What a statement touched: clusters, sectors, slots. */
import type { Followed, Sectors } from '../follow/followed';
import { listed } from '../follow/hops';
import { range } from '../follow/words';

const MOST = 12;

export function FollowTouched({ shown: { clusters, read, written, slots } }: { shown: Followed }) {
  const rows = [
    ['Clusters with contents', clusters.length === 0 ? '' : listed(clusters).replace(/^clusters? /, '')],
    ['Sectors written', sectorWords(written)],
    ['Sectors read', sectorWords(read)],
    ["Descriptors in the guest's queue", numbers(slots.guest)],
    ["Ids in the monitor's queue", numbers(slots.monitor)],
    ["The driver's slots", numbers(slots.driver)],
  ] as const;
  const told = rows.filter(([, words]) => words !== '');
  if (told.length === 0) return null;
  return (
    <section aria-labelledby="follow-touched">
      <h3 id="follow-touched">What it touched</h3>
      <dl className="touched">
        {told.map(([name, words]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <code>{words}</code>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function sectorWords(runs: readonly Sectors[]): string {
  return shortened(runs.map(({ first, count }) => range(first, count)));
}

const numbers = (all: readonly number[]) => shortened(all.map(String));

function shortened(words: readonly string[]): string {
  const rest = words.length - MOST;
  return words.slice(0, MOST).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}
