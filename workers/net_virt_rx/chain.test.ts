/** A driver -> net_virt_rx -> a copier for each client -> the clients -> net_virt_tx -> the driver, in the simulator. */
import { describe, expect, test } from 'vitest';
import { Random } from '../../src/libmicrokit/random';
import { CONTROL } from '../../src/protocol/boot';
import { type NetChain, netChain, RX_PADDR } from './testing/net_chain';

const BROADCAST = 9;
const NOBODY = 8;

const PATTERN = new Uint8Array(4096).map((_, i) => i * 7 + (i >> 8));

/** A frame to client 0 or 1, to all or to nobody; it bears its number, and every byte depends on it. */
function makeFrame(to: number, number: number, length: number): Uint8Array {
  const frame = PATTERN.slice(number % 251, (number % 251) + length);
  frame.set(to === BROADCAST ? [255, 255, 255, 255, 255, 255] : [0x52, 0x54, 1, 0, 0, to + 1]);
  new DataView(frame.buffer).setUint32(14, number);
  return frame;
}

const numberOf = (frame: Uint8Array) =>
  ((frame[14]! << 24) | (frame[15]! << 16) | (frame[16]! << 8) | frame[17]!) >>> 0;
const equal = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0;

/** Traffic of frames both ways that are checked where they come out. */
class Traffic {
  readonly random: Random;
  chain!: NetChain;
  /** Frames for each client that went in and have not come out, by number. */
  readonly toClient = [0, 1].map(() => new Map<number, Uint8Array>());
  readonly received = [0, 0];
  readonly offered = [0, 0];
  readonly wrong: string[] = [];
  readonly sent = [0, 0];
  readonly onWire = [0, 0];
  nobody = 0;
  #next = 1;
  #last = [0, 0];

  constructor(readonly seed: number) {
    this.random = new Random(seed);
  }

  async start(): Promise<this> {
    this.chain = await netChain({
      seed: this.seed,
      onWire: (frame) => this.#out(frame),
      onClient: (client, frame) => this.#arrived(client, frame),
    });
    return this;
  }

  /** Puts up to `count` frames in at the driver. */
  receive(count: number, to = [0, 1, BROADCAST, NOBODY]): void {
    for (; count > 0 && this.chain.driver.stock.length > 0; count--) {
      const station = to[this.random.below(to.length)]!;
      const frame = makeFrame(station, this.#next++, 18 + this.random.below(this.random.below(8) === 0 ? 2031 : 80));
      this.chain.driver.send(frame);
      const clients = station === BROADCAST ? [0, 1] : station === NOBODY ? [] : [station];
      if (clients.length === 0) this.nobody++;
      for (const client of clients) {
        this.offered[client]!++;
        this.toClient[client]!.set(numberOf(frame), frame);
      }
    }
    this.chain.driver.tell();
  }

  /** Lets a client send up to `count` frames. */
  transmit(client: number, count: number): void {
    const station = this.chain.clients[client]!;
    for (; count > 0 && station.stock.length > 0; count--) {
      const number = this.sent[client]!;
      station.send(makeFrame(client, number, 18 + (number % 2031)));
      this.sent[client]!++;
    }
    station.tell();
  }

  #arrived(client: number, frame: Uint8Array): void {
    const number = numberOf(frame);
    const expected = this.toClient[client]!.get(number);
    this.toClient[client]!.delete(number);
    this.received[client]!++;
    if (!expected || !equal(expected, frame)) this.wrong.push(`client ${client} got ${number} wrong`);
    if (number <= this.#last[client]!) this.wrong.push(`client ${client} got ${number} after ${this.#last[client]}`);
    this.#last[client] = number;
  }

  /** The source is told by the last byte of the destination here: the clients send to themselves. */
  #out(frame: Uint8Array): void {
    const client = frame[5]! - 1;
    if (this.foreign?.(frame)) return;
    const number = this.onWire[client]!++;
    if (!equal(frame, makeFrame(client, number, 18 + (number % 2031)))) this.wrong.push(`wire got ${client} wrong`);
  }

  /** Frames of a client that nothing is expected of. */
  foreign: ((frame: Uint8Array) => boolean) | undefined;
}

const sorted = (numbers: readonly number[]) => [...numbers].sort((a, b) => a - b);
const all512 = (base = 0) => Array.from({ length: 512 }, (_, i) => base + 2048 * i);

/** Where each buffer is when everybody has given back everything. */
function expectConserved({ chain }: Traffic): void {
  const atDriver = chain.driver.stock.map(({ io_or_offset }) => io_or_offset);
  expect(sorted([...atDriver, ...chain.contents('driver-rx-free')])).toEqual(all512(RX_PADDR));
  for (const [i, client] of chain.clients.entries()) {
    expect(sorted(chain.contents(`copy_${i}-client_${i}-free`))).toEqual(all512());
    const atClient = client.stock.map(({ io_or_offset }) => io_or_offset);
    expect(sorted([...atClient, ...chain.contents(`client_${i}-tx-free`)])).toEqual(all512());
  }
}

test.each([1, 2])(
  'more frames than the indices count, by clients that dawdle: none lost, changed or out of order (seed %d)',
  async (seed) => {
    const traffic = await new Traffic(seed).start();
    const { chain, random } = traffic;
    for (const station of [chain.driver, ...chain.clients]) station.prompt = false;
    for (
      let i = 0;
      traffic.received[0]! + traffic.received[1]! + traffic.onWire[0]! + traffic.onWire[1]! < 220_000;
      i++
    ) {
      if (i > 20_000) throw new Error('the traffic has come to a stand');
      traffic.receive(random.below(120));
      for (const client of [0, 1]) traffic.transmit(client, random.below(60));
      for (let steps = random.below(12); steps > 0; steps--) chain.simulator.step();
      for (const station of [chain.driver, ...chain.clients]) station.giveBack(random.below(160));
    }
    for (const station of [chain.driver, ...chain.clients]) station.prompt = true;
    for (const station of [chain.driver, ...chain.clients]) station.giveBack(512);
    chain.simulator.settle();
    expect(traffic.wrong).toEqual([]);
    expect(traffic.onWire).toEqual(traffic.sent);
    const rx = chain.counters('net_virt_rx');
    const [received, offered] = [traffic.received, traffic.offered].map(([a, b]) => a! + b!);
    expect(received! + rx.client_full).toBe(offered);
    expect(rx).toEqual({ ...NOTHING, frames: received, client_full: rx.client_full, no_client: traffic.nobody });
    expect(chain.counters('net_virt_tx')).toEqual({ ...NOTHING, frames: traffic.sent[0]! + traffic.sent[1]! });
    for (const i of [0, 1])
      expect(chain.counters(`net_copy_${i}`)).toEqual({ ...NOTHING, frames: traffic.received[i] });
    expectConserved(traffic);
    expect([...new Uint32Array(chain.regions.metadata!.buffer)].every((refs) => refs === 0)).toBe(true);
    expect(chain.simulator.debug).toBe('');
  },
);

const NOTHING = {
  ...{ frames: 0, no_client: 0, client_full: 0, client_broken: 0 },
  ...{ bad_length: 0, bad_buffer: 0, driver_broken: 0, injected: 0 },
};

test('a batch costs each component one wake-up for the frames and one for the buffers, and idleness none', async () => {
  const traffic = await new Traffic(3).start();
  const { chain } = traffic;
  const count = () =>
    Object.fromEntries(
      Object.entries(chain.kernels).map(([name, { words }]) => [name, Atomics.load(words, CONTROL.NOTIFICATIONS)]),
    );
  const before = count();
  traffic.receive(100, [0]);
  chain.simulator.settle();
  expect(traffic.received).toEqual([100, 0]);
  const woken = Object.entries(count()).map(([name, n]) => [name, n - before[name]!]);
  // The client gives its buffers back unasked: no frame waits for them.
  expect(Object.fromEntries(woken)).toEqual({
    ...{ driver: 1, net_virt_rx: 2, net_virt_tx: 0, net_copy_0: 1, client_0: 1, net_copy_1: 0, client_1: 0 },
  });
  const idle = count();
  expect([chain.simulator.step(), count()]).toEqual([false, idle]);
});

test('a client that reads nothing: its frames wait as far as its share goes, then are dropped; the other gets all of its own', async () => {
  const traffic = await new Traffic(4).start();
  const { chain } = traffic;
  chain.clients[1]!.prompt = false;
  for (let i = 0; i < 200; i++) {
    traffic.receive(40, [0, 1, BROADCAST]);
    chain.simulator.settle();
  }
  expect([traffic.received[0], traffic.toClient[0]!.size]).toEqual([traffic.offered[0], 0]);
  // 512 in its own buffers, and 256 behind them.
  expect(traffic.received[1]).toBe(512);
  expect(chain.contents('rx-copy_1-active')).toHaveLength(256);
  const dropped = traffic.offered[1]! - 512 - 256;
  expect([dropped > 1000, chain.counters('net_virt_rx').client_full]).toEqual([true, dropped]);
  chain.clients[1]!.prompt = true;
  chain.clients[1]!.giveBack(512);
  chain.simulator.settle();
  expect([traffic.received[1], traffic.wrong]).toEqual([512 + 256, []]);
  expectConserved(traffic);
});

describe.each([
  ['client', ['copy_1-client_1-free', 'copy_1-client_1-active', 'client_1-tx-free', 'client_1-tx-active']],
  ['copier', ['rx-copy_1-free', 'rx-copy_1-active']],
] as const)('a hostile %s', (_, rings) => {
  test.each([11, 12, 13, 14, 15, 16])('stands alone (seed %d)', async (seed) => {
    const traffic = await new Traffic(seed).start();
    const { chain, random } = traffic;
    // Station 1 may be broken in every way; the driver still gets buffers of the two clients only, or `frames` throws.
    traffic.foreign = (frame) => frame[5] !== 1;
    const mischief = new Random(seed * 77);
    chain.clients[1]!.notified = () => {};
    for (let i = 0; i < 400; i++) {
      for (let n = mischief.below(4); n > 0; n--) scribble(chain, rings, mischief, i);
      for (const ch of [0, 1]) chain.kernels.client_1!.notify(ch);
      for (const ch of [0, 1]) chain.kernels.net_copy_1!.notify(ch);
      traffic.receive(random.below(60), [0, 1, BROADCAST]);
      traffic.transmit(0, random.below(60));
      chain.simulator.settle();
    }
    expect([traffic.received[0], traffic.onWire[0]]).toEqual([traffic.offered[0], traffic.sent[0]]);
    expect(traffic.wrong.filter((text) => !text.startsWith('client 1'))).toEqual([]);
    expect(traffic.received[0]! > 5000 && traffic.sent[0]! > 5000).toBe(true);
    // What the hostile one has not given back is at most its share; its complaints are few.
    const atDriver = chain.driver.stock.map(({ io_or_offset }) => io_or_offset);
    expect(new Set(atDriver).size).toBe(atDriver.length);
    expect(atDriver.length).toBeGreaterThanOrEqual(256);
    const lines = chain.simulator.debug.split('\n').slice(0, -1);
    expect(lines.length).toBeLessThanOrEqual(10);
    expect(new Set(lines.map((line) => line.replace(/ [\da-f]+ /, ' '))).size).toBe(lines.length);
    expect(lines.length).toBeGreaterThan(0);
  });
});

/** One write of a hostile component into one of its rings: an index, a flag, a descriptor, anything. */
function scribble({ regions }: NetChain, rings: readonly string[], random: Random, round: number): void {
  const { view } = regions[rings[random.below(rings.length)]!]!;
  const slot = 8 + 16 * random.below(512);
  const what = random.below(round < 200 ? 5 : 7);
  if (what === 0) view.setUint32(4, random.below(3), true);
  else if (what === 1) view.setBigUint64(slot, BigInt(random.below(520)) * 2048n, true);
  else if (what === 2) view.setBigUint64(slot, (BigInt(random.next()) << 32n) | BigInt(random.next()), true);
  else if (what === 3) view.setUint16(slot + 8, random.below(0x1_0000), true);
  else if (what === 4) view.setUint16(0, (view.getUint16(0, true) + random.below(9)) & 0xffff, true);
  else if (what === 5) view.setUint16(2, (view.getUint16(2, true) + random.below(9)) & 0xffff, true);
  else view.setUint32(0, random.next(), true);
}
