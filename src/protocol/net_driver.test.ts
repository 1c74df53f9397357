/** The queue side of the Ethernet drivers where two threads meet; what it does is in e2e/sim/eth_driver_conformance.ts. */
import { expect, test } from 'vitest';
import { NetDriver, type NicRings } from './net_driver';
import { NET_QUEUE_REGION_SIZE, netReceiver, netSender } from './net_queue';
import { region } from './region';

function setup(room: number) {
  const regions = ['rx_free', 'rx_active', 'tx_free', 'tx_active'].map((name) => region(name, NET_QUEUE_REGION_SIZE));
  const [rxFree, rxActive, txFree, txActive] = regions as [(typeof regions)[0], ...typeof regions];
  const taken = { provided: [] as number[], sent: [] as number[] };
  const rings: NicRings = {
    get rxRoom() {
      return taken.provided.length < room;
    },
    get txRoom() {
      return taken.sent.length < room;
    },
    reaches: () => true,
    provide: (address) => void taken.provided.push(address),
    send: ({ io_or_offset }) => void taken.sent.push(io_or_offset),
    received: () => undefined,
    sent: () => undefined,
  };
  const driver = new NetDriver(netSender(rxFree!, rxActive!), netReceiver(txFree!, txActive!), rings);
  return {
    driver,
    taken,
    rxFree: rxFree!,
    txActive: txActive!,
    rx: netReceiver(rxFree!, rxActive!),
    tx: netSender(txFree!, txActive!),
  };
}

/** Runs `act` just before the consumer of `queue` publishes that it wants a signal. */
function beforeRequest(words: Int32Array, act: () => void, run: () => void): void {
  const real = Atomics.store;
  let acted = false;
  Atomics.store = ((...args: Parameters<typeof real>) => {
    if (!acted && (args[0] as unknown) === words && args[1] === 1 && Number(args[2]) === 0) {
      acted = true;
      act();
    }
    return real(...args);
  }) as typeof real;
  try {
    run();
  } finally {
    Atomics.store = real;
  }
  expect(acted).toBe(true);
}

const desc = (io_or_offset: number, len = 0) => ({ io_or_offset, len });

test('a buffer that is provided while the driver lies down is taken in the same move', () => {
  const { driver, taken, rx } = setup(8);
  rx.free.enqueue(desc(4096));
  beforeRequest(
    driver.rx.free.at.words,
    () => rx.free.enqueue(desc(8192)),
    () => driver.move(),
  );
  expect(taken.provided).toEqual([4096, 8192]);
  expect(rx.free.requireSignal(), 'and then it wants a signal').toBe(true);
});

test('so is a frame to send', () => {
  const { driver, taken, tx } = setup(8);
  tx.active.enqueue(desc(4096, 60));
  beforeRequest(
    driver.tx.active.at.words,
    () => tx.active.enqueue(desc(8192, 60)),
    () => driver.move(),
  );
  expect(taken.sent).toEqual([4096, 8192]);
  expect(tx.active.requireSignal()).toBe(true);
});

test('with full rings no signal is wanted: the device will interrupt', () => {
  const { driver, taken, rx, tx } = setup(2);
  for (const n of [1, 2, 3]) {
    rx.free.enqueue(desc(4096 * n));
    tx.active.enqueue(desc(4096 * n, 60));
  }
  driver.move();
  expect(taken).toEqual({ provided: [4096, 8192], sent: [4096, 8192] });
  expect([rx.free.requireSignal(), tx.active.requireSignal()]).toEqual([false, false]);
  taken.provided.length = 0;
  taken.sent.length = 0;
  driver.move();
  expect(taken).toEqual({ provided: [12_288], sent: [12_288] });
});

test('a virtualiser whose queue is full gets back later what it is owed, and nothing else moves before', () => {
  const { driver, taken, rx, tx } = setup(8);
  for (let n = 0; n < 512; n++) driver.rx.active.enqueue(desc(n * 2048, 60));
  driver.lost([1, 2], []);
  rx.free.enqueue(desc(4096));
  tx.active.enqueue(desc(4096, 60));
  driver.move();
  expect(taken).toEqual({ provided: [], sent: [4096] });
  for (let n = 0; n < 3; n++) rx.active.dequeue();
  driver.move();
  expect(taken.provided).toEqual([4096]);
  const rest = Array.from({ length: 511 }, () => rx.active.dequeue()!);
  expect(rest.slice(-2)).toEqual([desc(1), desc(2)]);
});
