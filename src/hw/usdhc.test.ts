/** The host controller as a driver sees it: registers and command words as digits from [i.MX8MDQLQRM], never from src/specs. */
import { describe, expect, test } from 'vitest';
import { type Disk, MemoryDisk } from './disk';
import { FaultyDisk } from './faulty_disk';
import { fills, host, patterned, patternOf, RAM, RAM_SIZE, XFR } from './testing/usdhc_host';

const CC = 0x1;
const CC_TC = 0x3;
const CTOE = 0x0001_0000;
const DTOE = 0x0010_0000;
const DCE = 0x0020_0000;
const AC12E = 0x0100_0000;
const DMAE = 0x1000_0000;

describe('bring-up', () => {
  test('registers after power-on', () => {
    const { read } = host();
    const offsets = [0x00, 0x04, 0x28, 0x2c, 0x30, 0x34, 0x38, 0x40, 0x44, 0x48, 0x60, 0xc0, 0xfc, 0x1000, -4, 0x41];
    expect(offsets.map(read)).toEqual([
      0, 0x0001_0000, 0x0880_0020, 0x0080_800f, 0, 0, 0, 0x07f3_b407, 0x0810_0810, 0x8000_0000, 0, 0x2000_7809, 0, 0, 0,
      0,
    ]);
    // Clock stable, card inserted, not protected, lines high, nothing in use.
    expect(read(0x24)).toBe(0x0f89_0008);
    expect(host({ empty: true }).read(0x24)).toBe(0x0008_0008);
  });

  test('resets read 0, INITA reads 1 until the next command, the clock fields stay', () => {
    const { read, write, send, startController } = host();
    startController();
    expect(read(0x2c)).toBe(0x088f_10bf);
    expect(send(XFR.CMD0)).toBe(CC);
    expect(read(0x2c)).toBe(0x008f_10bf);
    write(0x2c, 0x1f0f_0050);
    expect(read(0x2c)).toBe(0x0080_800f);
    expect([read(0x34), read(0x28), read(0x48)]).toEqual([0, 0x0880_0020, 0x27]);
  });

  test('every step of the identification, its interrupt and its answer', () => {
    const { read, write, send, startController, levels } = host();
    startController();
    const step = (xfr: number, argument: number) => [send(xfr, argument), read(0x10)];
    expect(send(XFR.CMD0)).toBe(CC);
    expect(step(XFR.CMD8, 0x1aa)).toEqual([CC, 0x1aa]);
    expect(step(XFR.CMD55, 0)).toEqual([CC, 0x120]);
    expect(step(XFR.ACMD41, 0)).toEqual([CC, 0x00ff_8000]);
    expect(step(XFR.CMD55, 0)).toEqual([CC, 0x120]);
    expect(step(XFR.ACMD41, 0x4018_0000)).toEqual([CC, 0xc0ff_8000]);
    expect(step(XFR.CMD2, 0)[0]).toBe(CC);
    expect(step(XFR.CMD3, 0)).toEqual([CC, 0x0001_0500]);
    expect(send(XFR.CMD9, 0x0001_0000)).toBe(CC);
    expect([0x10, 0x14, 0x18, 0x1c].map(read)).toEqual([0x800a_4000, 0x0000_017f, 0x325b_5900, 0x0040_0e00]);
    // The busy response to SELECT_CARD is no transfer: TC must not come.
    expect(step(XFR.CMD7, 0x0001_0000)).toEqual([CC, 0x700]);
    expect(step(XFR.CMD16, 512)).toEqual([CC, 0x900]);
    expect(levels).toEqual([false, ...Array(11).fill([true, false]).flat()]);
    write(0x0c, XFR.CMD0);
    expect([read(0x24) & 7, levels.at(-1)]).toEqual([0, true]);
  });

  test('an empty slot: a timeout for what wants an answer', () => {
    const { send, startController } = host({ empty: true });
    startController();
    expect([send(XFR.CMD0), send(XFR.CMD8, 0x1aa), send(XFR.CMD18)]).toEqual([CC, CTOE, CTOE]);
  });

  test('writes to the delay lines at 0x58 to 0x78 have no effect on anything', () => {
    const { bringUp, write, read, transfer } = host();
    bringUp();
    for (let offset = 0x5c; offset <= 0x78; offset += 4) {
      write(offset, 0xffff_ffff);
      expect(read(offset)).toBe(0);
    }
    write(0x58, 0xffff_ffff);
    expect(transfer('read', 0, 8)).toBe(CC_TC);
  });
});

describe('simple DMA', () => {
  test('a read: the data, both events together, the count used up, the address moved on, the card back', () => {
    const { bringUp, transfer, ram, read, card, levels } = host();
    bringUp();
    const before = levels.length;
    expect(transfer('read', 100, 8, RAM + 0x1000)).toBe(CC_TC);
    expect(fills(ram.subarray(0x1000, 0x2000))).toEqual([101, 102, 103, 104, 105, 106, 107, 108]);
    expect([ram[0xfff], ram[0x2000]]).toEqual([0, 0]);
    expect([read(0x04), read(0x00), read(0x24) & 7]).toEqual([512, RAM + 0x2000, 0]);
    // R1 of the read, and that of the automatic stop.
    expect([read(0x10), read(0x1c), read(0x3c), card.state]).toEqual([0x900, 0xb00, 0, 4]);
    expect(levels.slice(before)).toEqual([true, false, true, false]);
  });

  test('a write changes exactly its sectors', () => {
    const { bringUp, transfer, ram, image, read } = host();
    bringUp();
    ram.fill(0xee, 0x400, 0x800);
    expect(transfer('write', 2046, 2, RAM + 0x400)).toBe(CC_TC);
    expect(read(0x1c)).toBe(0xd00);
    const expected = patterned(2048).fill(0xee, 2046 * 512);
    expect(Buffer.from(image).equals(Buffer.from(expected))).toBe(true);
  });

  test('one block, and bytes as addresses', () => {
    const { bringUp, write, send, ram } = host({ highCapacity: false });
    bringUp();
    write(0x00, RAM);
    write(0x48, 0x11);
    write(0x04, 0x0001_0200);
    expect(send(XFR.CMD17, 5 * 512)).toBe(CC_TC);
    write(0x00, RAM + 512);
    write(0x48, 0x01);
    expect(send(XFR.CMD24, 7 * 512)).toBe(CC_TC);
    expect(fills(ram.subarray(0, 1024))).toEqual([patternOf(5), 0]);
  });

  test('one block needs no automatic stop; the address has no bits 1 and 0, the block size has 13', () => {
    const { bringUp, write, read, send, card } = host();
    bringUp();
    write(0x00, RAM + 3);
    write(0x48, 0x15);
    write(0x04, 0x0001_e200);
    expect([read(0x00), read(0x04)]).toEqual([RAM, 0x0001_0200]);
    expect([send(XFR.CMD17, 5), read(0x3c), card.state]).toEqual([CC_TC, 0, 4]);
  });

  test('without the automatic stop the card goes on until it is told; a counted transfer needs no stop, and objects', () => {
    const { bringUp, write, send, card, read } = host();
    bringUp();
    write(0x00, RAM);
    write(0x48, 0x33);
    write(0x04, 0x0002_0200);
    expect([send(XFR.CMD18, 0), card.state]).toEqual([CC_TC, 5]);
    expect([send(XFR.CMD12), read(0x10), card.state]).toEqual([CC, 0xb00, 4]);
    write(0x04, 0x0002_0200);
    send(XFR.CMD23, 2);
    expect([send(XFR.CMD18, 0), card.state]).toEqual([CC_TC, 4]);
    write(0x04, 0x0002_0200);
    write(0x48, 0x37);
    send(XFR.CMD23, 2);
    expect([send(XFR.CMD18, 0), read(0x3c)]).toEqual([CC | AC12E, 2]);
    // The next command clears what went wrong with the stop.
    expect([send(XFR.CMD13, 0x0001_0000), read(0x10), read(0x3c)]).toEqual([CC, 0x0040_0900, 0]);
    write(0x04, 0x0003_0200);
    send(XFR.CMD23, 2);
    expect([send(XFR.CMD18, 0), card.state]).toEqual([CC | DTOE, 5]);
  });

  test('a register of the card is one block of its size; four lines need both sides', () => {
    const { bringUp, write, send, ram, transfer } = host();
    const rca = bringUp() * 0x1_0000;
    write(0x00, RAM);
    write(0x48, 0x11);
    write(0x04, 0x0001_0008);
    send(XFR.CMD55, rca);
    expect(send(XFR.ACMD51)).toBe(CC_TC);
    expect(Buffer.from(ram.slice(0, 8)).toString('hex')).toBe('0205800200000000');
    send(XFR.CMD55, rca);
    send(XFR.ACMD6, 2);
    expect(transfer('read', 0, 1)).toBe(CC | DCE);
    send(XFR.CMD12);
    write(0x28, 0x22);
    expect(transfer('read', 0, 1)).toBe(CC_TC);
  });
});

describe('refusals', () => {
  const start = () => {
    const machine = host();
    machine.bringUp();
    machine.write(0x00, RAM);
    machine.write(0x48, 0x37);
    machine.write(0x04, 0x0008_0200);
    return machine;
  };
  test.each<[string, [number, number][], number, number, number]>([
    ['a direction that is not the command’s', [[0x48, 0x27]], XFR.CMD18, 0, DTOE],
    ['a read for a write', [], XFR.CMD25, 0, DTOE],
    ['one block for a command of several', [[0x48, 0x17]], XFR.CMD18, 0, DTOE],
    ['several blocks for a command of one', [], XFR.CMD17, 0, DTOE],
    ['data without DMA', [[0x48, 0x36]], XFR.CMD18, 0, DTOE],
    ['blocks without end', [[0x48, 0x35]], XFR.CMD18, 0, DTOE],
    ['no blocks', [[0x04, 0x0000_0200]], XFR.CMD18, 0, DTOE],
    ['no block length', [[0x04, 0x0008_0000]], XFR.CMD18, 0, DTOE],
    ['a block length of 1024', [[0x04, 0x0008_0400]], XFR.CMD18, 0, DTOE],
    ['data for a command without', [], XFR.CMD16 | 0x0020_0000, 512, DTOE],
    ['a start beyond the card', [], XFR.CMD18, 2048, DTOE],
    ['a start far beyond the card', [], XFR.CMD18, 0xffff_ffff, DTOE],
    ['an end beyond the card', [], XFR.CMD18, 2041, DTOE],
    ['65535 blocks', [[0x04, 0xffff_0200]], XFR.CMD18, 0, DTOE],
    ['memory that is not there', [[0x00, 0]], XFR.CMD18, 0, DMAE],
    ['memory that ends too early', [[0x00, RAM + RAM_SIZE - 4092]], XFR.CMD18, 0, DMAE],
    ['ADMA1', [[0x28, 0x120]], XFR.CMD18, 0, DMAE],
  ])('%s: no TC and nothing moves', (_, writes, xfr, argument, error) => {
    const { write, send, ram, image, read } = start();
    for (const [offset, value] of writes) write(offset, value);
    expect([send(xfr, argument), read(0x24) & 7]).toEqual([CC | error, 0]);
    expect(ram.every((byte) => byte === 0)).toBe(true);
    expect(Buffer.from(image).equals(Buffer.from(patterned(2048)))).toBe(true);
  });

  test('after a refusal a stop and the next request work', () => {
    const { transfer, send, card, read } = start();
    expect([transfer('read', 2041, 8), card.state]).toEqual([CC | DTOE, 5]);
    // The status tells that the card has no such sectors.
    expect([send(XFR.CMD12), read(0x10)]).toEqual([CC, 0x8000_0b00]);
    expect(transfer('read', 2040, 8)).toBe(CC_TC);
  });

  test('what the disk lacks of the card reads as zeros, and a write there times out', () => {
    const { bringUp, transfer, ram, send } = host({ sectors: 1032 });
    bringUp();
    ram.fill(0xee);
    expect(transfer('read', 1031, 2)).toBe(CC_TC);
    expect(fills(ram.subarray(0, 1024))).toEqual([patternOf(1031), 0]);
    expect(transfer('write', 1032, 1)).toBe(CC | DTOE);
    send(XFR.CMD12);
    expect(transfer('write', 1031, 1)).toBe(CC_TC);
  });

  test('a command in the wrong order: CTOE without CC, and the next status tells', () => {
    const { send, read } = start();
    expect([send(XFR.CMD2), send(XFR.CMD13, 0x0001_0000), read(0x10)]).toEqual([CTOE, CC, 0x0040_0900]);
  });

  test('an answer of another kind than CMD_XFR_TYP says', () => {
    const { startController, send } = host();
    startController();
    expect(send(0x0809_0000, 0x1aa)).toBe(0x0004_0000);
    send(XFR.CMD55);
    expect(send(0x291a_0000)).toBe(0x000a_0000);
  });

  test('a protected card', () => {
    const memory = new MemoryDisk(patterned(2048));
    const disk: Disk = { sectors: 2048, readOnly: true, read: () => {}, write: () => {}, flush: () => memory.flush() };
    const { bringUp, transfer, read } = host({ disk });
    bringUp();
    expect([transfer('write', 0, 1), read(0x10), read(0x24) & 0x0008_0000]).toEqual([CC | DTOE, 0x0400_0900, 0]);
    expect(transfer('read', 0, 1)).toBe(CC_TC);
  });
});

describe('a medium that fails', () => {
  const failing = (mishap: 'error' | 'no answer') => {
    const fault = { on: false };
    const disk = new FaultyDisk(new MemoryDisk(patterned(2048)), () => (fault.on ? mishap : undefined));
    const machine = host({ disk });
    machine.bringUp();
    fault.on = true;
    return { ...machine, fault };
  };

  test.each(['read', 'write'] as const)('%s: DTOE without TC; after a stop the next request works', (kind) => {
    const { transfer, send, fault } = failing('error');
    expect(transfer(kind, 0, 8)).toBe(CC | DTOE);
    fault.on = false;
    send(XFR.CMD12);
    expect(transfer(kind, 0, 8)).toBe(CC_TC);
  });

  test('no answer: nothing is raised and the lines stay in use, until the medium gives up', () => {
    const { transfer, read, write, usdhc, levels, send } = failing('no answer');
    expect([transfer('write', 0, 8), read(0x24) & 7, levels.at(-1)]).toEqual([0, 7, false]);
    expect(send(XFR.CMD13, 0x0001_0000)).toBe(0);
    write(0x2c, 0x0800_0000);
    expect(read(0x2c)).toBe(0);
    usdhc.failHeld();
    expect([read(0x30), read(0x24) & 7, levels.at(-1)]).toEqual([DTOE, 0, true]);
    usdhc.failHeld();
    expect(read(0x30)).toBe(DTOE);
  });

  test.each([
    ['RSTD', 0x0400_0000, 0],
    ['RSTA', 0x0100_0000, 0],
    ['RSTC', 0x0200_0000, 6],
  ])('no answer, then %s', (_, reset, busy) => {
    const { transfer, read, write, usdhc } = failing('no answer');
    transfer('read', 0, 8);
    write(0x2c, reset);
    expect(read(0x24) & 7).toBe(busy);
    usdhc.failHeld();
    expect(read(0x30)).toBe(busy === 0 ? 0 : DTOE);
  });
});

describe('interrupts', () => {
  test('what is not enabled is not recorded; what is not signalled does not move the line', () => {
    const { startController, write, read, levels } = host();
    startController();
    write(0x34, 0);
    write(0x0c, XFR.CMD0);
    expect(read(0x30)).toBe(0);
    write(0x34, 1);
    write(0x38, 0);
    write(0x0c, XFR.CMD0);
    expect([read(0x30), levels]).toEqual([1, [false]]);
    write(0x38, 1);
    expect(levels).toEqual([false, true]);
    write(0x30, 2);
    expect([read(0x30), levels.at(-1)]).toEqual([1, true]);
    write(0x30, 1);
    expect([read(0x30), levels.at(-1)]).toEqual([0, false]);
  });

  test('forced events and resets of one line', () => {
    const { startController, write, read } = host();
    startController();
    write(0x50, 0xffff_ffff);
    expect([read(0x30), read(0x3c)]).toEqual([0x117f_0000, 0x9f]);
    write(0x30, 0xffff_ffff);
    write(0x0c, XFR.CMD0);
    write(0x2c, 0x0400_0000);
    expect(read(0x30)).toBe(1);
    write(0x2c, 0x0200_0000);
    expect(read(0x30)).toBe(0);
  });

  test('RSTD forgets the end of a transfer, not the command', () => {
    const { bringUp, write, read } = host();
    bringUp();
    for (const [offset, value] of [
      [0x00, RAM],
      [0x04, 0x0001_0200],
      [0x48, 0x37],
      [0x08, 0],
      [0x0c, XFR.CMD18],
    ] as const)
      write(offset, value);
    expect(read(0x30)).toBe(CC_TC);
    write(0x2c, 0x0400_0000);
    expect(read(0x30)).toBe(CC);
  });
});
