/**
 * Download, upload and round trips from Python, against the same stack in two workers over the same rings: what MicroPython and the chain of
 * network components cost. Rounds alternate in one browser; the ratio of the medians is what counts.
 */
import { loadavg } from 'node:os';
import { expect, test } from '../fixtures';
import { NetPeer } from './net_peer';
import { NetPython } from './net_python';

const SIZE = 32 << 20;
const ROUNDS = 5;
const ROUND_TRIPS = 1000;

test.use({ parameters: { disk: 'memory' } });

const quantile = (values: readonly number[], q: number) =>
  [...values].sort((a, b) => a - b)[Math.floor(q * (values.length - 1))]!;

const spread = (values: readonly number[]) =>
  `${quantile(values, 0.5).toFixed(1)} MB/s (${Math.min(...values).toFixed(1)} to ${Math.max(...values).toFixed(1)})`;

/** What 32 MiB cost, of everything that happened at least once for each of them. */
const perMiB = (counts: Readonly<Record<string, number>>) => {
  const often = Object.entries(counts).filter(([name, count]) => name !== 'dropped' && count >= SIZE >> 20);
  const rates = often.map(([name, count]) => `${name} ${Math.round(count / (SIZE >> 20))}`);
  return `notifications per MiB: ${rates.join(', ')}; frames dropped at the wire: ${counts.dropped}`;
};

const percentiles = (us: readonly number[]) =>
  `p50 ${quantile(us, 0.5).toFixed(0)} us, p99 ${quantile(us, 0.99).toFixed(0)} us`;

/** Work of others on this machine is in every figure; beside the machine's own, it is what the load average shows at the start. */
const load = () => `load ${loadavg()[0]!.toFixed(1)}`;

test('network', async ({ machine }) => {
  test.setTimeout(600_000);
  const peer = await NetPeer.open(machine.page.context(), machine.page.url());
  const python = await NetPython.on(machine);
  const ends = [python, peer] as const;
  console.log(`before: ${load()}`);
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
    const [ours, bare] = rates;
    const ratio = (quantile(ours, 0.5) / quantile(bare, 0.5)).toFixed(2);
    console.log(`${what}: ${spread(ours)}, bare stacks: ${spread(bare)}, ratio ${ratio} (aim: 0.6)`);
    console.log(`  ${perMiB(await python.counted(() => python.move(what, SIZE)))}`);
  }
  for (const end of ends) await end.roundTrips(100);
  const mean = await python.meanRoundTrip(ROUND_TRIPS);
  const ours = percentiles(await python.roundTrips(ROUND_TRIPS));
  const bare = percentiles(await peer.roundTrips(ROUND_TRIPS));
  console.log(`round trip of a datagram: mean ${mean.toFixed(0)} us; captured: ${ours}; bare stacks: ${bare}`);
  console.log(`after: ${load()}`);
});
