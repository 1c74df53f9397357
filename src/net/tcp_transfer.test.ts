/** Whole connections over a wire that loses, repeats, overtakes and damages frames: what is sent arrives, and both ends come to their end. */
import { expect, test } from 'vitest';
import { bytes, connected, FAIR, Network, states, Talker, type Weather } from './testing/network';

const MIB = 1 << 20;

function bothWays(seed: number, weather: Partial<Weather>, size: number): Network {
  const network = new Network(seed);
  const client = network.add(2);
  const server = network.add(3);
  const ping = client.ping(server.config.address);
  network.run(() => ping.result !== undefined);
  network.weather = { ...FAIR, ...weather };
  const [near, far, listener] = connected(network, client, server);
  const up = bytes(size, 11);
  const down = bytes(size, 12);
  const talkers = [new Talker(near, up, size), new Talker(far, down, size)] as const;
  network.run(() => {
    for (const talker of talkers) talker.step();
    return talkers.every(({ isDone, failure }) => isDone || failure !== undefined);
  });
  expect(talkers.map(({ failure }) => failure)).toEqual([undefined, undefined]);
  expect(Buffer.compare(talkers[0].received, down)).toBe(0);
  expect(Buffer.compare(talkers[1].received, up)).toBe(0);
  near.close();
  far.close();
  listener.close();
  network.run(() => states(client).length + states(server).length === 0);
  network.pass(1000);
  expect(network.idleMs).toBe(Number.POSITIVE_INFINITY);
  return network;
}

test.each<[string, Partial<Weather>]>([
  ['a fair wire', {}],
  ['1 % loss', { loss: 0.01 }],
  ['2 % loss', { loss: 0.02 }],
  ['5 % loss', { loss: 0.05 }],
  ['reordering', { reordering: 0.1 }],
  ['duplication', { duplication: 0.1 }],
  ['corruption', { corruption: 0.02 }],
  ['all of it', { loss: 0.02, reordering: 0.05, duplication: 0.05, corruption: 0.01, delayMs: 20 }],
])('4 MiB both ways over %s', (_, weather) => {
  const network = bothWays(7, weather, 4 * MIB);
  const { retransmitted, badChecksum } = network.stacks[0]!.counters;
  if (weather.loss) expect(retransmitted).toBeGreaterThan(10);
  if (weather.corruption) expect(badChecksum).toBeGreaterThan(10);
});

test('64 KiB both ways, with a hundred seeds and half of everything going wrong', () => {
  for (let seed = 1; seed <= 100; seed++) {
    const network = bothWays(
      seed,
      { loss: 0.1, reordering: 0.2, duplication: 0.1, corruption: 0.05, delayMs: 5 },
      65_536,
    );
    expect(network.now).toBeLessThan(1_000_000);
  }
});
