/** One Ethernet driver in the simulator, with the test in the place of both virtualisers and at the far end of the wire. */
import { FakeWire } from '../../src/hw/testing/fake_wire';
import type { Wire } from '../../src/hw/wire';
import type { Program } from '../../src/libmicrokit/pd';
import type { SimKernel } from '../../src/libmicrokit/sim_kernel';
import { Simulator } from '../../src/libmicrokit/simulator';
import { type BootInfo, CONTROL_BIT, CONTROL_SIZE } from '../../src/protocol/boot';
import { NET_QUEUE_REGION_SIZE, type NetQueues, netReceiver, netSender } from '../../src/protocol/net_queue';
import { type Region, region } from '../../src/protocol/region';

export interface EthDriverSetup {
  /** The driver's own memory by symbol, which its device may reach. */
  readonly own: readonly { readonly symbol: string; readonly size: number }[];
  readonly trigger: 'edge' | 'level';
}

export const BUFFER = 2048;
export const BUFFERS = 512;
export const RX_DATA = 0x4000_0000;
export const TX_DATA = 0x4100_0000;

export interface EthDriverBench {
  readonly simulator: Simulator;
  readonly driver: SimKernel;
  readonly wire: FakeWire;
  readonly own: Readonly<Record<string, Region>>;
  readonly rxData: Region;
  readonly txData: Region;
  /** net_virt_rx's ends and net_virt_tx's. */
  readonly rx: NetQueues;
  readonly tx: NetQueues;
  readonly queueRegions: Readonly<Record<'rx_free' | 'rx_active' | 'tx_free' | 'tx_active', Region>>;
  /** How often the driver has signalled each virtualiser. */
  readonly signals: { rx: number; tx: number };
  /** Signals the driver if it wants to be, and lets everything run, timers of a millisecond included. */
  settle(): void;
  /** The same, whether it wants to or not. */
  ring(): void;
  /** Frames arrive at the card. */
  deliver(...frames: readonly Uint8Array[]): void;
  /** What the driver has passed up, taken out of the queue: address, and a copy of the frame. */
  received(): { readonly address: number; readonly frame: Uint8Array }[];
  provide(...addresses: readonly number[]): void;
  /** Puts a frame into a transmit buffer and the buffer into the queue. */
  send(buffer: number, frame: Uint8Array): void;
  /** Transmit buffers that came back, taken out of the queue. */
  returned(): number[];
}

export async function ethDriverBench(
  setup: EthDriverSetup,
  program: (wire: Wire) => Program,
  seed = 1,
): Promise<EthDriverBench> {
  const queue = (symbol: string) => region(symbol, NET_QUEUE_REGION_SIZE);
  const queueRegions = {
    rx_free: queue('rx_free'),
    rx_active: queue('rx_active'),
    tx_free: queue('tx_free'),
    tx_active: queue('tx_active'),
  };
  const own = Object.fromEntries(
    setup.own.map(({ symbol, size }, i) => [symbol, region(symbol, size, 0x5000_0000 + i * 0x100_0000)]),
  );
  const rxData = region('rx_data', BUFFERS * BUFFER, RX_DATA);
  const txData = region('tx_data', BUFFERS * BUFFER, TX_DATA);
  const wire = new FakeWire();
  const simulator = new Simulator(seed);
  const control = { driver: page(), rx: page(), tx: page() };
  const boot = (name: string, own: SharedArrayBuffer): BootInfo => ({
    name,
    image: name,
    generation: 1,
    control: own,
    gate: new SharedArrayBuffer(64),
    trace: new SharedArrayBuffer(64),
    debug: new SharedArrayBuffer(64),
    channels: [],
    irqs: [],
    regions: {},
    dma: [],
    config: undefined,
    bootTime: 0,
  });
  const driver = await simulator.add(
    {
      ...boot('ethernet_driver', control.driver),
      channels: [
        { id: 1, symbol: 'rx', peer: 'net_virt_rx', peerId: 0, peerControl: control.rx, notify: true },
        { id: 2, symbol: 'tx', peer: 'net_virt_tx', peerId: 0, peerControl: control.tx, notify: true },
      ],
      irqs: [{ id: 0, symbol: 'irq', intid: 78, trigger: setup.trigger }],
      regions: Object.fromEntries(
        [...Object.values(queueRegions), ...Object.values(own)].map((at) => [at.name, mapped(at)]),
      ),
      dma: [...Object.values(own), rxData, txData].map(({ name, buffer, paddr }) => ({ name, buffer, paddr: paddr! })),
    },
    program(wire),
  );
  const toDriver = (id: number) => [
    { id: 0, symbol: 'driver', peer: 'ethernet_driver', peerId: id, peerControl: control.driver, notify: true },
  ];
  const signals = { rx: 0, tx: 0 };
  const virtRx = await simulator.add({ ...boot('net_virt_rx', control.rx), channels: toDriver(1) }, () => ({
    notified: () => void signals.rx++,
  }));
  const virtTx = await simulator.add({ ...boot('net_virt_tx', control.tx), channels: toDriver(2) }, () => ({
    notified: () => void signals.tx++,
  }));
  const rx = netReceiver(queueRegions.rx_free, queueRegions.rx_active);
  const tx = netSender(queueRegions.tx_free, queueRegions.tx_active);
  rx.free.fill(RX_DATA);
  simulator.start();
  const run = () => simulator.advance(simulator.nowNs + 1e6);
  run();
  return {
    simulator,
    driver,
    wire,
    own,
    rxData,
    txData,
    rx,
    tx,
    queueRegions,
    signals,
    settle() {
      if (rx.free.requireSignal()) virtRx.notify(0);
      if (tx.active.requireSignal()) virtTx.notify(0);
      run();
    },
    ring() {
      virtRx.notify(0);
      virtTx.notify(0);
      run();
    },
    deliver(...frames) {
      wire.arriving.push(...frames);
      driver.raise(CONTROL_BIT.DEVICE);
      run();
    },
    received() {
      const all: { address: number; frame: Uint8Array }[] = [];
      const take = () =>
        rx.active.drain(({ io_or_offset: address, len }) => {
          const offset = address - RX_DATA;
          all.push({ address, frame: rxData.bytes.slice(offset, offset + len) });
        });
      while (take());
      return all;
    },
    provide(...addresses) {
      for (const io_or_offset of addresses) rx.free.enqueue({ io_or_offset, len: 0 });
    },
    send(buffer, frame) {
      txData.bytes.set(frame, buffer * BUFFER);
      tx.active.enqueue({ io_or_offset: TX_DATA + buffer * BUFFER, len: frame.length });
    },
    returned() {
      const all: number[] = [];
      const take = () => tx.free.drain(({ io_or_offset }) => void all.push(io_or_offset));
      while (take());
      return all;
    },
  };
}

const page = () => new SharedArrayBuffer(CONTROL_SIZE);

function mapped({ name, buffer, paddr }: Region) {
  return { name, buffer, writable: true, ...(paddr === undefined ? {} : { paddr }) };
}
