/** ADMA2 tables, and a guest that writes anything anywhere: digits from [i.MX8MDQLQRM], never from src/specs. */
import { describe, expect, test } from 'vitest';
import { type Disk, MemoryDisk } from './disk';
import { fills, host, patterned, RAM, RAM_SIZE, XFR } from './testing/usdhc_host';

const CC = 0x1;
const CC_TC = 0x3;
const DMAE = 0x1000_0000;

describe('ADMA2', () => {
  const TABLE = 0x8000;
  /** Rows of attributes, length, address; then the transfer of 8 blocks. */
  function adma(kind: 'read' | 'write', rows: readonly (readonly [number, number, number])[], at = RAM + TABLE) {
    const machine = host();
    machine.bringUp();
    machine.write(0x28, 0x220);
    machine.write(0x34, 0x117f_000b);
    const view = new DataView(machine.ram.buffer, machine.ram.byteOffset + TABLE);
    for (const [i, [attributes, length, address]] of rows.entries()) {
      view.setUint16(8 * i, attributes, true);
      view.setUint16(8 * i + 2, length, true);
      view.setUint32(8 * i + 4, address, true);
    }
    machine.write(0x58, at);
    if (kind === 'write') for (let i = 0; i < 8; i++) machine.ram.fill(0xa0 + i, 512 * i, 512 * i + 512);
    const status = machine.transfer(kind, 40, 8, 0);
    return { ...machine, status };
  }

  test('a read into pieces, with a link and an entry that does nothing; a piece ends inside a sector', () => {
    const { status, ram, read } = adma('read', [
      [0x21, 700, RAM],
      [0x01, 0, 0],
      [0x31, 0, RAM + TABLE + 32],
      [0, 0, 0],
      [0x21, 348, RAM + 0x4000],
      [0x27, 3048, RAM + 700],
    ]);
    expect([status, read(0x54), read(0x58)]).toEqual([0xb, 0, RAM + TABLE + 48]);
    expect([ram[0], ram[511], ram[512], ram[699]]).toEqual([41, 41, 42, 42]);
    expect([ram[0x4000], ram[0x4000 + 323], ram[0x4000 + 324], ram[0x4000 + 347]]).toEqual([42, 42, 43, 43]);
    expect([ram[700], ram[700 + 3047], ram[700 + 3048]]).toEqual([43, 48, 0]);
  });

  test('a write out of pieces', () => {
    const { status, image } = adma('write', [
      [0x21, 2048, RAM],
      [0x23, 2048, RAM + 2048],
    ]);
    expect(status).toBe(CC_TC);
    expect(fills(image.subarray(40 * 512, 48 * 512))).toEqual([0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7]);
  });

  test.each<[string, [number, number, number][], number]>([
    ['an invalid descriptor', [[0x20, 4096, RAM]], 0x9],
    ['a table that is too short', [[0x23, 512, RAM]], 0x4],
    ['a table that is too long', [[0x23, 4100, RAM]], 0x7],
    ['a piece outside memory', [[0x23, 4096, RAM + RAM_SIZE]], 0x3],
    ['a piece that leaves memory', [[0x23, 4096, RAM + RAM_SIZE - 512]], 0x3],
    ['a link to nowhere', [[0x31, 0, 0]], 0x9],
    ['a link to itself', [[0x31, 0, RAM + TABLE]], 0x9],
  ])('%s: DMAE, why, and nothing has moved', (_, rows, error) => {
    for (const kind of ['read', 'write'] as const) {
      const { status, read, ram, image } = adma(kind, rows);
      expect([status, read(0x54)]).toEqual([CC | DMAE, error]);
      expect(Buffer.from(image).equals(Buffer.from(patterned(2048)))).toBe(true);
      if (kind === 'read') expect(ram.subarray(0, TABLE).every((byte) => byte === 0)).toBe(true);
    }
  });

  test('length 0 is 64 KiB; addresses have no bits 1 and 0; the next command clears the error', () => {
    const { status, read, send } = adma('read', [[0x23, 0, RAM]]);
    expect([status, read(0x54)]).toEqual([CC | DMAE, 0x7]);
    expect([send(XFR.CMD13, 0x0001_0000), read(0x54)]).toEqual([CC, 0]);
    const aligned = adma('read', [[0x23, 4096, RAM + 0x1003]], RAM + TABLE + 3);
    expect([aligned.status, aligned.ram[0xfff], aligned.ram[0x1000]]).toEqual([CC_TC, 0, 41]);
  });

  test('a table outside memory', () => {
    expect(adma('read', [], 0xffff_fff8).status).toBe(CC | DMAE);
  });
});

/** The same numbers for the same seed. */
function random(seed: number) {
  let state = seed;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 8;
  };
  const word = () => ((next() << 16) ^ next()) >>> 0;
  const pick = <T>(from: readonly T[]) => from[next() % from.length]!;
  return { next, word, pick };
}

/** A disk that counts the blocks it moves, and the requests for sectors that it does not have. */
function watched(sectors: number) {
  const memory = new MemoryDisk(patterned(sectors));
  const seen = { blocks: 0, outside: 0 };
  const note = (sector: number, { length }: Uint8Array) => {
    seen.blocks += length / 512;
    if (!(sector >= 0 && length % 512 === 0 && sector + length / 512 <= sectors)) seen.outside++;
  };
  const disk: Disk = {
    sectors,
    readOnly: false,
    read: (sector, dest) => {
      note(sector, dest);
      memory.read(sector, dest);
    },
    write: (sector, bytes) => {
      note(sector, bytes);
      memory.write(sector, bytes);
    },
    flush: () => {},
  };
  return { disk, seen };
}

describe('a guest that writes anything anywhere', () => {
  const OFFSETS = [0x00, 0x04, 0x08, 0x0c, 0x0c, 0x0c, 0x28, 0x2c, 0x30, 0x34, 0x38, 0x48, 0x50, 0x58];
  const WORDS = [0x37, 0x27, 0x17, RAM, RAM + RAM_SIZE - 512, 0x0008_0200, 0x0001_0200, 0x20, 0x220, 0, 1, 0x0001_0000];

  /** A machine of its own for each storm: a voltage that the card does not have silences it for good. */
  function storm({ next, word, pick }: ReturnType<typeof random>) {
    const { disk, seen } = watched(1032);
    const { usdhc, ram, guards, card, bringUp, transfer } = host({ disk });
    for (let i = 0; i < ram.length; i++) ram[i] = next();
    bringUp();
    for (let i = 0; i < 500; i++) {
      // Now and then it knows what it does, so that there are transfers to disturb.
      if (i % 50 === 0 && card.state === 4) transfer(pick(['read', 'write']), next() % 1100, next() % 64);
      const offset = pick([...OFFSETS, next() % 0x200]);
      usdhc.write32(offset, pick([word(), offset === 0x0c ? pick(Object.values(XFR)) : pick(WORDS)]));
      const value = usdhc.read32(next() % 0x200);
      if (!(value >= 0 && value <= 0xffff_ffff)) throw new RangeError(`read ${value}`);
    }
    expect(guards.every((bytes) => bytes.every((byte) => byte === 0))).toBe(true);
    return seen;
  }

  test.each([1, 2, 3, 4])('seed %d: no exception, and nothing outside memory or disk', (seed) => {
    const dice = random(seed);
    const storms = Array.from({ length: 20 }, () => storm(dice));
    expect(storms.every(({ outside }) => outside === 0)).toBe(true);
    expect(storms.filter(({ blocks }) => blocks > 0).length).toBeGreaterThan(10);
  });

  test.each([Number.NaN, -1, 0.5, 2 ** 40, Number.POSITIVE_INFINITY])('offset and value %d', (number) => {
    const { usdhc } = host();
    usdhc.write32(number, number);
    for (let offset = 0; offset < 0x100; offset += 4) usdhc.write32(offset, number);
    expect(usdhc.read32(number)).toBe(0);
  });
});
