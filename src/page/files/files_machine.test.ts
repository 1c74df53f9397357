import { expect, test } from 'vitest';
import { qemuVirtAarch64 } from '../../boards/qemu_virt_aarch64';
import { vmfs } from '../../boards/vmfs';
import { allocate, mappedNow, type SystemMemory } from '../../microkit/layout';
import { FS_CHANGES_WORD } from '../../protocol/fs_changes';
import { FilesLink } from './files_machine';

const description = vmfs(qemuVirtAarch64, { disk: { store: 'memory', name: 'test' } });

function system() {
  const listeners = new Set<() => void>();
  let memory: SystemMemory | undefined = allocate(description, 0);
  return {
    get memory() {
      return memory!;
    },
    /** The guest's next generation, or another system. */
    become(next: SystemMemory | undefined) {
      memory = next;
      for (const listener of listeners) listener();
    },
    link: new FilesLink({
      control: () => {
        throw new Error('not asked');
      },
      memory: () => memory,
      subscribe: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    }),
  };
}

function change(memory: SystemMemory): number {
  const words = new Int32Array(mappedNow(memory, 'files', 'fs_completion'));
  Atomics.add(words, FS_CHANGES_WORD, 1);
  return Atomics.notify(words, FS_CHANGES_WORD);
}

function reboot({ guests }: SystemMemory): void {
  Atomics.add(new Int32Array(guests.get('linux_fs_vm')!.word), 0, 1);
}

const told = (link: FilesLink) =>
  new Promise<() => void>((resolve) => {
    const end = link.watch(() => resolve(end));
  });

test('a change by another client is told, once for each waiter', async () => {
  const { link, memory } = system();
  const first = told(link);
  expect(change(memory)).toBe(1);
  (await first)();
  expect(change(memory)).toBe(0);
});

test('after a reboot of the VM the word of its new memory is watched, and the disk may be another', async () => {
  const { link, memory, become } = system();
  const rebooted = told(link);
  reboot(memory);
  become(memory);
  (await rebooted)();
  const changed = told(link);
  expect(change(memory)).toBe(1);
  (await changed)();
});

test('news of the machine that change nothing here leave one waiter', async () => {
  const { link, memory, become } = system();
  const changed = told(link);
  for (let i = 0; i < 10; i++) become(memory);
  expect(change(memory)).toBe(1);
  (await changed)();
});

test('a system that is down is not watched; the next one is, and is told of', async () => {
  const { link, memory, become } = system();
  const another = told(link);
  become(undefined);
  expect(change(memory)).toBe(0);
  const next = allocate(description, 0);
  become(next);
  (await another)();
  const changed = told(link);
  expect(change(next)).toBe(1);
  (await changed)();
});
