/** A client of the file system through the whole machine: guest, monitor, virtualiser, driver, device, disk. */
import { describe, expect, test } from 'vitest';
import { machine } from './testing/machine';

const START_UP = [
  '*** Starting up',
  'Block device: /dev/vda',
  'Mount point: /mnt',
  '*** Setting up shared configuration data via UIO',
  'Found dev @ /dev/uio0',
  '*** Setting up command queue via UIO',
  'Found dev @ /dev/uio1',
  '*** Setting up completion queue via UIO',
  'Found dev @ /dev/uio2',
  '*** Setting up FS data region via UIO',
  'Found dev @ /dev/uio3',
  '*** Setting up fault region via UIO',
  'Found dev @ /dev/uio4',
  '*** Client 1: /dev/uio5, /dev/uio6, /dev/uio7',
  '*** Enabling UIO interrupt on command queue',
  '*** Creating epoll object',
  '*** Binding command queue IRQ to epoll',
  '*** Initialising liburing for io_uring',
  '*** Consuming requests already in command queue',
  '*** All initialisation successful!',
  "*** You won't see any output from UIO FS anymore. Unless there is a warning or error.",
];

describe.each(['direct', 'relay'])('signals %s', (signals) => {
  const relay = signals === 'relay';

  test('the boot log has the lines of the monitor and the guest, in order', async () => {
    const { simulator, lines } = await machine({ relay });
    simulator.settle();
    const vmm = lines().filter((line) => line.startsWith('fs_driver_vmm|'));
    expect(vmm).toEqual([
      'fs_driver_vmm|INFO: starting "fs_driver_vmm"',
      expect.stringMatching(/^fs_driver_vmm\|INFO: Copying guest DTB to 0x47f00000 \(0x[0-9a-f]+ bytes\)$/),
      'fs_driver_vmm|INFO: initialised virtual GICv2 driver',
      'fs_driver_vmm|INFO: starting guest at 0x40000000, DTB at 0x47f00000',
    ]);
    const uio = lines().filter((line) => line.startsWith('UIO(FS)'));
    expect(uio).toEqual(START_UP.map((line) => `UIO(FS): ${line}`));
  });

  test.each([1, 2, 3])('the session of the README: a folder, a file, its contents (seed %d)', async (seed) => {
    const { client, guest } = await machine({ relay, seed });
    client((fs) => {
      expect(fs.initialise()).toBe(0);
      expect(fs.list('.')).toEqual([]);
      expect(fs.mkdir('hello world')).toBe(0);
      expect(fs.list('/')).toEqual(['hello world']);
      fs.putFile('sel4.txt', 'Formally verified!');
      expect(fs.list('.')).toEqual(['hello world', 'sel4.txt']);
      expect(new TextDecoder().decode(fs.getFile('sel4.txt'))).toBe('Formally verified!');
    });
    expect(guest.control.mountState()).toEqual({ state: 'mounted', type: 'FAT12' });
  });
});
