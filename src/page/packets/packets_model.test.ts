import { describe, expect, test, vi } from 'vitest';
import { qemuVirtAarch64 } from '../../boards/qemu_virt_aarch64';
import { vmfs } from '../../boards/vmfs';
import { allocate, type SystemMemory } from '../../microkit/layout';
import { CAPTURE_WORD, type CaptureDirection, CaptureTap } from '../../protocol/capture';
import { NetCounters } from '../../protocol/net_counters';
import { Region } from '../../protocol/region';
import { HOPS, type HopName } from './hops';
import { PacketsModel } from './packets_model';
import { DHCP_REQUEST, DNS_ANSWER, PING } from './testing/sample_frames';

const BOOT_MS = 1_700_000_000_000;
const description = vmfs(qemuVirtAarch64, { disk: { store: 'memory', name: 'test' } });

function regionOf(memory: SystemMemory, domain: string, symbol: string): Region {
  const map = memory.description.domains.find(({ name }) => name === domain)!.maps.find((m) => m.symbol === symbol)!;
  return new Region(map.region, memory.regions.get(map.region)!);
}

function setup(most?: number) {
  let memory: SystemMemory | undefined = allocate(description, BOOT_MS);
  let now = 0;
  const listeners = new Set<() => void>();
  const saved: [Blob, string][] = [];
  const host = {
    memory: () => memory,
    subscribe: (listener: () => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    nextFrame: () => Promise.resolve(),
    waitFor: vi.fn(async ({ words, index, value }) => void (await Atomics.waitAsync(words, index, value).value)),
    save: (file: Blob, name: string) => void saved.push([file, name]),
  };
  const taps = () =>
    new Map(HOPS.map(({ name }) => [name, new CaptureTap(regionOf(memory!, name, 'net_capture'), () => ++now)]));
  let current = taps();
  return {
    model: new PacketsModel(host, most),
    host,
    saved,
    get memory() {
      return memory!;
    },
    become(next: SystemMemory | undefined) {
      memory = next;
      if (next) current = taps();
      for (const listener of listeners) listener();
    },
    pass: (hop: HopName, direction: CaptureDirection, bytes: Uint8Array) => current.get(hop)!.passed(direction, bytes),
    states: () =>
      HOPS.map(({ name }) => Atomics.load(regionOf(memory!, name, 'net_capture').words, CAPTURE_WORD.STATE)),
  };
}

const shown = (model: PacketsModel, count: number) => vi.waitFor(() => expect(model.state.rows).toHaveLength(count));

test('off until somebody looks, asleep while nothing comes, off again when nobody does', async () => {
  const { model, states, host } = setup();
  expect(states()).toEqual([0, 0, 0, 0, 0]);
  model.capture('view', true);
  expect([states(), model.state.capturing, host.waitFor.mock.calls.length]).toEqual([[2, 2, 2, 2, 2], true, 5]);
  model.capture('script', true);
  model.capture('view', false);
  expect([states(), model.state.capturing]).toEqual([[2, 2, 2, 2, 2], false]);
  model.capture('script', false);
  expect(states()).toEqual([0, 0, 0, 0, 0]);
});

test('a frame at each hop is one row; the page sleeps again, with one waiter for each ring', async () => {
  const { model, pass, states, host } = setup();
  model.capture('view', true);
  for (const hop of ['ethernet_driver', 'net_virt_rx', 'micropython_net_copier', 'micropython'] as const)
    pass(hop, 'receive', DNS_ANSWER);
  await shown(model, 1);
  await vi.waitFor(() => expect(model.state.rows[0]!.seen.size).toBe(4));
  await vi.waitFor(() => expect(states()).toEqual([2, 2, 2, 2, 2]));
  expect(host.waitFor.mock.calls.length).toBeLessThanOrEqual(5 + 4);
  expect(model.state.rows[0]!.bytes).toEqual(DNS_ANSWER);
});

test('filter, choice and clearing', async () => {
  const { model, pass } = setup();
  model.capture('view', true);
  pass('ethernet_driver', 'receive', DNS_ANSWER);
  pass('ethernet_driver', 'send', PING);
  await shown(model, 2);
  model.filter('dns');
  expect([model.state.rows.length, model.state.total, model.state.problem]).toEqual([1, 2, undefined]);
  model.filter('port x');
  expect(model.state.problem).toMatch(/port 53/);
  model.choose(model.frames[0]);
  expect(model.state.chosen).toBe(model.frames[0]);
  model.clear();
  expect([model.state.total, model.state.chosen, model.frames.length]).toEqual([0, undefined, 0]);
});

test('a restart: the frames of the old system go, those of the new one come', async () => {
  const { model, pass, become, states } = setup();
  model.capture('view', true);
  pass('ethernet_driver', 'receive', DNS_ANSWER);
  await shown(model, 1);
  become(undefined);
  expect(model.state.rows).toHaveLength(1);
  become(allocate(description, BOOT_MS + 1000));
  expect([model.state.rows.length, states()]).toEqual([0, [2, 2, 2, 2, 2]]);
  pass('ethernet_driver', 'send', PING);
  await shown(model, 1);
});

test('what did not get through is said: at hops, on the way to the page, off the list', async () => {
  const { model, pass, memory } = setup(50);
  const counters = new NetCounters(regionOf(memory, 'net_virt_rx', 'net_counters'));
  counters.count('frames');
  for (let n = 0; n < 3; n++) counters.count('no_client');
  model.capture('view', true);
  const large = new Uint8Array(1500);
  for (let n = 0; n < 300; n++) {
    large[0] = n;
    large[1] = n >> 8;
    pass('ethernet_driver', 'receive', large);
  }
  await shown(model, 50);
  expect(model.state.losses).toEqual([
    '3 frames at net_virt_rx: for no client here.',
    '129 frames passed ethernet_driver too fast to be shown.',
    '121 frames no longer listed: the newest are kept.',
  ]);
  regionOf(memory, 'net_virt_rx', 'net_capture').words[CAPTURE_WORD.TAIL] = 72;
  pass('ethernet_driver', 'receive', PING);
  await vi.waitFor(() =>
    expect(model.state.losses).toContain('What net_virt_rx told of its frames made no sense, once.'),
  );
});

describe('as a file', () => {
  async function three() {
    const bench = setup();
    bench.model.capture('view', true);
    bench.pass('micropython', 'send', DHCP_REQUEST);
    bench.pass('net_virt_tx', 'send', DHCP_REQUEST);
    bench.pass('micropython', 'send', PING);
    await shown(bench.model, 2);
    await vi.waitFor(() => expect(bench.model.frames[0]!.seen.size).toBe(2));
    return bench;
  }
  /** Interface, microseconds and nanoseconds since 1970, length and frame of each packet; names of the interfaces. */
  function reread(parts: readonly Uint8Array[]) {
    const view = new DataView(Uint8Array.from(parts.flatMap((part) => [...part])).buffer);
    const names: string[] = [];
    const packets: [number, bigint, number][] = [];
    for (let at = 0; at < view.byteLength; at += view.getUint32(at + 4, true)) {
      const type = view.getUint32(at, true);
      expect(view.getUint32(at + view.getUint32(at + 4, true) - 4, true)).toBe(view.getUint32(at + 4, true));
      if (type === 1) names.push(Buffer.from(view.buffer, at + 20, view.getUint16(at + 18, true)).toString());
      if (type !== 6) continue;
      const time = (BigInt(view.getUint32(at + 12, true)) << 32n) | BigInt(view.getUint32(at + 16, true));
      packets.push([view.getUint32(at + 8, true), time, view.getUint32(at + 20, true)]);
    }
    return { names, packets };
  }
  const BOOT_NS = 1_700_000_000_000_000_000n;

  test('of one hop', async () => {
    const { model } = await three();
    expect(reread(model.file('net_virt_tx'))).toEqual({ names: ['net_virt_tx'], packets: [[0, BOOT_NS + 2n, 297]] });
  });

  test('of all, an interface each, in the order of time; given to the person', async () => {
    const { model, saved } = await three();
    expect(reread(model.file())).toEqual({
      names: HOPS.map(({ name }) => name),
      packets: [
        [4, BOOT_NS + 1n, 297],
        [2, BOOT_NS + 2n, 297],
        [4, BOOT_NS + 3n, 60],
      ],
    });
    model.download();
    model.download('micropython');
    expect(saved.map(([, name]) => name)).toEqual(['packets.pcapng', 'micropython.pcapng']);
  });
});
