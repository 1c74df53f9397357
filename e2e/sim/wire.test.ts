/** Both Ethernet drivers as their workers have them, with the other end of the wire in the test's hand. */
import { describe, expect, test } from 'vitest';
import { frameOf } from '../../src/hw/testing/fake_wire';
import { CONTROL_BIT } from '../../src/protocol/boot';
import { signal } from '../../src/protocol/notification';
import { WIRE_SIZE, WireReceiver, WireSender } from '../../src/protocol/wire';
import { program as imx } from '../../workers/eth_driver_imx/pd';
import { program as virtio } from '../../workers/eth_driver_virtio/pd';
import { BUFFERS, ethDriverBench } from './eth_driver_bench';

const WIRE_AND_REGISTERS = [
  { symbol: 'regs', size: 0x1_0000 },
  { symbol: 'wire_tx', size: WIRE_SIZE },
  { symbol: 'wire_rx', size: WIRE_SIZE },
];

describe.each([
  { name: 'eth_driver_virtio', program: virtio, trigger: 'edge', rings: ['hw_ring_buffer'] },
  { name: 'eth_driver_imx', program: imx, trigger: 'level', rings: ['device_rx_ring', 'device_tx_ring'] },
] as const)('$name on the wire', ({ program, trigger, rings }) => {
  async function plugged() {
    const own = [...rings.map((symbol) => ({ symbol, size: 0x1_0000 })), ...WIRE_AND_REGISTERS];
    const bench = await ethDriverBench({ own, trigger }, () => program);
    let pokes = 0;
    const poke = () => {
      pokes++;
      signal(bench.driver.words, CONTROL_BIT.DEVICE);
    };
    const lan = new WireSender(bench.own.wire_rx!, poke);
    const fromCard = new WireReceiver(bench.own.wire_tx!);
    const heard = () => {
      const frames: Uint8Array[] = [];
      for (let frame = fromCard.receive(); frame; frame = fromCard.receive()) frames.push(frame);
      return frames;
    };
    return { ...bench, lan, heard, pokes: () => pokes };
  }

  test('a burst in wakes the driver once, and arrives whole', async () => {
    const { lan, settle, received, pokes } = await plugged();
    const frames = Array.from({ length: BUFFERS - 1 }, (_, n) => frameOf(n, 60));
    const poked = pokes();
    for (const frame of frames) lan.send(frame);
    expect(pokes() - poked).toBe(1);
    settle();
    expect(received().map(({ frame }) => frame)).toEqual(frames);
    lan.send(frameOf(1, 60));
    expect(pokes() - poked, 'it had gone to sleep').toBe(2);
    settle();
    expect(received()).toHaveLength(1);
  });

  test('frames out are there when the other end looks, which is woken if it sleeps', async () => {
    const { own, send, settle, heard } = await plugged();
    const wakes = () => own.wire_tx!.words[3];
    expect(heard()).toEqual([]);
    const before = wakes()!;
    for (const n of [0, 1, 2]) send(n, frameOf(n, 100));
    settle();
    expect(wakes()).toBe(before + 1);
    expect(heard()).toEqual([0, 1, 2].map((n) => frameOf(n, 100)));
  });

  test('a full ring loses what does not fit, counted; the buffers come back all the same', async () => {
    const { own, lan, send, settle, returned, heard } = await plugged();
    for (let n = 0; n < 400; n++) send(n, frameOf(n, 1514));
    settle();
    expect([returned().length, heard().length]).toEqual([400, 344]);
    expect(new WireReceiver(own.wire_tx!).counters).toEqual({ frames: 344, bytes: 344 * 1514, drops: 56 });
    expect(lan.counters.drops).toBe(0);
  });

  test('an end that breaks the ring is named once in the log, and what it sends afterwards arrives', async () => {
    const { own, simulator, driver, settle, received } = await plugged();
    for (let n = 0; n < 3; n++) {
      own.wire_rx!.words[1]! += 7;
      signal(driver.words, CONTROL_BIT.DEVICE);
      settle();
    }
    expect(simulator.debug).toMatch(/^ETH[A-Z ]*\|ERROR: wire_rx is broken: tail \d+ behind head \d+\n$/);
    own.wire_rx!.words[1] = own.wire_rx!.words[0]!;
    new WireSender(own.wire_rx!, () => signal(driver.words, CONTROL_BIT.DEVICE)).send(frameOf(1, 60));
    signal(driver.words, CONTROL_BIT.DEVICE);
    settle();
    expect(received().map(({ frame }) => frame)).toEqual([frameOf(1, 60)]);
  });

  test('faults of the wire: a frame is lost, one comes late, one differs in a bit', async () => {
    const { driver, simulator, lan, send, settle, received, heard } = await plugged();
    const { faults } = driver.pd;
    faults!.set([
      { id: 1, fault: { on: 'wire', what: 'lost', direction: 'receive', at: 2 } },
      { id: 2, fault: { on: 'wire', what: 'delayed', direction: 'receive', ms: 20 } },
      { id: 3, fault: { on: 'wire', what: 'corrupted', direction: 'send' } },
    ]);
    for (const n of [0, 1, 2]) lan.send(frameOf(n, 60));
    settle();
    expect(received().map(({ frame }) => frame)).toEqual([frameOf(2, 60)]);
    simulator.advance(simulator.nowNs + 20e6);
    expect(received().map(({ frame }) => frame)).toEqual([frameOf(0, 60)]);
    send(0, frameOf(7, 60));
    settle();
    const wrong = heard()[0]!
      .map((byte, i) => byte ^ frameOf(7, 60)[i]!)
      .filter((byte) => byte !== 0);
    expect([wrong.length, Math.log2(wrong[0]!) % 1]).toEqual([1, 0]);
    expect(faults!.hits()).toEqual({ 1: 1, 2: 1, 3: 1 });
  });
});
