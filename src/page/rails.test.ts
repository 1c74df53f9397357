import { expect, test } from 'vitest';
import { qemuVirtAarch64 } from '../boards/qemu_virt_aarch64';
import { vmfs } from '../boards/vmfs';
import { rails } from './rails';

test('each service leads from its client to its hardware, and every domain is in one of them', () => {
  const shown = (fsSignal: 'direct' | 'relay') =>
    rails(vmfs(qemuVirtAarch64, { fsSignal, disk: { store: 'memory', name: '' } })).map(
      ({ service, rows }) => `${service}: ${rows.map(({ name, guest }) => (guest ? `(${name})` : name)).join(' ')}`,
    );
  expect(shown('direct')).toEqual([
    'Files: micropython files fs_driver_vmm (linux_fs_vm) blk_virt blk_driver virtio-blk',
    expect.stringMatching(/^Network: micropython_net_copier net_virt_[rt]x net_virt_[rt]x ethernet_driver virtio-net$/),
    expect.stringMatching(/^Console: serial_virt_[rt]x serial_virt_[rt]x uart_driver PL011$/),
    'Clock: timer_driver arch timer',
  ]);
  expect(shown('relay')).toEqual(shown('direct'));
});
