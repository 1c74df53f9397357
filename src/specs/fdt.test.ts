import { describe, expect, it } from 'vitest';
import { decodeFdt, encodeFdt, type FdtSource, fdtCells, fdtStrings } from './fdt';

const SOURCE: FdtSource = {
  name: '',
  properties: { '#address-cells': [2], model: 'toy' },
  children: [
    {
      name: 'uio@0',
      properties: { compatible: ['generic-uio', 'vmfs_config'], reg: [0, 0x1000, 0, 0x10], flag: true },
    },
  ],
};

describe('flattened device tree', () => {
  it('has the header and tokens of the specification', () => {
    const blob = encodeFdt(SOURCE);
    const view = new DataView(blob.buffer);
    expect(view.getUint32(0)).toBe(0xd00dfeed);
    expect(view.getUint32(4)).toBe(blob.length);
    expect(view.getUint32(20)).toBe(17);
    expect(view.getUint32(24)).toBe(16);
    const structure = view.getUint32(8);
    expect(structure % 4).toBe(0);
    expect(view.getUint32(16) % 8).toBe(0);
    expect(view.getUint32(structure)).toBe(1);
    expect(view.getUint32(structure + 4)).toBe(0);
    expect(view.getUint32(structure + 8)).toBe(3);
    expect(view.getUint32(structure + 12)).toBe(4);
    expect(view.getUint32(structure + 20)).toBe(2);
    expect(view.getUint32(structure + view.getUint32(36) - 4)).toBe(9);
    expect(structure + view.getUint32(36)).toBe(view.getUint32(12));
    expect(view.getUint32(12) + view.getUint32(32)).toBe(blob.length);
  });

  it('reads back what it wrote', () => {
    const root = decodeFdt(encodeFdt(SOURCE))!;
    expect(fdtCells(root, '#address-cells')).toEqual([2]);
    expect(fdtStrings(root, 'model')).toEqual(['toy']);
    const [uio] = root.children;
    expect(uio!.name).toBe('uio@0');
    expect(fdtStrings(uio!, 'compatible')).toEqual(['generic-uio', 'vmfs_config']);
    expect(fdtCells(uio!, 'reg')).toEqual([0, 0x1000, 0, 0x10]);
    expect(uio!.properties.get('flag')).toHaveLength(0);
    expect(fdtCells(uio!, 'nothing')).toEqual([]);
    expect(fdtStrings(uio!, 'nothing')).toEqual([]);
  });

  it('refuses a blob of another version, a longer one than it has, or a wrong magic', () => {
    const broken = (offset: number, value: number) => {
      const blob = encodeFdt(SOURCE);
      new DataView(blob.buffer).setUint32(offset, value);
      return decodeFdt(blob);
    };
    expect(decodeFdt(new Uint8Array(39))).toBeUndefined();
    for (const [offset, value] of [
      [0, 0xd00dfeee],
      [4, 1 << 20],
      [8, 0xffff_fffc],
      [12, 0xffff_ffff],
      [20, 15],
      [24, 18],
      [32, 0x7fff_ffff],
      [36, 0xffff_ffff],
    ] as const) {
      expect(broken(offset, value), `word at ${offset}`).toBeUndefined();
    }
  });

  it('survives any changed byte, any cut and endless nesting', () => {
    const good = encodeFdt(SOURCE);
    for (let at = 0; at < good.length; at++) {
      for (const value of [0, 1, 2, 3, 9, 0x7f, 0xff]) {
        const blob = good.slice();
        blob[at] = value;
        expect(() => decodeFdt(blob)).not.toThrow();
      }
      expect(() => decodeFdt(good.slice(0, at))).not.toThrow();
      expect(decodeFdt(good.slice(0, at))).toBeUndefined();
    }
    let deep: FdtSource = { name: 'leaf', properties: {} };
    for (let depth = 0; depth < 40; depth++) deep = { name: 'n', properties: {}, children: [deep] };
    expect(decodeFdt(encodeFdt(deep))).toBeUndefined();
  });
});
