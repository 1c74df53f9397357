/** A host's view of the uSDHC with a card: registers and command words as digits from the manuals, never from src/specs. */
import { Dma } from '../device';
import { type Disk, MemoryDisk } from '../disk';
import { SdCard, type SdCardOptions } from '../sd_card';
import { Usdhc } from '../usdhc';

export const RAM = 0x4000_0000;
export const RAM_SIZE = 0x1_0000;
const GUARD = 0x1000;

/** Command words: index, data present, checks, response type. */
export const XFR = {
  CMD0: 0x0000_0000,
  CMD2: 0x0209_0000,
  CMD3: 0x031a_0000,
  CMD7: 0x071b_0000,
  CMD8: 0x081a_0000,
  CMD9: 0x0909_0000,
  CMD12: 0x0cdb_0000,
  CMD13: 0x0d1a_0000,
  CMD16: 0x101a_0000,
  CMD17: 0x113a_0000,
  CMD18: 0x123a_0000,
  CMD23: 0x171a_0000,
  CMD24: 0x183a_0000,
  CMD25: 0x193a_0000,
  ACMD6: 0x061a_0000,
  ACMD41: 0x2902_0000,
  ACMD51: 0x333a_0000,
  CMD55: 0x371a_0000,
} as const;

/** Sectors of which each is filled with one byte that is not zero. */
export function patterned(sectors: number): Uint8Array {
  const image = new Uint8Array(sectors * 512);
  for (let sector = 0; sector < sectors; sector++) image.fill(patternOf(sector), sector * 512, sector * 512 + 512);
  return image;
}

export const patternOf = (sector: number): number => (sector % 251) + 1;

/** Which byte fills each sector of a run of memory; undefined for a mixture. */
export const fills = (bytes: Uint8Array) =>
  Array.from({ length: bytes.length / 512 }, (_, i) => {
    const sector = bytes.subarray(512 * i, 512 * i + 512);
    return sector.every((byte) => byte === sector[0]) ? sector[0] : undefined;
  });

export interface HostOptions extends SdCardOptions {
  readonly disk?: Disk;
  readonly sectors?: number;
  readonly empty?: boolean;
}

export function host({ disk, sectors = 2048, empty, ...options }: HostOptions = {}) {
  const image = patterned(sectors);
  const medium = disk ?? new MemoryDisk(image);
  const card = new SdCard(medium, options);
  // A page before and after the window, which no transfer may touch.
  const memory = new Uint8Array(new SharedArrayBuffer(RAM_SIZE + 2 * GUARD));
  const ram = memory.subarray(GUARD, GUARD + RAM_SIZE);
  const guards = [memory.subarray(0, GUARD), memory.subarray(GUARD + RAM_SIZE)];
  const levels = [false];
  const irq = { level: (high: boolean) => void (levels.at(-1) !== high && levels.push(high)) };
  const dma = new Dma([{ paddr: RAM, bytes: ram }]);
  const usdhc = new Usdhc(empty ? undefined : card, dma, irq);
  const read = (offset: number) => usdhc.read32(offset);
  const write = (offset: number, value: number) => usdhc.write32(offset, value);

  /** Sends a command and returns INT_STATUS, which it acknowledges. */
  const send = (xfr: number, argument = 0): number => {
    write(0x08, argument);
    write(0x0c, xfr);
    const status = read(0x30);
    write(0x30, 0xffff_ffff);
    return status;
  };

  /** Clock to 400 kHz, 80 clocks, interrupt enables, modes. */
  const startController = () => {
    write(0x34, 0);
    write(0x38, 0);
    write(0xc0, read(0xc0) & ~0x100);
    write(0x2c, read(0x2c) | 0x0100_0000);
    write(0x2c, (read(0x2c) & ~0x000f_fff0) | 0x000f_10b0);
    write(0x2c, read(0x2c) | 0x0800_0000);
    write(0x34, 0x117f_0003);
    write(0x38, 0x117f_0003);
    write(0xc4, 0);
    write(0x48, 0x27);
    write(0x44, 0x0001_0001);
    write(0x28, 0x20);
  };

  /** The card from power-on to the transfer state; returns its address. */
  const identify = (hcs = 0x4018_0000): number => {
    send(XFR.CMD0);
    send(XFR.CMD8, 0x1aa);
    do {
      send(XFR.CMD55);
      send(XFR.ACMD41, hcs);
    } while (read(0x10) < 0x8000_0000);
    send(XFR.CMD2);
    send(XFR.CMD3);
    const rca = read(0x10) >>> 16;
    write(0x2c, (read(0x2c) & ~0x000f_fff0) | 0x000f_0050);
    send(XFR.CMD9, rca * 0x1_0000);
    send(XFR.CMD7, rca * 0x1_0000);
    return rca;
  };

  const bringUp = () => {
    startController();
    return identify();
  };

  /** Several blocks with the simple DMA at the start of memory; returns INT_STATUS. */
  const transfer = (direction: 'read' | 'write', sector: number, count: number, address = RAM): number => {
    send(XFR.CMD16, 512);
    write(0x04, 512);
    write(0x00, address);
    write(0x48, direction === 'read' ? 0x37 : 0x27);
    write(0x04, (count * 0x1_0000 + 512) >>> 0);
    return send(direction === 'read' ? XFR.CMD18 : XFR.CMD25, sector);
  };

  return { image, card, ram, guards, usdhc, levels, read, write, send, startController, identify, bringUp, transfer };
}
