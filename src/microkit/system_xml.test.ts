/** The exported file, read back with a parser of the test's own and held against the tables of Microkit's manual, typed here. */
import { describe, expect, test } from 'vitest';
import { qemuVirtAarch64 } from '../boards/qemu_virt_aarch64';
import { vmfs } from '../boards/vmfs';
import type { SystemDescription } from './sdf';
import { systemXml } from './system_xml';

interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Element[];
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"' };
const TOKEN = /<!--(?:(?!--)[\s\S])*-->|<\?xml [^?]*\?>|<(\/?)(\w+)((?: \w+="[^"<]*")*) ?(\/?)>|\s+/y;

/** Enough of XML for this format; throws at anything else. */
function parse(xml: string): Element {
  const top: Element = { name: '', attributes: {}, children: [] };
  const open = [top];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < xml.length) {
    const at = TOKEN.lastIndex;
    const [, close, name, attributes = '', empty] =
      TOKEN.exec(xml) ?? expect.fail(`not XML: ${xml.slice(at, at + 80)}`);
    if (name === undefined) continue;
    if (close) {
      expect(open.pop()!.name).toBe(name);
      continue;
    }
    const element = { name, attributes: attributesOf(attributes), children: [] };
    open.at(-1)!.children.push(element);
    if (!empty) open.push(element);
  }
  expect(open).toHaveLength(1);
  expect(top.children).toHaveLength(1);
  return top.children[0]!;
}

function attributesOf(text: string): Record<string, string> {
  const pairs = [...text.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => {
    return [name!, value!.replace(/&(\w+);/g, (_, entity: string) => ENTITIES[entity]!)] as const;
  });
  expect(new Set(pairs.map(([name]) => name)).size, 'an attribute twice').toBe(pairs.length);
  return Object.fromEntries(pairs);
}

/** Manual, "System Description File": children, then attributes that must and that may be there. */
const GRAMMAR: Readonly<Record<string, { children: string; must: string; may: string }>> = {
  system: { children: 'protection_domain memory_region channel domains', must: '', may: '' },
  protection_domain: {
    children: 'program_image map irq setvar protection_domain virtual_machine',
    must: 'name',
    may: 'priority budget period passive stack_size cpu smc fpu',
  },
  program_image: { children: '', must: 'path', may: 'path_for_symbols' },
  map: { children: '', must: 'mr vaddr', may: 'perms cached setvar_vaddr setvar_size' },
  irq: { children: '', must: 'irq id', may: 'trigger setvar_id' },
  setvar: { children: '', must: 'symbol region_paddr', may: '' },
  virtual_machine: { children: 'vcpu map', must: 'name', may: 'priority budget period' },
  vcpu: { children: '', must: 'id', may: 'cpu setvar_id' },
  memory_region: { children: '', must: 'name size', may: 'page_size phys_addr' },
  channel: { children: 'end', must: '', may: '' },
  end: { children: '', must: 'pd id', may: 'pp notify setvar_id' },
};

const words = (text: string) => text.split(' ').filter(Boolean);

function all(element: Element): Element[] {
  return [element, ...element.children.flatMap(all)];
}
const named = (element: Element, name: string) => all(element).filter((each) => each.name === name);
const vmfsXml = (fsSignal: 'direct' | 'relay' = 'direct') =>
  parse(systemXml(vmfs(qemuVirtAarch64, { fsSignal, disk: { store: 'memory', name: 'test' } })));

describe.each(['direct', 'relay'] as const)('the real system, signals %s', (fsSignal) => {
  const system = vmfsXml(fsSignal);

  test('has only elements and attributes that the manual names', () => {
    expect(system.name).toBe('system');
    for (const { name, attributes, children } of all(system)) {
      const rule = GRAMMAR[name]!;
      const given = Object.keys(attributes);
      expect([...words(rule.must), ...words(rule.may)], name).toEqual(expect.arrayContaining(given));
      expect(given, name).toEqual(expect.arrayContaining(words(rule.must)));
      expect(words(rule.children), name).toEqual(expect.arrayContaining(children.map((child) => child.name)));
    }
  });

  test('keeps the numbers that the manual limits', () => {
    for (const { attributes } of all(system)) {
      if (attributes.priority) expect(Number(attributes.priority)).toBeLessThanOrEqual(254);
      if (attributes.id) expect(Number(attributes.id)).toBeLessThan(63);
      if (attributes.perms) expect(['r', 'rw', 'rwx']).toContain(attributes.perms);
      for (const flag of ['passive', 'cached', 'pp', 'notify']) {
        if (attributes[flag]) expect(['true', 'false']).toContain(attributes[flag]);
      }
    }
    for (const domain of named(system, 'protection_domain')) {
      expect(domain.children.filter(({ name }) => name === 'program_image')).toHaveLength(1);
      expect(domain.children.filter(({ name }) => name === 'virtual_machine').length).toBeLessThanOrEqual(1);
    }
  });

  test('maps known regions at aligned addresses that do not overlap', () => {
    const regions = new Map(named(system, 'memory_region').map(({ attributes }) => [attributes.name!, attributes]));
    for (const owner of [...named(system, 'protection_domain'), ...named(system, 'virtual_machine')]) {
      let end = 0;
      const maps = owner.children.filter(({ name }) => name === 'map').map(({ attributes }) => attributes);
      for (const { mr, vaddr } of maps.sort((a, b) => Number(a.vaddr) - Number(b.vaddr))) {
        const { size, phys_addr = '0' } = regions.get(mr!)!;
        const large = Number(size) % 0x20_0000 === 0 && Number(phys_addr) % 0x20_0000 === 0;
        expect(Number(vaddr) % (large ? 0x20_0000 : 0x1000), `${mr} in ${owner.attributes.name}`).toBe(0);
        expect(Number(vaddr)).toBeGreaterThanOrEqual(end);
        end = Number(vaddr) + Number(size);
      }
    }
  });

  test('connects two domains by each channel, with ids used once', () => {
    const domains = new Set(named(system, 'protection_domain').map(({ attributes }) => attributes.name));
    const used = named(system, 'protection_domain').flatMap(({ attributes, children }) =>
      children.filter(({ name }) => name === 'irq').map((irq) => `${attributes.name} ${irq.attributes.id}`),
    );
    for (const { children } of named(system, 'channel')) {
      expect(children.map(({ name }) => name)).toEqual(['end', 'end']);
      for (const { attributes } of children) {
        expect(domains).toContain(attributes.pd);
        used.push(`${attributes.pd} ${attributes.id}`);
      }
    }
    expect(new Set(used).size).toBe(used.length);
  });

  test('sets no symbol of an image twice', () => {
    for (const { attributes, children } of named(system, 'protection_domain')) {
      const ends = named(system, 'end').filter((end) => end.attributes.pd === attributes.name);
      const symbols = [...children, ...ends].flatMap((each) =>
        [each.attributes.setvar_vaddr, each.attributes.setvar_id, each.attributes.symbol].filter(Boolean),
      );
      expect(new Set(symbols).size, attributes.name).toBe(symbols.length);
    }
  });
});

test('the signal that is wired directly comes out as upstream has it: the monitor relays it on channel 2', () => {
  for (const system of [vmfsXml('direct'), vmfsXml('relay')]) {
    const ends = named(system, 'channel').map(({ children }) =>
      children.map(({ attributes: { pd, id } }) => `${pd} ${id}`),
    );
    expect(ends).toContainEqual(['fs_driver_vmm 2', 'micropython 5']);
    expect(ends).toContainEqual([expect.stringMatching(/^fs_driver_vmm \d+$/), 'files 0']);
    expect(ends).toHaveLength(16);
  }
});

test('the call to the timer driver can be made by its client only', () => {
  const ends = named(vmfsXml(), 'channel').find(({ children }) => children.some(({ attributes }) => attributes.pp))!;
  expect(ends.children.map(({ attributes: { pd, pp, notify } }) => ({ pd, pp, notify }))).toEqual([
    { pd: 'micropython', pp: 'true', notify: 'false' },
    { pd: 'timer_driver', pp: undefined, notify: undefined },
  ]);
});

test('the virtual machine is a child of its monitor, with memory where the guest expects it', () => {
  const monitor = named(vmfsXml(), 'protection_domain').find(({ attributes }) => attributes.name === 'fs_driver_vmm')!;
  const [guest] = named(monitor, 'virtual_machine');
  expect(guest!.attributes).toEqual({ name: 'linux_fs_vm', priority: '0' });
  expect(guest!.children.map(({ attributes: { mr, vaddr, perms } }) => [mr, vaddr, perms])).toEqual([
    [undefined, undefined, undefined],
    ['guest_ram_linux_fs_vm', '0x40000000', 'rwx'],
    ['fs_linux_fs_vm_guest_conf_share', '0x10002000', 'rw'],
    ['fs_fs_driver_vmm_command_queue', '0x20000000', 'rw'],
    ['fs_fs_driver_vmm_completion_queue', '0x21000000', 'rw'],
    ['fs_fs_driver_vmm_share', '0x22000000', 'rw'],
    ['fs_fs_driver_vmm_files_command_queue', '0x28000000', 'rw'],
    ['fs_fs_driver_vmm_files_completion_queue', '0x29000000', 'rw'],
    ['fs_fs_driver_vmm_files_share', '0x2a000000', 'rw'],
    ['linux_fs_vm_virq_status', '0x10003000', 'rw'],
  ]);
});

test('a guest has no symbols to set, and what is not cached says so', () => {
  const guestMaps = named(named(vmfsXml(), 'virtual_machine')[0]!, 'map');
  expect(guestMaps.filter(({ attributes }) => attributes.setvar_vaddr)).toEqual([]);
  const maps = named(vmfsXml(), 'map').map(({ attributes: { mr, cached } }) => `${mr} ${cached}`);
  expect(maps).toContain('pl011@9000000/regs false');
  expect(maps).toContain('fs_fs_driver_vmm_share false');
  expect(maps).toContain('blk_driver_data undefined');
});

test('a relayed signal takes the lowest id that no channel of the file has', () => {
  const pd = (name: string, kind: 'client' | 'monitor' | 'guest', parent?: string) => {
    return { name, image: name, kind, priority: 1, maps: [], irqs: [], ...(parent ? { parent } : {}) };
  };
  const end = (domain: string, id: number) => ({ domain, id, symbol: `s${id}` });
  const description: SystemDescription = {
    board: 'none',
    regions: [],
    domains: [pd('app', 'client'), pd('vmm', 'monitor'), pd('vm', 'guest', 'vmm')],
    channels: [
      { a: end('vm', 9), b: end('vmm', 0), kind: 'vcpu' },
      { a: end('app', 0), b: end('vmm', 1) },
      { a: end('vm', 0), b: end('app', 5), kind: 'direct' },
      { a: end('app', 6), b: end('vm', 1), kind: 'direct' },
    ],
  };
  const ends = named(parse(systemXml(description)), 'end').map(({ attributes: { pd, id } }) => `${pd} ${id}`);
  expect(ends).toEqual(['app 0', 'vmm 1', 'vmm 0', 'app 5', 'app 6', 'vmm 2']);
});

test('physical addresses go to the driver and the virtualiser that hand them to the device', () => {
  const setvars = named(vmfsXml(), 'protection_domain').flatMap(({ attributes, children }) =>
    children
      .filter(({ name }) => name === 'setvar')
      .map((each) => [attributes.name, ...Object.values(each.attributes)]),
  );
  expect(setvars).toEqual([
    ['blk_driver', 'virtio_headers_paddr', 'virtio_mmio@a003e00/virtio_headers'],
    ['blk_driver', 'virtio_metadata_paddr', 'virtio_mmio@a003e00/virtio_metadata'],
    ['blk_virt', 'driver_data_paddr', 'blk_driver_data'],
    ['blk_virt', 'client_0_data_paddr', 'blk_client_fs_driver_vmm_data'],
    ['net_virt_tx', 'client_0_data_paddr', 'virtio_mmio@a003c00/net/tx/data/client/micropython'],
    ['net_virt_rx', 'data_paddr', 'virtio_mmio@a003c00/net/rx/data/device'],
    ['ethernet_driver', 'hw_ring_buffer_paddr', 'virtio_mmio@a003c00/hw_ring_buffer'],
    ['micropython_net_copier', 'device_data_paddr', 'virtio_mmio@a003c00/net/rx/data/device'],
  ]);
});

test('budgets, periods and names with odd characters survive', () => {
  const name = `<a "b" & 'c'>`;
  const description: SystemDescription = {
    board: 'none -- at --> all',
    regions: [{ name, size: 0x1000 }],
    domains: [
      {
        name: 'one',
        image: 'one',
        kind: 'client',
        priority: 7,
        budgetUs: 100,
        periodUs: 500,
        maps: [{ region: name, symbol: 'r', perms: 'rw' }],
        irqs: [],
      },
    ],
    channels: [],
  };
  const system = parse(systemXml(description));
  expect(system.children.map(({ attributes }) => attributes)).toEqual([
    { name, size: '0x1000' },
    { name: 'one', priority: '7', budget: '100', period: '500' },
  ]);
  expect(named(system, 'map')[0]!.attributes.mr).toBe(name);
});
