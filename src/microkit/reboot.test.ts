import { expect, test } from 'vitest';
import { qemuVirtAarch64 } from '../boards/qemu_virt_aarch64';
import { vmfs } from '../boards/vmfs';
import { allocate, bootInfo } from './layout';
import { announce, built, emptyQueues, inherit } from './reboot';

function system() {
  const description = vmfs(qemuVirtAarch64, { disk: { store: 'memory', name: 'test' } });
  return { memory: allocate(description, 0), guest: description.domains.find(({ kind }) => kind === 'guest')! };
}

test('four generations live in memory of their own, the fifth in that of the first', () => {
  const { memory, guest } = system();
  const boots = [1, 2, 3, 4, 5].map((generation) => bootInfo(memory, guest, generation));
  const ram = boots.map(({ regions }) => regions.guest_ram!.buffer);
  expect(new Set(ram).size).toBe(4);
  expect(ram[4]).toBe(ram[0]);
  expect(new Set(boots.slice(0, 4).map(({ control }) => control)).size).toBe(4);
});

test('memory that is lent again has empty queues, no pending interrupt and no call under way', () => {
  const { memory, guest } = system();
  const boot = bootInfo(memory, guest, 2);
  const fault = boot.channels.find(({ ppc }) => ppc)!.ppc!.page;
  const dirty = [
    boot.control,
    fault,
    ...['vmfs_command', 'vmfs_completion', 'virq_status', 'guest_ram'].map((s) => boot.regions[s]!.buffer),
  ];
  for (const buffer of dirty) new Uint8Array(buffer, 0, 64).fill(9);
  emptyQueues(boot);
  expect(dirty.map((buffer) => new Uint8Array(buffer)[8])).toEqual([0, 0, 0, 0, 0, 9]);
});

test('the monitor PD and the client hear of a new generation, and nobody else', () => {
  const { memory, guest } = system();
  const told: string[] = [];
  announce(memory, guest.name, 3, (domain, bits) => told.push(`${domain} ${bits}`));
  expect(told.sort()).toEqual([`files ${2 ** 27}`, `fs_driver_vmm ${2 ** 27}`, `micropython ${2 ** 27}`]);
  expect(new Int32Array(memory.guests.get(guest.name)!.word)[0]).toBe(2);
});

test('a generation may run only when its machine is built', async () => {
  const { memory, guest } = system();
  const word = new Int32Array(memory.guests.get(guest.name)!.word);
  let ready = false;
  const waiting = built(memory, guest.name, 2).then(() => (ready = true));
  await Promise.resolve();
  expect(ready).toBe(false);
  Atomics.store(word, 2, 1);
  Atomics.notify(word, 2);
  await waiting;
});

test('a client inherits its queues as they are, and no call that its predecessor made', async () => {
  const { memory } = system();
  const client = memory.description.domains.find(({ kind }) => kind === 'client')!;
  const boot = bootInfo(memory, client, 2);
  const call = new Int32Array(boot.channels.find(({ ppc }) => ppc)!.ppc!.page);
  const queue = new Int32Array(boot.regions.serial_tx_queue!.buffer);
  const control = new Int32Array(boot.control);
  [call[0], queue[0], control[0]] = [1, 77, 5];
  const done = inherit(boot);
  await Promise.resolve();
  // The callee answers: until then the registers are its own.
  expect(call[0]).toBe(1);
  Atomics.store(call, 0, 2);
  Atomics.notify(call, 0);
  await done;
  expect([call[0], queue[0], control[0]]).toEqual([0, 77, 0]);
});
