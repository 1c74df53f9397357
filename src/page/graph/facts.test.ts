import { describe, expect, test } from 'vitest';
import { boardNamed } from '../../boards';
import { qemuVirtAarch64 } from '../../boards/qemu_virt_aarch64';
import { vmfs } from '../../boards/vmfs';
import { allocate } from '../../microkit/layout';
import { CONTROL, GUEST_WORD, REBOOT_CHANNEL } from '../../protocol/boot';
import { Region } from '../../protocol/region';
import { TRACE, TraceWriter } from '../../protocol/trace';
import type { DomainActivity } from '../activity';
import { eventWords } from './events';
import { layoutOf } from './layout';
import { domainNamed, graphOf } from './model';
import { type Arrow, neighbour } from './neighbour';
import { channelFacts, eventFacts, logLines, regionFacts, wakeups } from './node_facts';
import { budgetWords, metaOf, roleOf, saidBetween, stateOf } from './words';

const description = vmfs(qemuVirtAarch64, { disk: { store: 'memory', name: 'test' } });
const graph = graphOf(description);
const domain = (name: string) => domainNamed(description, name);
const node = (id: string) => graph.nodes.find((found) => found.id === id)!;

describe('records in words', () => {
  const words = (name: string, kind: number, channel: number, a = 0, b = 0) =>
    eventWords(description, domain(name), { kind, channel, a, b, request: 7, time: 0, sequence: 0 });

  test.each([
    [words('blk_virt', TRACE.NOTIFIED, 1), 'was notified by fs_driver_vmm'],
    [words('blk_virt', TRACE.NOTIFY, 0), 'notified blk_driver'],
    [words('blk_driver', TRACE.NOTIFIED, 0), 'took interrupt 79'],
    [words('micropython', TRACE.NOTIFIED, REBOOT_CHANNEL), 'was told that the virtual machine is another one now'],
    [words('micropython', TRACE.PPC_CALL, 2, 1), 'called timer_driver, procedure 1'],
    [words('timer_driver', TRACE.PPC_SERVED, 1, 0), 'answered a call of micropython, procedure 0'],
    [words('micropython', TRACE.REQUEST, 5, 6), 'command 7: FILE_WRITE'],
    [words('linux_fs_vm', TRACE.RESPONSE, 4, 3), 'command 7 was answered: INVALID_PATH'],
    [words('fs_driver_vmm', TRACE.REQUEST, 3, 9, 1 + (5 << 16) + (1 << 26)), 'request 7: WRITE block 9'],
    [words('blk_virt', TRACE.REQUEST, 0, 265, 3), 'request 7: READ blocks 265 to 267'],
    [words('blk_driver', TRACE.REQUEST, 0, 0, 2 << 26), 'request 7: FLUSH'],
    [words('micropython', TRACE.STATEMENT, 0, 3), 'began statement 3'],
    [words('micropython', TRACE.STATEMENT_END, 0, 3), 'ended statement 3'],
    [words('linux_fs_vm', TRACE.CLUSTERS, 2, 212, 2), 'request 7: the contents are in clusters 212 to 213'],
    [
      words('linux_fs_vm', TRACE.DISK_READ, 2, 64, 2 + (16 << 7) + (3 << 14) + (0x24 << 21)),
      "request 7: reads the FAT and the file's contents, 18 pages from sector 64 on, 16 of them ahead",
    ],
    [words('linux_fs_vm', TRACE.DISK_FLUSH, 2), 'request 7: has its disk write down what it holds'],
    [words('fs_driver_vmm', TRACE.RESPONSE, 3, 3), 'request 7 was answered: ERR_IO'],
    [words('blk_virt', TRACE.NOTIFY, 26), 'notified a channel that it does not have'],
    [words('blk_virt', 99, 0), 'record of kind 99'],
  ])('%s', (said, expected) => expect(said).toBe(expected));
});

test('the newest events come first, and no more than are asked for', () => {
  const memory = allocate(description, 0);
  const writer = new TraceWriter(new Region('trace', memory.trace.get('blk_virt')!));
  for (let i = 0; i < 20; i++) writer.record(i, TRACE.NOTIFY, i % 2, 0, 0, 0);
  expect(eventFacts(memory, domain('blk_virt'), 3)).toEqual([
    { sequence: 19, time: 19, words: 'notified fs_driver_vmm' },
    { sequence: 18, time: 18, words: 'notified blk_driver' },
    { sequence: 17, time: 17, words: 'notified fs_driver_vmm' },
  ]);
});

test('regions with rights, size, address and who else has them', () => {
  const facts = regionFacts(description, domain('blk_virt'));
  expect(facts[0]).toEqual({
    name: 'blk_driver_storage_info',
    symbol: 'driver_storage_info',
    perms: 'r',
    size: 0x1000,
    paddr: undefined,
    others: ['blk_driver'],
  });
  expect(facts.at(-1)).toMatchObject({ perms: 'rw', size: 0x20_0000, others: ['fs_driver_vmm'] });
  expect(facts.at(-1)!.paddr).toBeGreaterThan(0);
});

test('channels with both ids, the interrupt among them, in order', () => {
  const shown = (name: string) =>
    channelFacts(description, domain(name)).map(({ id, peer, peerId, what }) => [id, peer, peerId, what]);
  expect(shown('blk_driver')).toEqual([
    [0, 'virtio-blk', 79, 'interrupt, edge'],
    [1, 'blk_virt', 0, 'notification'],
  ]);
  expect(shown('timer_driver')).toEqual([
    [0, 'arch timer', 30, 'interrupt, level'],
    [1, 'micropython', 2, 'protected call, is called'],
  ]);
  expect(shown('linux_fs_vm').slice(0, 2)).toEqual([
    [0, 'micropython', 5, 'virtual interrupt'],
    [1, 'fs_driver_vmm', 5, 'virtual machine'],
  ]);
});

test('wake-ups are those of the generation that runs', () => {
  const memory = allocate(description, 0);
  const { word, sets } = memory.guests.get('linux_fs_vm')!;
  new Int32Array(sets[0]!.control)[CONTROL.WAKEUPS] = 5;
  new Int32Array(sets[1]!.control)[CONTROL.WAKEUPS] = 2;
  expect(wakeups(memory, 'linux_fs_vm')).toBe(5);
  new Int32Array(word)[GUEST_WORD.GENERATION] = 1;
  expect(wakeups(memory, 'linux_fs_vm')).toBe(2);
});

test("a domain's lines on the terminal", () => {
  const text = [
    'fs_driver_vmm|INFO: starting',
    "MON|INFO: PD 'timer_driver' is now passive!",
    'UIO(FS): *** Starting up',
    '>>> print("UIO(FS): no")',
    'BLK_VIRT|ERROR: no',
  ].join('\n');
  expect(logLines(text, 'fs_driver_vmm', 9)).toEqual(['fs_driver_vmm|INFO: starting']);
  expect(logLines(text, 'timer_driver', 9)).toEqual(["MON|INFO: PD 'timer_driver' is now passive!"]);
  expect(logLines(text, 'linux_fs_vm', 9)).toEqual(['UIO(FS): *** Starting up']);
  expect(logLines(text, 'blk_virt', 9)).toHaveLength(1);
  expect(logLines(`${text}\n${text}`, 'blk_virt', 1)).toHaveLength(1);
});

test('states have a word and a shape', () => {
  const status = (state: DomainActivity['state'], fresh = 0): DomainActivity => {
    return { name: 'a', state, fresh, generation: 1, notifications: 0 };
  };
  expect(stateOf(undefined)).toEqual({ name: 'absent', shape: 'none', word: 'not up yet' });
  expect(stateOf(status('waiting')).name).toBe('waiting');
  expect(stateOf(status('waiting', 3))).toEqual({ name: 'running', shape: 'triangle', word: 'running' });
  expect(stateOf(status('passive', 3)).name).toBe('passive');
  expect(stateOf(status('restarting')).word).toBe('rebooting');
  expect(stateOf(status('waiting'), true).word).toBe('rebooting');
  expect(stateOf(status('faulted'), true)).toEqual({ name: 'faulted', shape: 'cross', word: 'faulted' });
  expect(stateOf(status('dead')).word).toBe('stopped');
});

test('a node for readers', () => {
  expect(saidBetween(node('blk_virt'))).toEqual(['virtualiser', 'priority']);
  expect(saidBetween(node('blk_driver.device'))).toEqual(['device of blk_driver', '']);
  expect(metaOf(node('linux_fs_vm'))).toBe('0');
  expect(budgetWords(node('ethernet_driver'))).toBe('100 of 400 \u00b5s');
  expect(budgetWords(node('blk_virt'))).toBe('none');
});

test('every domain of every board has a sentence of its own', () => {
  const roles = description.domains.map(({ name }) => roleOf(node(name)));
  expect(new Set(roles).size).toBe(description.domains.length);
  const generic = roleOf({ ...node('blk_virt'), domain: { ...domain('blk_virt'), name: 'other' } });
  expect(roles).not.toContain(generic);
});

describe('arrow keys', () => {
  const board = boardNamed('maaxboard')!;
  const maax = vmfs(board, { disk: { store: 'memory', name: 'test' } });
  const drawn = graphOf(maax);
  const layout = layoutOf(maax, drawn, 1);
  const walk = (from: string, ...arrows: Arrow[]) =>
    arrows.reduce<string | undefined>((at, arrow) => at && neighbour(drawn, layout, at, arrow), from);

  test('along a row and between rows', () => {
    expect(walk('blk_driver.device', 'ArrowRight', 'ArrowRight', 'ArrowRight')).toBe('fs_driver_vmm');
    expect(walk('fs_driver_vmm', 'ArrowDown', 'ArrowDown')).toBe('files');
    expect(walk('uart_driver', 'ArrowDown', 'ArrowDown', 'ArrowDown')).toBe('timer_driver');
    expect(walk('net_virt_tx', 'ArrowRight')).toBe('micropython');
    expect(walk('timer_driver', 'ArrowDown')).toBeUndefined();
    expect(walk('micropython', 'ArrowRight')).toBeUndefined();
  });

  test('every node can be reached from every other', () => {
    const arrows: readonly Arrow[] = ['ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight'];
    for (const start of layout.boxes.keys()) {
      const reached = new Set([start]);
      for (const at of reached) for (const arrow of arrows) reached.add(neighbour(drawn, layout, at, arrow) ?? at);
      expect(reached.size, `from ${start}`).toBe(layout.boxes.size);
    }
  });
});
