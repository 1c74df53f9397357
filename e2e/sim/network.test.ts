/** The network system of each board as it is described, from the wire to the client and back, with scripts of the test's at both ends. */
import { describe, expect, test } from 'vitest';
import { BOARDS } from '../../src/boards';
import { NET_CLIENT_MAC } from '../../src/boards/network';
import { vmfs } from '../../src/boards/vmfs';
import { frameOf } from '../../src/hw/testing/fake_wire';
import type { Environment, Program } from '../../src/libmicrokit/pd';
import { Random } from '../../src/libmicrokit/random';
import { Simulator } from '../../src/libmicrokit/simulator';
import { allocate, bootInfo, initOrder } from '../../src/microkit/layout';
import { CONTROL_BIT } from '../../src/protocol/boot';
import { CaptureReader } from '../../src/protocol/capture_reader';
import { type NetQueues, netReceiver, netSender } from '../../src/protocol/net_queue';
import { signal } from '../../src/protocol/notification';
import { Region } from '../../src/protocol/region';
import { WireReceiver, WireSender } from '../../src/protocol/wire';

const PROGRAMS = import.meta.glob<Program>('../../workers/{eth,net}_*/pd.ts', { import: 'program' });
const ADDRESS = Uint8Array.from(NET_CLIENT_MAC.split(':'), (byte) => Number.parseInt(byte, 16));
const BUFFER = 2048;

/** In MicroPython's place: keeps what it receives, and sends what it is told as it has buffers. */
class Client {
  readonly got: Uint8Array[] = [];
  readonly unsent: Uint8Array[] = [];
  free: number[] = Array.from({ length: 512 }, (_, i) => i * BUFFER);
  #env!: Environment;
  #rx!: NetQueues;
  #tx!: NetQueues;

  readonly program: Program = (env) => {
    this.#env = env;
    this.#rx = netReceiver(env.region('net_rx_free'), env.region('net_rx_active'));
    this.#tx = netSender(env.region('net_tx_free'), env.region('net_tx_active'));
    return { notified: () => this.step() };
  };

  step(): void {
    const { region, kernel, channel } = this.#env;
    const take = () =>
      this.#rx.active.drain(({ io_or_offset, len }) => {
        this.got.push(region('net_rx_data').bytes.slice(io_or_offset, io_or_offset + len));
        this.#rx.free.enqueue({ io_or_offset, len: 0 });
      });
    while (take());
    while (this.#tx.free.drain(({ io_or_offset }) => void this.free.push(io_or_offset)));
    while (this.unsent.length > 0 && this.free.length > 0) {
      const frame = this.unsent.shift()!;
      const io_or_offset = this.free.shift()!;
      region('net_tx_data').bytes.set(frame, io_or_offset);
      this.#tx.active.enqueue({ io_or_offset, len: frame.length });
    }
    if (this.#rx.free.requireSignal()) kernel.notify(channel('net_rx'));
    if (this.#tx.active.requireSignal()) kernel.notify(channel('net_tx'));
  }
}

describe.each(BOARDS)('the network of $name', (board) => {
  async function boot(seed: number) {
    const memory = allocate(vmfs(board, { disk: { store: 'memory', name: 'none' } }), 0);
    const simulator = new Simulator(seed);
    const client = new Client();
    for (const domain of initOrder(memory.description)) {
      const program = PROGRAMS[`../../workers/${domain.image}/pd.ts`];
      const info = bootInfo(memory, domain, 1);
      if (domain.name === 'micropython') await simulator.add(info, client.program);
      else if (program) await simulator.add(info, await program());
    }
    simulator.start();
    const control = new Int32Array(memory.control.get('ethernet_driver')!);
    const lan = new WireSender(new Region('wire_rx', memory.wireRx), () => signal(control, CONTROL_BIT.DEVICE));
    const fromCard = new WireReceiver(new Region('wire_tx', memory.wireTx));
    const heard: Uint8Array[] = [];
    const settle = () => {
      simulator.advance(simulator.nowNs + 1e6);
      for (let frame = fromCard.receive(); frame; frame = fromCard.receive()) heard.push(frame);
    };
    settle();
    /** What a hop shows from now on. */
    const look = (hop: string) => {
      const { maps } = memory.description.domains.find(({ name }) => name === hop)!;
      const { region } = maps.find(({ symbol }) => symbol === 'net_capture')!;
      return new CaptureReader(new Region(region, memory.regions.get(region)!));
    };
    return { simulator, client, lan, heard, settle, look };
  }

  const forClient = (n: number, length: number) => {
    const frame = frameOf(n, length);
    frame.set(ADDRESS);
    return frame;
  };

  test('all hops come up without a word', async () => {
    expect((await boot(1)).simulator.debug).toBe('');
  });

  test('a frame for the client or for everybody reaches it; others do not', async () => {
    const { client, lan, settle } = await boot(1);
    const everybody = frameOf(2, 80).fill(255, 0, 6);
    for (const frame of [forClient(1, 70), everybody, frameOf(3, 90), forClient(4, 1514)]) lan.send(frame);
    settle();
    expect(client.got).toEqual([forClient(1, 70), everybody, forClient(4, 1514)]);
  });

  test('each hop shows the frames that pass it, as they are, while somebody looks', async () => {
    const { client, lan, settle, look } = await boot(1);
    const hops = ['ethernet_driver', 'net_virt_rx', 'micropython_net_copier', 'net_virt_tx'];
    const readers = hops.map(look);
    const [arriving, forNobody] = [forClient(1, 70), frameOf(3, 90)];
    const leaving = [frameOf(5, 1514), frameOf(6, 60)];
    const pass = () => {
      for (const frame of [arriving, forNobody]) lan.send(frame);
      client.unsent.push(...leaving);
      client.step();
      settle();
    };
    pass();
    const shown = readers.map((reader) => reader.read().map(({ direction, bytes }) => ({ direction, bytes })));
    const down = { direction: 'receive', bytes: arriving };
    const up = leaving.map((bytes) => ({ direction: 'send', bytes }));
    expect(shown[0]).toHaveLength(4);
    expect(shown[0]).toEqual(expect.arrayContaining([down, { ...down, bytes: forNobody }, ...up]));
    expect(shown.slice(1)).toEqual([[down], [down], up]);
    for (const reader of readers) reader.stop();
    pass();
    expect(readers.flatMap((reader) => reader.read())).toEqual([]);
  });

  test.each([1, 2, 3])(
    'thousands of frames each way in any order of events: all arrive, in order (seed %d)',
    async (seed) => {
      const { client, lan, heard, settle } = await boot(seed);
      const random = new Random(seed);
      const [down, up]: [Uint8Array[], Uint8Array[]] = [[], []];
      for (let round = 0; round < 60; round++) {
        const arriving = Array.from({ length: random.below(40) }, () =>
          forClient(random.next(), 60 + random.below(1400)),
        );
        for (const frame of arriving) lan.send(frame);
        down.push(...arriving);
        const frames = Array.from({ length: random.below(40) }, () => frameOf(random.next(), 60 + random.below(1400)));
        up.push(...frames);
        client.unsent.push(...frames);
        client.step();
        settle();
      }
      expect([heard.length, client.got.length]).toEqual([up.length, down.length]);
      expect(Buffer.compare(Buffer.concat(heard), Buffer.concat(up))).toBe(0);
      expect(Buffer.compare(Buffer.concat(client.got), Buffer.concat(down))).toBe(0);
      expect(client.free.length, 'every transmit buffer is back').toBe(512);
    },
  );
});
