/** One wrong description per sentence, each made from a right one by a single change. */
import { expect, test } from 'vitest';
import { qemuVirtAarch64 } from '../boards/qemu_virt_aarch64';
import { vmfs } from '../boards/vmfs';
import type { Channel, MemoryRegion, ProtectionDomain, SystemDescription } from './sdf';
import { validate } from './validate';

type Writable<T> = { -readonly [K in keyof T]: T[K] };
type Edit = (system: {
  regions: Writable<MemoryRegion>[];
  domains: Writable<ProtectionDomain>[];
  channels: Writable<Channel>[];
  region(name: string): Writable<MemoryRegion>;
  domain(name: string): Writable<ProtectionDomain>;
}) => void;

const IMAGES = ['app', 'disk', 'uart', 'clock', 'vmm', 'linux'];

const pd = (name: string, priority: number, rest: Partial<ProtectionDomain> = {}): ProtectionDomain => ({
  name,
  image: name,
  kind: 'client',
  priority,
  maps: [],
  irqs: [],
  ...rest,
});
const map = (region: string, symbol = region, perms: 'r' | 'rw' | 'rwx' = 'rw') => ({ region, symbol, perms });
const device = (label: string, rest: Partial<NonNullable<ProtectionDomain['device']>> = {}) => ({
  node: label,
  label,
  dma: [],
  ...rest,
});
const channel = (a: string, aId: number, b: string, bId: number, rest: Partial<Channel> = {}): Channel => ({
  a: { domain: a, id: aId, symbol: `to_${b}` },
  b: { domain: b, id: bId, symbol: `to_${a}` },
  ...rest,
});

/** A driver of each kind, a passive server, a client, a monitor with its guest: the smallest system with everything in it. */
function right(): SystemDescription {
  return {
    board: 'test',
    regions: [
      { name: 'regs', size: 0x1000, paddr: 0x900_0000 },
      { name: 'buffers', size: 0x2000, paddr: 0x900_1000 },
      { name: 'queue', size: 0x1000 },
      { name: 'ram', size: 0x20_0000 },
    ],
    domains: [
      pd('uart', 100, {
        kind: 'driver',
        maps: [map('regs')],
        irqs: [{ id: 0, symbol: 'irq', intid: 33, trigger: 'level' }],
        device: device('UART', { port: 'line' }),
      }),
      pd('disk', 110, {
        kind: 'driver',
        maps: [map('queue')],
        irqs: [{ id: 0, symbol: 'irq', intid: 79, trigger: 'edge' }],
        device: device('Disk', { port: 'disk', dma: ['buffers'] }),
      }),
      pd('clock', 150, { passive: true }),
      pd('app', 1, { maps: [map('queue'), map('buffers', 'data', 'r')] }),
      pd('vmm', 90, { kind: 'monitor', maps: [map('ram')] }),
      pd('linux', 0, { kind: 'guest', parent: 'vmm', maps: [map('ram', 'ram', 'rwx')] }),
    ],
    channels: [
      channel('app', 0, 'disk', 1),
      channel('app', 1, 'clock', 0, { protectedCall: true }),
      channel('linux', 0, 'vmm', 0, { protectedCall: true, kind: 'vcpu' }),
      channel('linux', 1, 'app', 2, { kind: 'direct' }),
    ],
  };
}

function wrong(edit: Edit): SystemDescription {
  const { board, regions, domains, channels } = structuredClone(right());
  const named =
    <T extends { name: string }>(things: readonly T[]) =>
    (name: string) =>
      things.find((thing) => thing.name === name)!;
  const system = { regions: [...regions], domains: [...domains], channels: [...channels] };
  edit({ ...system, region: named(system.regions), domain: named(system.domains) });
  return { board, ...system };
}

const irq = (id: number, intid: number, symbol = 'other') => ({ id, symbol, intid, trigger: 'level' as const });

const MISTAKES: readonly [sentence: string, edit: Edit][] = [
  // Memory
  ["There are two regions named 'queue'.", (s) => s.regions.push({ name: 'queue', size: 0x1000 })],
  ["Region 'queue' has size 0x0: it must be a positive multiple of 4 KiB.", (s) => (s.region('queue').size = 0)],
  [
    "Region 'queue' has size 0x1800: it must be a positive multiple of 4 KiB.",
    (s) => (s.region('queue').size = 0x1800),
  ],
  [
    "Region 'queue' has size -0x1000: it must be a positive multiple of 4 KiB.",
    (s) => (s.region('queue').size = -4096),
  ],
  [
    "Region 'queue' has size 0xNaN: it must be a positive multiple of 4 KiB.",
    (s) => (s.region('queue').size = Number.NaN),
  ],
  [
    "Region 'regs' is at physical address 0x9000800: it must be a multiple of 4 KiB.",
    (s) => (s.region('regs').paddr = 0x900_0800),
  ],
  [
    "Region 'regs' is at physical address -0x1000: it must be a multiple of 4 KiB.",
    (s) => (s.region('regs').paddr = -4096),
  ],
  ["Regions 'regs' and 'buffers' overlap at physical address 0x9001000.", (s) => (s.region('regs').size = 0x2000)],
  [
    "Regions 'regs' and 'buffers' overlap at physical address 0x9000000.",
    (s) => (s.region('buffers').paddr = 0x900_0000),
  ],
  [
    "Regions 'buffers' and 'regs' overlap at physical address 0x9000000.",
    (s) => (s.region('buffers').paddr = 0x8ff_f000),
  ],
  ["Region 'spare' is mapped by nobody.", (s) => s.regions.push({ name: 'spare', size: 0x1000 })],
  // Domains
  ["There are two protection domains named 'app'.", (s) => s.domains.push(pd('app', 5))],
  [
    'There are 64 protection domains: Microkit allows 63.',
    (s) => s.domains.push(...Array.from({ length: 58 }, (_, i) => pd(`app${i}`, 5, { image: 'app' }))),
  ],
  [
    "Protection domain 'app' runs image 'nothing': there is no such folder under workers/.",
    (s) => (s.domain('app').image = 'nothing'),
  ],
  [
    "Protection domain 'app' has priority -1: it must be a whole number from 0 to 254.",
    (s) => (s.domain('app').priority = -1),
  ],
  [
    "Protection domain 'app' has priority 255: it must be a whole number from 0 to 254.",
    (s) => (s.domain('app').priority = 255),
  ],
  [
    "Protection domain 'app' has priority 1.5: it must be a whole number from 0 to 254.",
    (s) => (s.domain('app').priority = 1.5),
  ],
  [
    "Protection domain 'app' has budget 0 and period 0: they must be whole microseconds.",
    (s) => (s.domain('app').budgetUs = 0),
  ],
  [
    "Protection domain 'app' has budget 500, which is larger than its period 400.",
    (s) => Object.assign(s.domain('app'), { budgetUs: 500, periodUs: 400 }),
  ],
  [
    "Protection domain 'app' has budget 1000, which is larger than its period 400.",
    (s) => (s.domain('app').periodUs = 400),
  ],
  [
    "Protection domain 'app' maps region 'nothing': there is no such region.",
    (s) => (s.domain('app').maps = [...s.domain('app').maps, map('nothing')]),
  ],
  [
    "Protection domain 'app' maps region 'queue' as 'w': it must be r, rw or rwx.",
    (s) => (s.domain('app').maps = [map('queue', 'queue', 'w' as 'rw'), map('buffers')]),
  ],
  [
    "Protection domain 'vmm' maps region 'ram' executable: only a guest may.",
    (s) => (s.domain('vmm').maps = [map('ram', 'ram', 'rwx')]),
  ],
  [
    "Protection domain 'app' maps two regions as symbol 'queue'.",
    (s) => (s.domain('app').maps = [map('queue'), map('buffers', 'queue')]),
  ],
  [
    "Protection domain 'app' maps region 'queue' twice.",
    (s) => (s.domain('app').maps = [...s.domain('app').maps, map('queue', 'again')]),
  ],
  [
    "Protection domain 'uart' maps a region as symbol 'line_tx', which the loader gives to its serial line.",
    (s) => (s.domain('uart').maps = [map('regs', 'line_tx')]),
  ],
  [
    "Protection domain 'disk' maps a region as symbol 'wire_rx', which the loader gives to its wire.",
    (s) =>
      Object.assign(s.domain('disk'), { maps: [map('queue', 'wire_rx')], device: device('NIC', { port: 'wire' }) }),
  ],
  // Devices and interrupts
  ["Driver 'disk' has no device.", (s) => delete s.domain('disk').device],
  ["Protection domain 'app' has device 'Thing': only a driver may.", (s) => (s.domain('app').device = device('Thing'))],
  [
    "Device 'Disk' of 'disk' reaches region 'nothing': there is no such region.",
    (s) => (s.domain('disk').device = device('Disk', { dma: ['nothing'] })),
  ],
  [
    "Device 'Disk' of 'disk' reaches region 'queue', which has no physical address.",
    (s) => (s.domain('disk').device = device('Disk', { dma: ['queue'] })),
  ],
  [
    "Device 'Disk' of 'disk' lists region 'buffers' twice.",
    (s) => (s.domain('disk').device = device('Disk', { dma: ['buffers', 'buffers'] })),
  ],
  ["Region 'buffers' is mapped by nobody.", (s) => (s.domain('app').maps = [map('queue')])],
  ["Interrupt 33 goes to 'uart' and to 'disk'.", (s) => (s.domain('disk').irqs = [irq(0, 33)])],
  [
    "Protection domain 'disk' has interrupt 15: it must be a whole number from 16 to 1019.",
    (s) => (s.domain('disk').irqs = [irq(0, 15)]),
  ],
  [
    "Protection domain 'disk' has interrupt 1020: it must be a whole number from 16 to 1019.",
    (s) => (s.domain('disk').irqs = [irq(0, 1020)]),
  ],
  [
    "Interrupt 79 of 'disk' is triggered by 'rising': it must be edge or level.",
    (s) => (s.domain('disk').irqs = [{ ...irq(0, 79), trigger: 'rising' as 'edge' }]),
  ],
  ['No device has the serial line: there would be no console.', (s) => (s.domain('uart').device = device('UART'))],
  [
    "Devices of 'uart' and 'disk' both have the serial line.",
    (s) => (s.domain('disk').device = device('Disk', { port: 'line' })),
  ],
  [
    "Devices of 'disk' and 'clock' both have the disk.",
    (s) => Object.assign(s.domain('clock'), { kind: 'driver', device: device('Clock', { port: 'disk' }) }),
  ],
  [
    "Devices of 'disk' and 'clock' both have the wire.",
    (s) => {
      s.domain('disk').device = device('NIC', { port: 'wire' });
      Object.assign(s.domain('clock'), { kind: 'driver', device: device('NIC', { port: 'wire' }) });
    },
  ],
  // Guests
  ["Protection domain 'app' has a parent: only a guest may.", (s) => (s.domain('app').parent = 'vmm')],
  ["Guest 'linux' has no parent.", (s) => delete s.domain('linux').parent],
  [
    "Guest 'linux' has parent 'nobody': there is no such protection domain.",
    (s) => (s.domain('linux').parent = 'nobody'),
  ],
  ["Guest 'linux' has parent 'app', which is no monitor.", (s) => (s.domain('linux').parent = 'app')],
  [
    "Guest 'linux' has a hardware interrupt: its monitor must inject it.",
    (s) => (s.domain('linux').irqs = [irq(5, 40)]),
  ],
  ["Guest 'linux' is passive: a virtual machine cannot be.", (s) => (s.domain('linux').passive = true)],
  ["Monitor 'app' has 0 guests: it must have exactly one.", (s) => (s.domain('app').kind = 'monitor')],
  [
    "Monitor 'vmm' has 2 guests: it must have exactly one.",
    (s) => s.domains.push(pd('bsd', 0, { image: 'linux', kind: 'guest', parent: 'vmm' })),
  ],
  // Channels
  [
    "A channel ends at 'nobody': there is no such protection domain.",
    (s) => s.channels.push(channel('app', 9, 'nobody', 0)),
  ],
  ["A channel has both ends in 'app'.", (s) => s.channels.push(channel('app', 8, 'app', 9))],
  [
    "Protection domain 'app' has channel id 27: it must be a whole number from 0 to 26.",
    (s) => s.channels.push(channel('app', 27, 'uart', 5)),
  ],
  [
    "Protection domain 'uart' has channel id -1: it must be a whole number from 0 to 26.",
    (s) => s.channels.push(channel('app', 9, 'uart', -1)),
  ],
  [
    "Protection domain 'disk' has channel id 27: it must be a whole number from 0 to 26.",
    (s) => (s.domain('disk').irqs = [irq(27, 79)]),
  ],
  ["Protection domain 'app' uses channel id 0 twice.", (s) => s.channels.push(channel('app', 0, 'uart', 5))],
  ["Protection domain 'uart' uses channel id 0 twice.", (s) => s.channels.push(channel('app', 9, 'uart', 0))],
  [
    "Protection domain 'disk' has two channels with symbol 'to_app'.",
    (s) => s.channels.push(channel('app', 9, 'disk', 9)),
  ],
  [
    "Protection domain 'uart' has two channels with symbol 'irq'.",
    (s) => (s.domain('uart').irqs = [irq(0, 33, 'irq'), irq(1, 34, 'irq')]),
  ],
  [
    "The channel between 'app' and 'uart' carries neither notifications nor calls.",
    (s) =>
      s.channels.push({
        a: { domain: 'app', id: 9, symbol: 'x', notify: false },
        b: { domain: 'uart', id: 9, symbol: 'x', notify: false },
      }),
  ],
  [
    "The vcpu channel between 'linux' and 'disk' is not one between a guest and its monitor.",
    (s) => s.channels.push(channel('linux', 9, 'disk', 9, { kind: 'vcpu' })),
  ],
  [
    "The direct channel between 'app' and 'uart' does not end at a guest.",
    (s) => s.channels.push(channel('app', 9, 'uart', 9, { kind: 'direct' })),
  ],
  [
    "The channel between 'uart' and 'linux' ends at a guest: it must be of kind vcpu or direct.",
    (s) => s.channels.push(channel('uart', 9, 'linux', 9)),
  ],
  // Calls
  [
    "Protection domain 'disk' (priority 110) calls 'uart' (priority 100): only a strictly higher priority can be called.",
    (s) => s.channels.push(channel('disk', 9, 'uart', 9, { protectedCall: true })),
  ],
  [
    "Protection domain 'app' (priority 150) calls 'clock' (priority 150): only a strictly higher priority can be called.",
    (s) => (s.domain('app').priority = 150),
  ],
  [
    "Protected calls go in a circle: 'uart' calls 'disk' calls 'uart'.",
    (s) =>
      s.channels.push(channel('uart', 8, 'disk', 8, { protectedCall: true }), {
        ...channel('disk', 9, 'uart', 9, { protectedCall: true }),
        a: { domain: 'disk', id: 9, symbol: 'x' },
        b: { domain: 'uart', id: 9, symbol: 'y' },
      }),
  ],
  ["Protection domain 'disk' is passive, but nobody may call it.", (s) => (s.domain('disk').passive = true)],
];

test('a right description is accepted', () => {
  expect(() => validate(right(), IMAGES)).not.toThrow();
});

test.each(MISTAKES)('%s', (sentence, edit) => {
  expect(() => validate(wrong(edit), IMAGES)).toThrow(new Error(sentence));
});

test.each(['direct', 'relay'] as const)('the real system is right, with file system signals %s', (fsSignal) => {
  const system = vmfs(qemuVirtAarch64, { fsSignal, disk: { store: 'memory', name: 'test' } });
  const images = system.domains.map(({ image }) => image);
  expect(() => validate(system, images)).not.toThrow();
});

test('the highest ids, priorities and interrupts that there are, are right', () => {
  const edges = wrong((s) => {
    s.domain('clock').priority = 254;
    s.domain('disk').irqs = [irq(26, 1019)];
    s.domain('uart').irqs = [irq(0, 16)];
    s.domain('app').budgetUs = 1;
  });
  expect(() => validate(edges, IMAGES)).not.toThrow();
});
