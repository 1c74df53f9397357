/** The MMC driver before the real controller and card, and before cards that are not as they should be. */
import { describe, expect, test } from 'vitest';
import { blockDriverBench } from '../../e2e/sim/block_driver_bench';
import { blockDriverConformance } from '../../e2e/sim/block_driver_conformance';
import { Dma } from '../../src/hw/device';
import { type Disk, MemoryDisk } from '../../src/hw/disk';
import { SdCard } from '../../src/hw/sd_card';
import { Usdhc } from '../../src/hw/usdhc';
import type { Environment, Program } from '../../src/libmicrokit/pd';
import { blkServer } from '../../src/protocol/blk_queue';
import { BlkDriverImx } from './driver';
import type { Mmio } from './sd_host';

const programOver =
  (device: (env: Environment) => Mmio): Program =>
  (env) =>
    new BlkDriverImx(env.kernel, device(env), {
      virt: env.channel('virt'),
      irq: env.channel('irq'),
      timer: env.channel('timer'),
      info: env.region('storage_info'),
      ...blkServer(env.region('request'), env.region('response')),
    });

const withCard = (card: SdCard | undefined) => (env: Environment) =>
  new Usdhc(card, new Dma(env.dma), env.kernel.irqLine(env.channel('irq')));

const SETUP = { own: [], trigger: 'level' } as const;

blockDriverConformance({
  ...SETUP,
  name: 'blk_driver_imx',
  durable: 'after each write',
  program: (disk: Disk) => programOver(withCard(new SdCard(disk))),
});

/** The same registers, with what is written to those of interest noted. */
class Traced implements Mmio {
  readonly commands: string[] = [];
  readonly clocks: string[] = [];
  #argument = 0;

  constructor(readonly device: Mmio) {}

  read32(offset: number): number {
    return this.device.read32(offset);
  }

  write32(offset: number, value: number): void {
    if (offset === 0x08) this.#argument = value;
    if (offset === 0x0c) this.commands.push(`${hex(value)} ${hex(this.#argument)}`);
    if (offset === 0x2c) this.clocks.push(hex(value & 0xffff0));
    this.device.write32(offset, value);
  }
}

const hex = (value: number) => value.toString(16).padStart(8, '0');

async function traced(card: SdCard) {
  let trace!: Traced;
  const bench = await blockDriverBench(
    SETUP,
    programOver((env) => {
      trace = new Traced(withCard(card)(env));
      return trace;
    }),
    1,
  );
  return { bench, trace };
}

const memory = (blocks = 128) => new MemoryDisk(new Uint8Array(blocks * 4096));

describe('bring-up', () => {
  test("is the original's command sequence, then four data lines", async () => {
    const { commands, clocks } = (await traced(new SdCard(memory()))).trace;
    expect(commands.slice(0, 4)).toEqual([
      '00000000 00000000', // CMD0
      '081a0000 000001aa', // CMD8
      '371a0000 00000000', // CMD55
      '29020000 00000000', // ACMD41, an inquiry
    ]);
    const ready = commands.indexOf('02090000 00000000');
    const polls = commands.slice(4, ready);
    expect(polls.length).toBeGreaterThan(0);
    expect(polls).toEqual(
      Array(polls.length / 2)
        .fill(['371a0000 00000000', '29020000 40180000'])
        .flat(),
    );
    const rca = commands[ready + 2]!.slice(9);
    expect(rca).toMatch(/^(?!0000)[0-9a-f]{4}0000$/);
    expect(commands.slice(ready)).toEqual([
      '02090000 00000000', // CMD2
      '031a0000 00000000', // CMD3
      `09090000 ${rca}`, // CMD9
      `071b0000 ${rca}`, // CMD7
      `371a0000 ${rca}`, // CMD55
      '061a0000 00000002', // ACMD6
    ]);
    expect(clocks).toContain('000f10b0');
    expect(clocks).toContain('000f0050');
  });

  test('transfers are CMD16 and CMD18 or CMD25, by sector for a card of high capacity', async () => {
    const { bench, trace } = await traced(new SdCard(memory()));
    const before = trace.commands.length;
    bench.ask([
      { code: 0, block: 3, count: 2, at: 0 },
      { code: 1, block: 5, count: 1, at: 0 },
    ]);
    expect(trace.commands.slice(before)).toEqual([
      '101a0000 00000200',
      '123a0000 00000018',
      '101a0000 00000200',
      '193a0000 00000028',
    ]);
  });
});

test('without a card there is no disk, one line says so, and requests are answered', async () => {
  const bench = await blockDriverBench(SETUP, programOver(withCard(undefined)), 1);
  expect(bench.info.view.getUint8(65), 'ready').toBe(1);
  expect(bench.info.view.getBigUint64(80, true), 'capacity').toBe(0n);
  expect(bench.simulator.debug).toMatch(/^blk_driver\|ERROR: no usable card: [^\r\n]+\r\n$/);
  expect(bench.ask([{ code: 0, block: 0, count: 1, at: 0, id: 7 }])).toEqual([{ status: 4, success_count: 0, id: 7 }]);
});
