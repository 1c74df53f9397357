/**
 * Download, upload and round trips from Python, against the same stack in two workers over the same rings: what MicroPython and the chain of
 * network components cost. Rounds alternate in one browser; the ratio of the medians is what counts.
 */
import { expect, test } from '../fixtures';
import { type Figure, keep, quantile } from './figures';
import { Processors } from './foreign_load';
import { lookAway } from './looks';
import { NetPeer } from './net_peer';
import { NetPython } from './net_python';

const SIZE = 32 << 20;
const ROUNDS = Number(process.env.VMFS_BENCH_ROUNDS ?? 5);
const ROUND_TRIPS = 1000;

test.use({ parameters: { disk: 'memory' } });

/** What 32 MiB cost, of everything that happened at least once for each of them. */
const perMiB = (counts: Readonly<Record<string, number>>) => {
  const often = Object.entries(counts).filter(([name, count]) => name !== 'dropped' && count >= SIZE >> 20);
  const rates = often.map(([name, count]) => `${name} ${Math.round(count / (SIZE >> 20))}`);
  return `notifications per MiB: ${rates.join(', ')}; frames dropped at the wire: ${counts.dropped}`;
};

test('network', async ({ machine, profileFolder }) => {
  test.setTimeout(600_000);
  const peer = await NetPeer.open(machine.page.context(), machine.page.url());
  const python = await NetPython.on(machine);
  const ends = [python, peer] as const;
  await lookAway(machine);
  const processors = new Processors(profileFolder);
  const figures: Figure[] = [];
  for (const what of ['download', 'upload'] as const) {
    const rates: [number[], number[]] = [[], []];
    for (let round = 0; round <= ROUNDS; round++) {
      for (const [i, end] of ends.entries()) {
        // The first round warms the code up.
        const size = round === 0 ? SIZE / 4 : SIZE;
        const { bytes, seconds } = await end.move(what, size);
        expect(bytes, 'bytes at the receiver').toBe(size);
        if (round > 0) rates[i]!.push(bytes / 1e6 / seconds);
      }
    }
    for (const [i, who] of ['memory', 'bare'].entries())
      figures.push({ work: what, who, unit: 'MB/s', values: rates[i]! });
    console.log(`  ${perMiB(await python.counted(() => python.move(what, SIZE)))}`);
  }
  for (const end of ends) await end.roundTrips(100);
  const mean = await python.meanRoundTrip(ROUND_TRIPS);
  figures.push({ work: 'round_trip', who: 'memory', unit: 'us', values: [mean] });
  for (const [i, who] of ['memory', 'bare'].entries()) {
    const values = await ends[i]!.roundTrips(ROUND_TRIPS);
    for (const q of [0.5, 0.99]) {
      figures.push({ work: `round_trip_p${100 * q}`, who, unit: 'us', values: [quantile(values, q)] });
    }
  }
  keep('network', processors.used().foreign, figures);
});
