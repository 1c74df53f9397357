/** The card as a host sees it: commands and responses as digits from [SD 6.0], never from src/specs. */
import { describe, expect, test } from 'vitest';
import { crc7, decodeCid, decodeCsd, registerOfResponse, responseWords } from '../specs/sd';
import { type Disk, MemoryDisk } from './disk';
import { SdCard, type SdCardOptions } from './sd_card';

const disk = (sectors: number, more: Partial<Disk> = {}): Disk => {
  const memory = new MemoryDisk(new Uint8Array(sectors * 512));
  for (let sector = 0; sector < sectors; sector++) memory.bytes.fill(sector & 255, sector * 512, sector * 512 + 512);
  return {
    sectors,
    readOnly: false,
    read: (sector, dest) => memory.read(sector, dest),
    write: (sector, bytes) => memory.write(sector, bytes),
    flush: () => {},
    ...more,
  };
};

/** A card and how to talk to it: 32-bit answers as numbers, R2 as its four words. */
function powerOn(options: SdCardOptions & { disk?: Disk } = {}) {
  const card = new SdCard(options.disk ?? disk(2048), options);
  const ask = (index: number, argument = 0) => {
    const response = card.command(index, argument);
    return response?.kind === 'R2' ? responseWords(response.register) : response?.word;
  };
  return { card, ask };
}

/** A card in the transfer state at address 1. */
function selected(options: SdCardOptions & { disk?: Disk } = {}) {
  const { card, ask } = powerOn(options);
  for (const [index, argument] of [
    [0, 0],
    [8, 0x1aa],
    [55, 0],
    [41, 0x4018_0000],
    [2, 0],
    [3, 0],
    [7, 0x0001_0000],
  ] as const)
    ask(index, argument);
  expect(card.state).toBe(4);
  return { card, ask };
}

describe('identification', () => {
  test('every answer from power-on to the transfer state', () => {
    const { ask, card } = powerOn();
    expect(ask(0)).toBe(undefined);
    expect(ask(8, 0x1aa)).toBe(0x0000_01aa);
    expect(ask(55)).toBe(0x0000_0120);
    expect(ask(41, 0)).toBe(0x00ff_8000);
    expect(ask(55)).toBe(0x0000_0120);
    expect(ask(41, 0x4018_0000)).toBe(0xc0ff_8000);
    expect(ask(2)).toHaveLength(4);
    expect(ask(3)).toBe(0x0001_0500);
    expect(ask(9, 0x0001_0000)).toEqual([0x800a_4000, 0x0000_017f, 0x325b_5900, 0x0040_0e00]);
    expect(ask(7, 0x0001_0000)).toBe(0x0000_0700);
    expect(ask(16, 512)).toBe(0x0000_0900);
    expect(card.state).toBe(4);
  });

  test('it takes as many requests as told until the card is ready; a question is none', () => {
    const { ask } = powerOn({ readyAfter: 3 });
    ask(8, 0x1aa);
    const answers = [0, 0x4018_0000, 0x4018_0000, 0, 0x4018_0000].map((argument) => {
      ask(55);
      return ask(41, argument);
    });
    expect(answers).toEqual([0x00ff_8000, 0x00ff_8000, 0x00ff_8000, 0x00ff_8000, 0xc0ff_8000]);
  });

  test.each([
    ['without SEND_IF_COND', false, 0x4018_0000],
    ['without HCS', true, 0x0018_0000],
  ])('a card of high capacity stays busy for a host %s', (_, asks, argument) => {
    const { ask, card } = powerOn();
    if (asks) ask(8, 0x1aa);
    for (let i = 0; i < 3; i++) {
      ask(55);
      expect(ask(41, argument)).toBe(0x00ff_8000);
    }
    expect(card.state).toBe(0);
  });

  test('a card of standard capacity needs neither, and says so', () => {
    const { ask } = powerOn({ highCapacity: false });
    ask(55);
    expect(ask(41, 0x0018_0000)).toBe(0x80ff_8000);
  });

  test('a voltage that the card does not have: no answer to SEND_IF_COND, and silence after SD_SEND_OP_COND', () => {
    const { ask } = powerOn();
    expect([ask(8, 0x2aa), ask(8, 0x1aa)]).toEqual([undefined, 0x1aa]);
    ask(55);
    expect([ask(41, 0x0000_0080), ask(0), ask(8, 0x1aa), ask(55)]).toEqual(Array(4).fill(undefined));
  });

  test('the address changes with every SEND_RELATIVE_ADDR, and starts over with GO_IDLE_STATE', () => {
    const { ask, card } = selected();
    expect(ask(7, 0)).toBe(undefined);
    expect(ask(3)).toBe(0x0002_0700);
    expect([ask(13, 0x0001_0000), ask(13, 0x0002_0000)]).toEqual([undefined, 0x0000_0700]);
    ask(0);
    expect([card.state, ask(55, 0x0002_0000), ask(55, 0)]).toEqual([0, undefined, 0x0000_0120]);
  });
});

test('GO_IDLE_STATE forgets requests, the condition, lines, block length and errors', () => {
  const { ask, card } = selected({ highCapacity: false, readyAfter: 1 });
  ask(55, 0x0001_0000);
  ask(6, 2);
  ask(16, 256);
  ask(2);
  ask(0);
  expect([card.state, card.lines, ask(55)]).toEqual([0, 1, 0x120]);
  for (const [index, argument] of [
    [41, 0x0018_0000],
    [2, 0],
    [3, 0],
    [7, 0x0001_0000],
  ] as const)
    ask(index, argument);
  expect(ask(17, 0)).toBe(0x900);
  const slow = powerOn({ readyAfter: 2 });
  const request = () => {
    slow.ask(55);
    return slow.ask(41, 0x4018_0000);
  };
  slow.ask(8, 0x1aa);
  request();
  slow.ask(0);
  expect([request(), request(), request()]).toEqual([0x00ff_8000, 0x00ff_8000, 0x00ff_8000]);
  slow.ask(0);
  slow.ask(8, 0x1aa);
  expect([request(), request()]).toEqual([0x00ff_8000, 0xc0ff_8000]);
});

describe('refusals', () => {
  // Each state, how to get there from power-on, and the commands that it does not know.
  const toReady = [
    [8, 0x1aa],
    [55, 0],
    [41, 0x4018_0000],
  ] as const;
  const toIdent = [...toReady, [2, 0]] as const;
  const toStandby = [...toIdent, [3, 0]] as const;
  const toTransfer = [...toStandby, [7, 0x0001_0000]] as const;
  test.each([
    ['idle', [], [2, 3, 6, 7, 9, 10, 12, 13, 16, 17, 18, 23, 24, 25, 41, 51]],
    ['ready', toReady, [3, 7, 8, 9, 12, 13, 16, 17, 18, 24, 25, 55]],
    ['ident', toIdent, [2, 7, 8, 9, 12, 13, 16, 17, 18, 24, 25, 55]],
    ['standby', toStandby, [2, 6, 8, 12, 16, 17, 18, 23, 24, 25, 41]],
    ['transfer', toTransfer, [1, 2, 3, 7, 8, 9, 10, 12, 41, 51, 63]],
    ['data', [...toTransfer, [18, 0]], [2, 3, 8, 9, 16, 17, 18, 24, 25]],
    ['receive', [...toTransfer, [25, 0]], [2, 3, 7, 8, 9, 16, 17, 18, 24, 25]],
  ] as const)('%s: no answer to what is illegal there, and the state stays', (_, path, illegal) => {
    for (const index of illegal) {
      const { card, ask } = powerOn();
      for (const [before, argument] of path) ask(before, argument);
      const { state } = card;
      expect(ask(index, 0x0001_0000), `CMD${index}`).toBe(undefined);
      expect(card.state, `CMD${index}`).toBe(state);
    }
  });

  test('an illegal command shows in the next status, once', () => {
    const { ask } = selected();
    expect([ask(2), ask(13, 0x0001_0000), ask(13, 0x0001_0000)]).toEqual([undefined, 0x0040_0900, 0x0000_0900]);
    ask(2);
    expect(ask(7, 0)).toBe(undefined);
    expect(ask(3)).toBe(0x0002_4700);
  });

  test('a command to another card is neither answered nor an error', () => {
    const { ask } = selected();
    expect([ask(13, 0x0005_0000), ask(55, 0), ask(13, 0x0001_0000)]).toEqual([undefined, undefined, 0x0000_0900]);
  });

  test('APP_CMD is good for one command', () => {
    const { ask } = powerOn();
    ask(8, 0x1aa);
    ask(55);
    expect([ask(41, 0), ask(41, 0), ask(55)]).toEqual([0x00ff_8000, undefined, 0x0040_0120]);
  });

  test.each([
    ['a sector beyond the card', {}, 18, 2048, 0x8000_0900],
    ['a byte address inside a sector', { highCapacity: false }, 18, 100, 0x4000_0900],
    ['a write to a protected card', { disk: disk(2048, { readOnly: true }) }, 25, 0, 0x0400_0900],
    ['a block length of 0', {}, 16, 0, 0x2000_0900],
    ['a block length of 513', {}, 16, 513, 0x2000_0900],
  ])('%s is refused in the status, and nothing begins', (_, options, index, argument, status) => {
    const { ask, card } = selected(options);
    expect([ask(index, argument), card.state, card.transfer]).toEqual([status, 4, undefined]);
  });

  test('a block length that the transfer does not have counts for a card of standard capacity', () => {
    const { ask } = selected({ highCapacity: false });
    expect([ask(16, 256), ask(17, 0), ask(16, 512), ask(17, 0)]).toEqual([0x900, 0x2000_0900, 0x900, 0x900]);
  });
});

describe('registers', () => {
  test('checksums', () => {
    expect(crc7(Uint8Array.of(0x40, 0, 0, 0, 0))).toBe(0x4a);
    expect(crc7(Uint8Array.of(0x48, 0, 0, 1, 0xaa))).toBe(0x43);
  });

  test.each([
    [2048, false, '400e00325b59000000017f800a400057', 2048],
    [32768, false, '400e00325b590000001f7f800a4000d5', 32768],
    [2048, true, '400e00325b59000000017f800a401065', 2048],
    [1032, false, '400e00325b59000000017f800a400057', 2048],
  ])('CSD of a disk of %d sectors, read-only %s', (sectors, readOnly, hex, told) => {
    const card = new SdCard(disk(sectors, { readOnly }));
    for (const [index, argument] of [
      [8, 0x1aa],
      [55, 0],
      [41, 0x4018_0000],
      [2, 0],
      [3, 0],
    ] as const)
      card.command(index, argument);
    const response = card.command(9, 0x0001_0000);
    const register = response?.kind === 'R2' ? response.register : new Uint8Array();
    expect([Buffer.from(register).toString('hex'), card.sectors]).toEqual([hex, told]);
    // A host sees all but the last byte.
    const seen = registerOfResponse(responseWords(register));
    expect(Buffer.from(seen).toString('hex')).toBe(`${hex.slice(0, 30)}00`);
    expect(decodeCsd(seen)).toEqual({ structure: 1, sectors: told, writeProtected: readOnly });
  });

  test.each([1024, 2048, 1_000_448, 2_097_152])('CSD of version 1 for %d sectors', (sectors) => {
    const { ask } = powerOn({ highCapacity: false, disk: { ...disk(8), sectors } });
    for (const [index, argument] of [
      [55, 0],
      [41, 0x0018_0000],
      [2, 0],
      [3, 0],
    ] as const)
      ask(index, argument);
    const words = ask(9, 0x0001_0000) as number[];
    expect(words[3]).toBe(0x0000_0e00);
    expect(decodeCsd(registerOfResponse(words))).toEqual({ structure: 0, sectors, writeProtected: false });
  });

  test('a disk that no CSD can describe', () => {
    expect(() => new SdCard({ ...disk(8), sectors: 2_097_160 }, { highCapacity: false })).toThrow(RangeError);
    expect(() => new SdCard({ ...disk(8), sectors: 2 ** 32 + 8 })).toThrow(RangeError);
  });

  test('CID: ready and standby give the same', () => {
    const { ask } = powerOn();
    for (const [index, argument] of [
      [8, 0x1aa],
      [55, 0],
      [41, 0x4018_0000],
    ] as const)
      ask(index, argument);
    const cid = ask(2) as number[];
    ask(3);
    expect(ask(10, 0x0001_0000)).toEqual(cid);
    expect(decodeCid(registerOfResponse(cid))).toEqual({
      manufacturer: 0xfe,
      oem: 'VM',
      product: 'VMFS0',
      revision: 0x10,
      serial: 1,
      year: 2024,
      month: 1,
    });
  });

  test('SCR, SD status and SWITCH_FUNC are one block each, after which the card is back', () => {
    const { ask, card } = selected();
    const block = () => {
      const bytes = card.transfer?.kind === 'register' ? Buffer.from(card.transfer.bytes).toString('hex') : '';
      expect(card.state).toBe(5);
      card.moved(1);
      expect(card.state).toBe(4);
      return bytes;
    };
    ask(55, 0x0001_0000);
    expect(ask(51)).toBe(0x0000_0920);
    expect(block()).toBe('0205800200000000');
    ask(55, 0x0001_0000);
    expect([ask(6, 2), card.lines]).toEqual([0x0000_0920, 4]);
    ask(55, 0x0001_0000);
    ask(13);
    expect(block()).toMatch(/^80000000000000000400{109}$/);
    expect(ask(6, 0x00ff_fff1)).toBe(0x0000_0900);
    expect(block()).toMatch(/^0064(8001){6}00000f000{92}$/);
  });
});

describe('blocks', () => {
  test('an open-ended transfer ends with STOP_TRANSMISSION, a counted one by itself', () => {
    const { ask, card } = selected();
    expect(ask(18, 8)).toBe(0x0000_0900);
    card.moved(4);
    expect([card.state, ask(12), card.state]).toEqual([5, 0x0000_0b00, 4]);
    expect(ask(25, 8)).toBe(0x0000_0900);
    card.moved(4);
    expect([card.state, ask(12), card.state]).toEqual([6, 0x0000_0d00, 4]);
    ask(23, 4);
    ask(18, 8);
    card.moved(4);
    expect(card.state).toBe(4);
    // The count is for the command that follows it, no other.
    ask(23, 4);
    ask(13, 0x0001_0000);
    ask(18, 8);
    expect(card.transfer).toMatchObject({ kind: 'read', sector: 8, multiple: true, count: undefined });
  });

  test('a card of standard capacity counts bytes', () => {
    const { ask, card } = selected({ highCapacity: false });
    ask(17, 512 * 9);
    expect(card.transfer).toMatchObject({ kind: 'read', sector: 9 });
  });

  test('what the disk lacks of the card reads as zeros and takes nothing; beyond the card is nothing', () => {
    const { card } = selected({ disk: disk(1032) });
    const bytes = new Uint8Array(1024).fill(0xee);
    card.readBlocks(1031, bytes);
    expect([bytes[0], bytes[511], bytes[512], bytes[1023]]).toEqual([7, 7, 0, 0]);
    card.readBlocks(2046, bytes);
    expect(bytes.every((byte) => byte === 0)).toBe(true);
    expect(() => card.writeBlocks(1031, bytes)).toThrow(RangeError);
    card.readBlocks(1031, bytes);
    expect(bytes[0]).toBe(7);
    expect(() => card.readBlocks(2047, bytes)).toThrow(RangeError);
    expect(card.command(13, 0x0001_0000)).toEqual({ kind: 'R1', word: 0x8000_0900 });
  });

  test('a write is on the medium when it returns', () => {
    const calls: string[] = [];
    const { card } = selected({
      disk: disk(2048, { write: () => calls.push('write'), flush: () => calls.push('flush') }),
    });
    card.writeBlocks(0, new Uint8Array(512));
    expect(calls).toEqual(['write', 'flush']);
  });
});
