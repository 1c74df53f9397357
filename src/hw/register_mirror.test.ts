/** What is kept of a device's registers is what a driver would read, and looking disturbs nothing. */
import { describe, expect, test } from 'vitest';
import { ARM_TIMER, ARM_TIMER_REGISTERS, CNTP_CTL_EL0, CNTP_CVAL_EL0, CNTPCT_EL0 } from '../specs/arm_timer';
import { ENET, ENET_ECR } from '../specs/imx_enet';
import { ENET_REGISTERS } from '../specs/imx_enet_table';
import { GPT_CLKSRC_PERIPHERAL, GPT_CR, IMX_GPT, IMX_GPT_REGISTERS } from '../specs/imx_gpt';
import { IMX_UART, IMX_UART_REGISTERS, UCR1, UCR2 } from '../specs/imx_uart';
import { PL011, PL011_REGISTERS, UARTCR, UARTLCR_H } from '../specs/pl011';
import { bitField, type RegisterTable } from '../specs/registers';
import { USDHC, USDHC_REGISTERS } from '../specs/usdhc';
import { VIRTIO_MMIO } from '../specs/virtio_mmio';
import { VIRTIO_BLK_REGISTERS, VIRTIO_NET_REGISTERS } from '../specs/virtio_mmio_table';
import { ArmTimer } from './arm_timer';
import { ArmTimerMirror } from './arm_timer_mirror';
import { type Device, Dma } from './device';
import { MemoryDisk } from './disk';
import { ImxEnet } from './imx_enet';
import { ImxGpt } from './imx_gpt';
import { ImxUart } from './imx_uart';
import { Pl011 } from './pl011';
import { RegisterMirror } from './register_mirror';
import { SdCard } from './sd_card';
import { Usdhc } from './usdhc';
import { VirtioBlock } from './virtio_block';
import { VirtioNet } from './virtio_net';

const irq = { level() {} };
const deadLine = { write: (bytes: Uint8Array) => bytes.length, requestRoom() {} };
const keys = (text: string) => {
  let left = [...new TextEncoder().encode(text)];
  return {
    get length() {
      return left.length;
    },
    read(max: number) {
      const taken = Uint8Array.from(left.slice(0, max));
      left = left.slice(max);
      return taken;
    },
  };
};
const noWire = { send() {}, receive: () => undefined };
const disk = () => new MemoryDisk(new Uint8Array(64 * 512));

function mirrored(device: Device & { poll?(): void }, table: RegisterTable, peek?: (offset: number) => number) {
  const window = new Uint8Array(new SharedArrayBuffer(table.size));
  const mirror = new RegisterMirror(device, table, window, peek);
  const word = (offset: number) => new DataView(window.buffer).getUint32(offset, true);
  return { mirror, word, window };
}

/** Every register that can be read without an effect holds what a read gives. */
function expectSame({ mirror, word }: ReturnType<typeof mirrored>, device: Device): void {
  mirror.look();
  const readable = mirror.table.registers.filter(
    ({ access, width }) => (access === 'r' || access === 'rw') && width === 32,
  );
  expect(readable.length).toBeGreaterThan(3);
  for (const { name, offset } of readable) expect([name, word(offset)]).toEqual([name, device.read32(offset) >>> 0]);
}

test('the PL011: settings, flags and identity; a look takes no key', () => {
  const uart = new Pl011(irq, deadLine, keys('abc'));
  const copy = mirrored(uart, PL011_REGISTERS);
  copy.mirror.write32(PL011.UARTLCR_H, UARTLCR_H.FEN | UARTLCR_H.WLEN_8);
  copy.mirror.write32(PL011.UARTCR, UARTCR.UARTEN | UARTCR.TXE | UARTCR.RXE);
  for (let look = 0; look < 5; look++) expectSame(copy, uart);
  expect(copy.word(PL011.UARTLCR_H)).toBe(0x70);
  expect(copy.mirror.read32(PL011.UARTDR)).toBe(0x61);
  expect(copy.word(PL011.UARTDR)).toBe(0x61);
  copy.mirror.write32(PL011.UARTDR, 0x7a);
  expect(copy.word(PL011.UARTDR)).toBe(0x7a);
  copy.mirror.write32(PL011.UARTICR, 0x7ff);
  expect(copy.word(PL011.UARTICR)).toBe(0x7ff);
  expect(copy.mirror.read32(PL011.UARTDR)).toBe(0x62);
});

test('the i.MX UART: settings and flags; a look takes no key', () => {
  const uart = new ImxUart(irq, deadLine, keys('xy'));
  const copy = mirrored(uart, IMX_UART_REGISTERS);
  copy.mirror.write32(IMX_UART.UCR2, UCR2.SRST | UCR2.RXEN | UCR2.TXEN);
  copy.mirror.write32(IMX_UART.UCR1, UCR1.UARTEN);
  expectSame(copy, uart);
  expectSame(copy, uart);
  expect(copy.mirror.read32(IMX_UART.URXD)).toBe(0x8078);
  expect(copy.word(IMX_UART.URXD)).toBe(0x8078);
  expect(copy.mirror.read32(IMX_UART.URXD)).toBe(0x8079);
});

test('the GPT: a look does not let its counter run', () => {
  let now = 0;
  const levels: boolean[] = [];
  const gpt = new ImxGpt({ level: (high) => levels.push(high) }, () => now);
  const copy = mirrored(gpt, IMX_GPT_REGISTERS, (offset) => gpt.peek(offset));
  copy.mirror.write32(IMX_GPT.IR, 1);
  copy.mirror.write32(IMX_GPT.OCR1, 24);
  copy.mirror.write32(IMX_GPT.CR, GPT_CR.EN | GPT_CR.FRR | GPT_CLKSRC_PERIPHERAL);
  now = 2000;
  const before = levels.length;
  copy.mirror.look();
  expect(copy.word(IMX_GPT.CNT)).toBe(0);
  expect(levels).toHaveLength(before);
  gpt.poll();
  expectSame(copy, gpt);
  expect(copy.word(IMX_GPT.CNT)).toBe(48);
  expect(copy.word(IMX_GPT.SR)).toBe(1);
});

test('the uSDHC and the ENET: every register', () => {
  const usdhc = new Usdhc(new SdCard(disk()), new Dma([]), irq);
  const sd = mirrored(usdhc, USDHC_REGISTERS);
  sd.mirror.write32(USDHC.INT_STATUS_EN, 0x117f_01ff);
  sd.mirror.write32(USDHC.CMD_ARG, 0x1aa);
  sd.mirror.write32(USDHC.CMD_XFR_TYP, (8 << 24) | (2 << 16));
  expectSame(sd, usdhc);
  expect(sd.word(USDHC.CMD_RSP0)).toBe(0x1aa);
  expect(sd.word(USDHC.INT_STATUS)).toBe(1);
  const enet = new ImxEnet(noWire, Uint8Array.of(2, 3, 4, 5, 6, 7), new Dma([]), irq, () => 0);
  const net = mirrored(enet, ENET_REGISTERS);
  net.mirror.write32(ENET.ECR, ENET_ECR.DBSWP);
  expectSame(net, enet);
  expect(net.word(ENET.PALR)).toBe(0x0203_0405);
});

describe('virtio-mmio', () => {
  test('identity, configuration, and what was last written', () => {
    const { mmio } = new VirtioBlock(disk(), new Dma([]), irq);
    const copy = mirrored(mmio, VIRTIO_BLK_REGISTERS);
    copy.mirror.write32(VIRTIO_MMIO.Status, 1);
    copy.mirror.write32(VIRTIO_MMIO.QueueNotify, 5);
    expectSame(copy, mmio);
    expect(copy.word(VIRTIO_MMIO.MagicValue)).toBe(0x7472_6976);
    expect(copy.word(VIRTIO_MMIO.QueueNotify)).toBe(5);
    expect(copy.word(VIRTIO_MMIO.Config)).toBe(64);
  });

  test('a configuration that changes is shown with its generation, and only then', () => {
    const { mmio } = new VirtioBlock(disk(), new Dma([]), irq);
    const copy = mirrored(mmio, VIRTIO_BLK_REGISTERS);
    copy.mirror.look();
    mmio.options.config[0] = 65;
    copy.mirror.look();
    expect(copy.word(VIRTIO_MMIO.Config)).toBe(64);
    mmio.configChanged();
    copy.mirror.look();
    expect(copy.word(VIRTIO_MMIO.Config)).toBe(65);
  });

  test('each queue has its own registers, until the device is reset', () => {
    const { mmio } = new VirtioNet(noWire, Uint8Array.of(0x52, 0x54, 1, 0, 0, 7), new Dma([]), irq);
    const copy = mirrored(mmio, VIRTIO_NET_REGISTERS);
    for (const queue of [0, 1]) {
      copy.mirror.write32(VIRTIO_MMIO.QueueSel, queue);
      copy.mirror.write32(VIRTIO_MMIO.QueueNum, 512 >> queue);
      copy.mirror.write32(VIRTIO_MMIO.QueueDescLow, 0x5fff_0000 + 0x3410 * queue);
      copy.mirror.write32(VIRTIO_MMIO.QueueDeviceHigh, 1);
    }
    expect([copy.word(0x180), copy.word(0x188), copy.word(0x19c)]).toEqual([512, 0x5fff_0000, 1]);
    expect([copy.word(0x1a0), copy.word(0x1a8), copy.word(0x1bc)]).toEqual([256, 0x5fff_3410, 1]);
    // There is no third queue.
    copy.mirror.write32(VIRTIO_MMIO.QueueSel, 2);
    copy.mirror.write32(VIRTIO_MMIO.QueueNum, 7);
    expect(copy.word(0x1c0)).toBe(0);
    copy.mirror.look();
    expect([...copy.window.subarray(0x100, 0x106)]).toEqual([0x52, 0x54, 1, 0, 0, 7]);
    copy.mirror.write32(VIRTIO_MMIO.Status, 0);
    expect([copy.word(0x180), copy.word(0x1a8)]).toEqual([0, 0]);
  });
});

test("the Arm timer's system registers, each in 64 bits", () => {
  let now = 1600;
  const timer = new ArmTimer(irq, () => now);
  const window = new Uint8Array(new SharedArrayBuffer(ARM_TIMER_REGISTERS.size));
  const mirror = new ArmTimerMirror(timer, window);
  const view = new DataView(window.buffer);
  mirror.msr(CNTP_CVAL_EL0, 2n ** 64n - 1n);
  mirror.msr(CNTP_CTL_EL0, 1n);
  mirror.look();
  expect(view.getBigUint64(ARM_TIMER.CNTFRQ_EL0.at, true)).toBe(62_500_000n);
  expect(view.getBigUint64(ARM_TIMER.CNTPCT_EL0.at, true)).toBe(100n);
  expect(view.getBigUint64(ARM_TIMER.CNTP_CVAL_EL0.at, true)).toBe(2n ** 64n - 1n);
  expect(view.getBigUint64(ARM_TIMER.CNTP_CTL_EL0.at, true)).toBe(1n);
  now = 3200;
  expect(mirror.mrs(CNTPCT_EL0)).toBe(200n);
});

test('masks become fields', () => {
  expect(bitField('WLEN', 3 << 5)).toEqual({ name: 'WLEN', shift: 5, width: 2 });
  expect(bitField('EN', 0x8000_0000)).toEqual({ name: 'EN', shift: 31, width: 1 });
  expect(bitField('PADDR2', 0xffff_0000)).toEqual({ name: 'PADDR2', shift: 16, width: 16 });
  expect(bitField('ALL', 0xffff_ffff)).toEqual({ name: 'ALL', shift: 0, width: 32 });
});

test('a window that is too small is refused', () => {
  expect(() => new RegisterMirror({ read32: () => 0, write32() {} }, PL011_REGISTERS, new Uint8Array(64))).toThrow(
    'PL011 has 4096 bytes of registers',
  );
});
