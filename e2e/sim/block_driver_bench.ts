/** One block driver in the simulator, with the test in the virtualiser's place. */
import type { Program } from '../../src/libmicrokit/pd';
import { Simulator } from '../../src/libmicrokit/simulator';
import { type BlkReqRing, type BlkRespRing, blkClient } from '../../src/protocol/blk_queue';
import { type BootInfo, type ChannelBoot, CONTROL_SIZE, PPC_PAGE, type RegionBoot } from '../../src/protocol/boot';
import { type Region, region } from '../../src/protocol/region';

const BLOCK = 4096;

export interface DriverSetup {
  /** The driver's own memory by symbol, which its device may reach. */
  readonly own: readonly { readonly symbol: string; readonly size: number }[];
  readonly trigger: 'edge' | 'level';
}

export interface Ask {
  readonly code: number;
  readonly block?: number | bigint;
  readonly count?: number;
  /** Block of the data region; or `paddr`, any physical address. */
  readonly at?: number;
  readonly paddr?: number | bigint;
  readonly id?: number;
}

export interface Answer {
  readonly status: number;
  readonly success_count: number;
  readonly id: number;
}

export interface BlockDriverBench {
  readonly simulator: Simulator;
  readonly own: Readonly<Record<string, Region>>;
  readonly info: Region;
  readonly data: Region;
  readonly requestRegion: Region;
  readonly req: BlkReqRing;
  readonly resp: BlkRespRing;
  /** Puts requests into the ring without ringing. */
  put(...asks: readonly Ask[]): void;
  /** Rings the driver and lets everything run. */
  ring(): void;
  /** Answers waiting in the ring. */
  answers(): Answer[];
  ask(asks: readonly Ask[]): Answer[];
}

export async function blockDriverBench(setup: DriverSetup, program: Program, seed: number): Promise<BlockDriverBench> {
  const regions = {
    storage_info: region('storage_info', 0x1000),
    request: region('request', 0x20_0000),
    response: region('response', 0x20_0000),
  };
  const own: Record<string, Region> = {};
  for (const [i, { symbol, size }] of setup.own.entries())
    own[symbol] = region(symbol, size, 0x5000_0000 + i * 0x100_0000);
  const data = region('data', 0x20_0000, 0x4000_0000);
  const page = () => new SharedArrayBuffer(CONTROL_SIZE);
  const control = { driver: page(), virt: page(), timer: page() };
  const timerPage = new SharedArrayBuffer(PPC_PAGE.SIZE);
  const boot = (name: 'driver' | 'virt', id: number, symbol: string, peer: 'driver' | 'virt', peerId: number) => ({
    name,
    image: name,
    generation: 1,
    control: control[name],
    gate: new SharedArrayBuffer(64),
    trace: new SharedArrayBuffer(64),
    debug: new SharedArrayBuffer(64),
    channels: [
      { id, symbol, peer, peerId, peerControl: control[peer], notify: true },
      ...(name === 'driver' ? [timerEnd(control.timer, timerPage, 'caller')] : []),
    ],
    irqs: name === 'driver' ? [{ id: 0, symbol: 'irq', intid: 79, trigger: setup.trigger }] : [],
    regions: Object.fromEntries(Object.entries({ ...regions, ...own }).map(([symbol, at]) => [symbol, mapped(at)])),
    dma: [...Object.values(own), data].map(({ name, buffer, paddr }) => ({ name, buffer, paddr: paddr! })),
    config: undefined,
    bootTime: 0,
  });
  const simulator = new Simulator(seed);
  // A driver may ask the time.
  await simulator.add({ ...boot('virt', 5, 'driver', 'driver', 5), name: 'timer', control: control.timer }, (env) => ({
    notified() {},
    protected: () => ({ label: 0, words: [env.kernel.now()] }),
  }));
  await simulator.add(boot('driver', 1, 'virt', 'virt', 0) satisfies BootInfo, program);
  const virt = await simulator.add(boot('virt', 0, 'driver', 'driver', 1), () => ({ notified() {} }));
  simulator.start();
  simulator.settle();
  const { req, resp } = blkClient(regions.request, regions.response);
  const put = (...asks: readonly Ask[]) => {
    for (const [i, ask] of asks.entries()) putRaw(req, regions.request, data, i, ask);
    req.publish(asks.length);
  };
  const ring = () => {
    virt.notify(0);
    simulator.settle();
  };
  const answers = () => {
    const all: Answer[] = [];
    for (let answer = resp.dequeue(); answer; answer = resp.dequeue()) all.push(answer);
    return all;
  };
  const ask = (asks: readonly Ask[]) => {
    put(...asks);
    ring();
    return answers();
  };
  return {
    simulator,
    own,
    info: regions.storage_info,
    data,
    requestRegion: regions.request,
    req,
    resp,
    put,
    ring,
    answers,
    ask,
  };
}

function timerEnd(peerControl: SharedArrayBuffer, page: SharedArrayBuffer, role: 'caller'): ChannelBoot {
  return { id: 5, symbol: 'timer', peer: 'timer', peerId: 5, peerControl, notify: false, ppc: { page, role } };
}

function mapped({ name, buffer, paddr }: Region): RegionBoot {
  return { name, buffer, writable: true, ...(paddr === undefined ? {} : { paddr }) };
}

/** By hand, at the C compiler's offsets, so that any u64 can be written. */
function putRaw(req: BlkReqRing, { view }: Region, data: Region, i: number, ask: Ask): void {
  const at = req.slotOffset(i);
  view.setUint32(at, ask.code, true);
  view.setBigUint64(at + 8, BigInt(ask.paddr ?? data.paddr! + (ask.at ?? 0) * BLOCK), true);
  view.setBigUint64(at + 16, BigInt(ask.block ?? 0), true);
  view.setUint16(at + 24, ask.count ?? 0, true);
  view.setUint32(at + 28, ask.id ?? i, true);
}
