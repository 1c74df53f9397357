/** Frames that a hop loses because it was told to, under TCP: the real client's stack at one end, the lan's at the other. docs/faults.md. */
import { describe, expect, test } from 'vitest';
import { BOARDS } from '../../src/boards';
import type { Board } from '../../src/boards/board';
import { NET_CLIENT_MAC } from '../../src/boards/network';
import { vmfs } from '../../src/boards/vmfs';
import type { Environment, Program } from '../../src/libmicrokit/pd';
import { Random } from '../../src/libmicrokit/random';
import { Simulator } from '../../src/libmicrokit/simulator';
import { allocate, bootInfo, initOrder } from '../../src/microkit/layout';
import type { TcpSocket } from '../../src/net/tcp_socket';
import { CONTROL_BIT } from '../../src/protocol/boot';
import type { HopFault } from '../../src/protocol/faults';
import { readNetCounters } from '../../src/protocol/net_counters';
import { NetQueue, netReceiver, netSender } from '../../src/protocol/net_queue';
import { signal } from '../../src/protocol/notification';
import { Region } from '../../src/protocol/region';
import { WireReceiver, WireSender } from '../../src/protocol/wire';
import { GATEWAY, PORT } from '../../workers/lan/addresses';
import { Lan } from '../../workers/lan/lan';
import { NetPort } from '../../workers/micropython/net_port';

const PROGRAMS = import.meta.glob<Program>('../../workers/{eth,net}_*/pd.ts', { import: 'program' });
const MAC = Uint8Array.from(NET_CLIENT_MAC.split(':'), (byte) => Number.parseInt(byte, 16));
const HOPS = ['net_virt_rx', 'micropython_net_copier', 'net_virt_tx'];
const NOTHING = {
  ...{ frames: 0, no_client: 0, client_full: 0, client_broken: 0 },
  ...{ bad_length: 0, bad_buffer: 0, driver_broken: 0, injected: 0 },
};

/** In MicroPython's place: its network port, and a script of what to do whenever something has happened. */
class Client {
  port!: NetPort;
  script = () => {};

  readonly program: Program = (env) => {
    this.port = portOf(env);
    const due = () => this.port.dueNs;
    const step = () => this.step();
    env.kernel.attach({
      poll: step,
      get deadlineNs() {
        return due();
      },
    });
    return { init: () => this.port.init(false), notified: step };
  };

  step(): void {
    this.port.serve();
    this.script();
    this.port.serve();
  }
}

function portOf(env: Environment): NetPort {
  const end = (symbol: string) => ({ ch: env.channel(symbol), data: env.region(`${symbol}_data`) });
  const queues = (symbol: string) => [env.region(`${symbol}_free`), env.region(`${symbol}_active`)] as const;
  return new NetPort(
    env.kernel,
    MAC,
    { ...end('net_rx'), ...netReceiver(...queues('net_rx')) },
    { ...end('net_tx'), ...netSender(...queues('net_tx')) },
  );
}

async function boot(board: Board, seed: number) {
  const memory = allocate(vmfs(board, { disk: { store: 'memory', name: 'none' } }), 0);
  const simulator = new Simulator(seed);
  const client = new Client();
  for (const domain of initOrder(memory.description)) {
    const program = PROGRAMS[`../../workers/${domain.image}/pd.ts`];
    const info = bootInfo(memory, domain, 1);
    if (domain.name === 'micropython') await simulator.add(info, client.program);
    else if (program) await simulator.add(info, await program());
  }
  const control = new Int32Array(memory.control.get('ethernet_driver')!);
  const toCard = new WireSender(new Region('wire_rx', memory.wireRx), () => signal(control, CONTROL_BIT.DEVICE));
  const fromCard = new WireReceiver(new Region('wire_tx', memory.wireTx));
  const random = new Random(seed);
  const lan = new Lan(
    { course: 'http://course.example/' },
    {
      send: (frame) => void toCard.send(frame),
      fetch: () => Promise.reject(new Error('nothing is fetched')),
      random: () => random.next(),
      wallClock: () => 0,
      wake: () => {},
    },
  );
  simulator.start();
  /** Goes on until then, from one deadline to the next while nothing else happens. */
  const until = (done: () => boolean) => {
    for (let lanDueNs = simulator.nowNs; ; ) {
      simulator.settle();
      let frame = fromCard.receive();
      if (!frame) {
        if (done()) return;
        const next = Math.min(lanDueNs, client.port.dueNs);
        if (next === Number.POSITIVE_INFINITY) throw new Error('nothing will happen any more');
        simulator.advance(next);
        frame = fromCard.receive();
      }
      lan.begin(simulator.nowNs / 1e6);
      for (; frame; frame = fromCard.receive()) lan.input(frame);
      lanDueNs = simulator.nowNs + lan.turn() * 1e6;
    }
  };
  const region = (domain: string, symbol: string) => {
    const { maps } = memory.description.domains.find(({ name }) => name === domain)!;
    const { region: name } = maps.find((map) => map.symbol === symbol)!;
    return new Region(name, memory.regions.get(name)!);
  };
  return { simulator, client, until, region };
}

type System = Awaited<ReturnType<typeof boot>>;

/** Sends the bytes to the lan's echo service, and returns what comes back. */
function echoed({ client, until }: System, bytes: Uint8Array): Uint8Array {
  const socket = client.port.stack.tcp() as TcpSocket;
  socket.connect(GATEWAY, PORT.ECHO);
  const answer = new Uint8Array(bytes.length);
  let [sent, got] = [0, 0];
  client.script = () => {
    for (
      let n = socket.send(bytes.subarray(sent));
      typeof n === 'number' && n > 0;
      n = socket.send(bytes.subarray(sent))
    )
      sent += n;
    for (
      let n = socket.recv(answer.subarray(got));
      typeof n === 'number' && n > 0;
      n = socket.recv(answer.subarray(got))
    )
      got += n;
  };
  client.step();
  until(() => got === bytes.length || socket.connection!.state === 'CLOSED');
  client.script = () => {};
  socket.close();
  client.step();
  until(() => socket.connection!.isOver);
  return answer.subarray(0, got);
}

/** The offsets or addresses of the buffers in a ring, seen by nobody's end. */
function contents({ region }: System, domain: string, symbol: string): number[] {
  const { bytes, name } = region(domain, symbol);
  const copy = new Region(name, new SharedArrayBuffer(bytes.length));
  copy.bytes.set(bytes);
  const ring = new NetQueue(copy, 'consumer');
  return Array.from({ length: ring.length }, () => ring.dequeue()!.io_or_offset).sort((a, b) => a - b);
}

/** Where the buffers lie when nothing moves: those that are in no ring are the device's, which has equally many each time. */
function buffers(system: System) {
  const { simulator } = system;
  // A card that tells of sent frames in batches: the driver looks for them whenever it is woken.
  simulator.domains.get('net_virt_tx')!.notify(0);
  simulator.settle();
  return {
    device: contents(system, 'net_virt_rx', 'driver_free').length,
    held: [...new Uint32Array(system.region('net_virt_rx', 'buffer_metadata').buffer)].filter((refs) => refs > 0)
      .length,
    client: contents(system, 'micropython', 'net_rx_free'),
    transmit: contents(system, 'micropython', 'net_tx_free'),
  };
}

const ALL = Array.from({ length: 512 }, (_, i) => 2048 * i);

describe.each(BOARDS)('on $name', (board) => {
  test.each(HOPS)('%s loses every twentieth frame: counted there, TCP recovers, no buffer is lost', async (hop) => {
    const system = await boot(board, 1);
    const { simulator, client, until, region } = system;
    until(() => client.port.isUp);
    expect(echoed(system, Uint8Array.of(1, 2, 3))).toEqual(Uint8Array.of(1, 2, 3));
    const before = buffers(system);
    expect(before).toMatchObject({ held: 0, client: ALL, transmit: ALL });

    const fault: HopFault = { on: 'hop', what: 'lost', domain: hop, every: 20, times: Number.POSITIVE_INFINITY };
    const domains = HOPS.map((name) => simulator.domains.get(name)!);
    for (const { pd } of domains) pd.faults!.set([{ id: 7, fault }]);
    const bytes = Uint8Array.from({ length: 1 << 19 }, (_, i) => i * 7 + (i >> 9));
    expect(Buffer.compare(echoed(system, bytes), bytes)).toBe(0);
    const hits = domains.map(({ pd }) => pd.faults!.hits()[7] ?? 0);
    for (const { pd } of domains) pd.faults!.set([]);
    // The copier keeps the client's buffer that a lost frame did not need, for the next one.
    echoed(system, Uint8Array.of(1));

    const counters = HOPS.map((name) => readNetCounters(region(name, 'net_counters')));
    const here = HOPS.indexOf(hop);
    expect(hits[here]).toBeGreaterThan(15);
    expect(counters.map(({ injected }) => injected)).toEqual(HOPS.map((name) => (name === hop ? hits[here] : 0)));
    expect(counters).toEqual(counters.map(({ frames, injected }) => ({ ...NOTHING, frames, injected })));
    expect(counters[0]!.frames).toBe(counters[1]!.frames + counters[1]!.injected);
    expect(buffers(system)).toEqual(before);
    expect(simulator.debug).toBe('');
  });
});
