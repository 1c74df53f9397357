import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { qemuVirtAarch64 } from '../../boards/qemu_virt_aarch64';
import { vmfs } from '../../boards/vmfs';
import { allocate } from '../../microkit/layout';
import { GUEST_WORD } from '../../protocol/boot';
import { graphOf } from './model';
import { depthOf, lengthOf, queuesOf, readWaiting } from './queues';

const description = vmfs(qemuVirtAarch64, { disk: { store: 'memory', name: 'test' } });
const { edges } = graphOf(description);
const edge = (id: string) => edges.find((found) => found.id === id)!;
const rings = (id: string) => queuesOf(description, edge(id)).map(({ region, capacity }) => [region, capacity]);

test('the rings of an edge, with what they hold', () => {
  expect(rings('blk_virt.0-blk_driver.1')).toEqual([
    ['blk_driver_request', 128],
    ['blk_driver_response', 128],
  ]);
  expect(rings('uart_driver.2-serial_virt_tx.0')).toEqual([
    ['pl011@9000000/serial/queue/uart_driver/serial_virt_tx', 65536],
  ]);
  expect(rings('linux_fs_vm.0-micropython.5')).toEqual([
    ['fs_fs_driver_vmm_command_queue', 511],
    ['fs_fs_driver_vmm_completion_queue', 511],
  ]);
  // The ring of empty buffers is full when all is well, and not counted.
  expect(rings('micropython_net_copier.1-micropython.3')).toEqual([
    ['virtio_mmio@a003c00/net/queue/micropython_net_copier/micropython/active', 512],
  ]);
});

describe('indices that a domain may have written', () => {
  const [request] = queuesOf(description, edge('blk_virt.0-blk_driver.1'));
  const [command] = queuesOf(description, edge('linux_fs_vm.0-micropython.5'));
  const [frames] = queuesOf(description, edge('ethernet_driver.1-net_virt_rx.0'));

  test('32 bits, head before tail, past the end of the numbers', () => {
    const buffer = new SharedArrayBuffer(64);
    const words = new Uint32Array(buffer);
    words.set([5, 7]);
    expect(lengthOf(buffer, request!)).toBe(2);
    words.set([0xffff_ffff, 1]);
    expect(lengthOf(buffer, request!)).toBe(2);
    words.set([7, 5]);
    expect(lengthOf(buffer, request!)).toBeUndefined();
    words.set([0, 128]);
    expect(lengthOf(buffer, request!)).toBe(128);
    words.set([0, 129]);
    expect(lengthOf(buffer, request!)).toBeUndefined();
  });

  test('64 bits of the file system, 16 of the network, tail first', () => {
    const buffer = new SharedArrayBuffer(64);
    new BigUint64Array(buffer).set([2n ** 64n - 1n, 2n]);
    expect(lengthOf(buffer, command!)).toBe(3);
    const halves = new Uint16Array(new SharedArrayBuffer(64));
    halves.set([3, 0xfffe]);
    expect(lengthOf(halves.buffer as SharedArrayBuffer, frames!)).toBe(5);
  });

  test('anything at all is a length that fits, or none', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
        const buffer = new SharedArrayBuffer(64);
        new Uint8Array(buffer).set(bytes);
        for (const queue of [request!, command!, frames!]) {
          const length = lengthOf(buffer, queue);
          if (length !== undefined) expect(length >= 0 && length <= queue.capacity).toBe(true);
        }
      }),
    );
  });
});

test('a guest that was rebooted is read where it is now', () => {
  const memory = allocate(description, 0);
  const [command] = queuesOf(description, edge('linux_fs_vm.0-micropython.5'));
  const { word, sets } = memory.guests.get('linux_fs_vm')!;
  new BigUint64Array(sets[1]!.regions.get(command!.region)!).set([0n, 4n]);
  expect(readWaiting(memory, command!).length).toBe(0);
  new Int32Array(word)[GUEST_WORD.GENERATION] = 1;
  expect(readWaiting(memory, command!).length).toBe(4);
});

test('how much waits, in words', () => {
  const [request, response] = queuesOf(description, edge('blk_virt.0-blk_driver.1'));
  const depth = (a: number | undefined, b: number | undefined) =>
    depthOf([
      { queue: request!, length: a },
      { queue: response!, length: b },
    ]);
  expect(depth(0, 0)).toEqual({ waiting: 0, level: 0, label: '', words: '' });
  expect(depth(1, 2)).toEqual({ waiting: 3, level: 2 / 128, label: '3', words: '1 request, 2 answers waiting' });
  expect(depth(128, 0)).toMatchObject({ label: 'full', words: '128 requests waiting, the queue is full' });
  expect(depth(undefined, 0)).toMatchObject({ label: 'broken', words: 'the queue in blk_driver_request is broken' });
});
