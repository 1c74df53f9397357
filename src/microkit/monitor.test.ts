/** What the monitor does when a domain is killed or hung, with workers that only write down what befalls them. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { BOARDS } from '../boards';
import { vmfs } from '../boards/vmfs';
import { CONTROL, CONTROL_BIT, GUEST_WORD, PD_STATE } from '../protocol/boot';
import { allocate, bootInfo } from './layout';
import { Monitor } from './monitor';
import type { Moment } from './running';

class FakeWorker extends EventTarget {
  readonly got: unknown[] = [];
  terminated = false;

  postMessage(message: unknown): void {
    this.got.push(message);
  }
  terminate(): void {
    this.terminated = true;
  }
}

let dying: (() => void)[];

beforeEach(() => {
  dying = [];
  // The lock of a life is had at its death.
  const request = (_: string, held: () => void) => new Promise<void>((dead) => dying.push(() => dead(held())));
  vi.stubGlobal('navigator', { locks: { request } });
});

afterEach(() => vi.unstubAllGlobals());

function system() {
  const memory = allocate(vmfs(BOARDS[0]!, { disk: { store: 'memory', name: '' } }), 0);
  const workers = new Map<string, FakeWorker[]>();
  const printed: string[] = [];
  const spawn = (_: string, name: string) => {
    const worker = new FakeWorker();
    workers.set(name, [...(workers.get(name) ?? []), worker]);
    return worker as unknown as Worker;
  };
  const clock = { nowMs: () => printed.length, pause: async () => {} };
  const monitor = new Monitor(memory, (text) => printed.push(text), spawn, clock);
  const moments: string[] = [];
  monitor.addEventListener('moment', (event) => {
    const { what, domain, generation } = (event as CustomEvent<Moment>).detail;
    moments.push(`${what} ${domain} ${generation}`);
  });
  for (const domain of memory.description.domains) monitor.start(domain, bootInfo(memory, domain, 1));
  const report = (name: string, data: object) =>
    workers.get(name)!.at(-1)!.dispatchEvent(new MessageEvent('message', { data }));
  for (const { name } of memory.description.domains) report(name, { report: 'up' });
  moments.splice(0);
  const words = (name: string) => new Int32Array(memory.control.get(name)!);
  const state = (name: string) => monitor.list().find((domain) => domain.name === name)!.state;
  return { memory, workers, printed, monitor, moments, report, words, state };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test('a PD that is killed is told to die, terminated, and dead at its death, not before; its neighbours are woken then', async () => {
  const { monitor, workers, words, state, printed, moments } = system();
  const notified = vi.spyOn(Atomics, 'notify');
  const killed = monitor.kill('blk_virt');
  let over = false;
  void killed.then(() => {
    over = true;
  });
  await settled();
  expect(Atomics.load(words('blk_virt'), CONTROL.BITS) & CONTROL_BIT.DIE).not.toBe(0);
  expect(workers.get('blk_virt')!.map(({ terminated }) => terminated)).toEqual([true]);
  expect([over, state('blk_virt')]).toEqual([false, 'killed']);
  notified.mockClear();
  for (const die of dying) die();
  await killed;
  const woken = notified.mock.calls.map(([of]) => of.buffer);
  for (const peer of ['blk_driver', 'fs_driver_vmm']) expect(woken.includes(words(peer).buffer), peer).toBe(true);
  notified.mockRestore();
  expect(Atomics.load(words('blk_virt'), CONTROL.STATE)).toBe(PD_STATE.DEAD);
  expect(moments).toEqual(['killed blk_virt 1']);
  expect(printed.join('')).toContain("PD 'blk_virt' was killed; nothing restarts it");
});

test('what is dead for good cannot be asked, killed again or restarted; everything else can', async () => {
  const { monitor, state } = system();
  const killed = monitor.kill('net_virt_tx');
  await expect(monitor.kill('net_virt_tx')).rejects.toThrow("'net_virt_tx' was killed, and nothing restarts it");
  expect(() => monitor.control('net_virt_tx')).toThrow('Start the system again.');
  await expect(monitor.restart('net_virt_tx')).rejects.toThrow('cannot be restarted alone');
  await expect(monitor.kill('nobody')).rejects.toThrow("There is no protection domain 'nobody'.");
  for (const die of dying) die();
  await killed;
  expect(() => monitor.control('blk_driver')).not.toThrow();
  expect(state('blk_driver')).not.toBe('killed');
});

test('a guest comes back: ended, built when its monitor PD says so, up', async () => {
  const { monitor, memory, workers, moments, report } = system();
  const killed = monitor.kill('linux_fs_vm');
  await settled();
  expect(moments).toEqual(['ended linux_fs_vm 1']);
  const word = new Int32Array(memory.guests.get('linux_fs_vm')!.word);
  Atomics.store(word, GUEST_WORD.BUILT, 1);
  Atomics.notify(word, GUEST_WORD.BUILT);
  await vi.waitFor(() => expect(workers.get('linux_fs_vm')).toHaveLength(2));
  report('linux_fs_vm', { report: 'up' });
  await killed;
  expect(moments).toEqual(['ended linux_fs_vm 1', 'built linux_fs_vm 2', 'up linux_fs_vm 2']);
});

test('without its monitor PD a guest cannot be built: it is dead for good, whether it is killed or fails', async () => {
  for (const end of ['kill', 'fault'] as const) {
    const { monitor, report, state, moments } = system();
    void monitor.kill('fs_driver_vmm');
    expect(monitor.comesBack('linux_fs_vm')).toBe(false);
    if (end === 'kill') void monitor.kill('linux_fs_vm');
    else report('linux_fs_vm', { report: 'fault', message: 'it broke' });
    await settled();
    expect(state('linux_fs_vm')).toBe(end === 'kill' ? 'killed' : 'faulted');
    expect(moments.filter((moment) => moment.startsWith('ended'))).toEqual([]);
  }
});

test('a domain in an endless loop is shown as hung until it is ended', () => {
  const { monitor, state, moments } = system();
  monitor.hang('blk_virt');
  expect([state('blk_virt'), moments]).toEqual(['hung', ['hung blk_virt 1']]);
  void monitor.kill('blk_virt');
  expect(state('blk_virt')).toBe('killed');
});

test('the system is up without those that were killed on the way', async () => {
  const { monitor, memory, report } = system();
  for (const domain of memory.description.domains) monitor.start(domain, bootInfo(memory, domain, 1));
  const up = monitor.whenUp();
  void monitor.kill('blk_virt');
  for (const { name } of memory.description.domains) if (name !== 'blk_virt') report(name, { report: 'up' });
  await expect(up).resolves.toBeUndefined();
});
