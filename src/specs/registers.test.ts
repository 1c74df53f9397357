/** The register tables against digits typed from the manuals: offsets, and where the fields are in their registers. */
import { expect, test } from 'vitest';
import { ARM_TIMER_REGISTERS } from './arm_timer';
import { ENET_REGISTERS } from './imx_enet_table';
import { IMX_GPT_REGISTERS } from './imx_gpt';
import { IMX_UART_REGISTERS } from './imx_uart';
import { PL011_REGISTERS } from './pl011';
import type { RegisterTable } from './registers';
import { USDHC_REGISTERS } from './usdhc';
import { VIRTIO_BLK_REGISTERS, VIRTIO_CONSOLE_REGISTERS, VIRTIO_NET_REGISTERS } from './virtio_mmio_table';

/** Register, offset, access, field, highest and lowest bit. */
type Row = readonly [register: string, offset: number, access: string, field: string, high: number, low: number];

const ROWS: readonly (readonly [table: RegisterTable, rows: readonly Row[]])[] = [
  [
    PL011_REGISTERS,
    [
      ['UARTDR', 0x000, 'data', 'DATA', 7, 0],
      ['UARTFR', 0x018, 'r', 'RXFE', 4, 4],
      ['UARTFR', 0x018, 'r', 'TXFE', 7, 7],
      ['UARTLCR_H', 0x02c, 'rw', 'WLEN', 6, 5],
      ['UARTLCR_H', 0x02c, 'rw', 'FEN', 4, 4],
      ['UARTCR', 0x030, 'rw', 'RXE', 9, 9],
      ['UARTIFLS', 0x034, 'rw', 'RXIFLSEL', 5, 3],
      ['UARTMIS', 0x040, 'r', 'RT', 6, 6],
      ['UARTICR', 0x044, 'w', 'TX', 5, 5],
    ],
  ],
  [
    IMX_UART_REGISTERS,
    [
      ['URXD', 0x00, 'data', 'CHARRDY', 15, 15],
      ['UTXD', 0x40, 'w', 'TX_DATA', 7, 0],
      ['UFCR', 0x90, 'rw', 'RXTL', 5, 0],
      ['UFCR', 0x90, 'rw', 'RFDIV', 9, 7],
      ['UFCR', 0x90, 'rw', 'TXTL', 15, 10],
      ['USR2', 0x98, 'r', 'TXFE', 14, 14],
      ['UTS', 0xb4, 'r', 'RXEMPTY', 5, 5],
    ],
  ],
  [
    IMX_GPT_REGISTERS,
    [
      ['CR', 0x00, 'rw', 'CLKSRC', 8, 6],
      ['PR', 0x04, 'rw', 'PRESCALER', 11, 0],
      ['SR', 0x08, 'rw', 'ROV', 5, 5],
    ],
  ],
  [
    ARM_TIMER_REGISTERS,
    [
      ['CNTP_CTL_EL0', 24, 'rw', 'ENABLE', 0, 0],
      ['CNTP_CTL_EL0', 24, 'rw', 'ISTATUS', 2, 2],
    ],
  ],
  [
    USDHC_REGISTERS,
    [
      ['BLK_ATT', 0x04, 'rw', 'BLKCNT', 31, 16],
      ['CMD_XFR_TYP', 0x0c, 'rw', 'CMDINX', 29, 24],
      ['CMD_XFR_TYP', 0x0c, 'rw', 'RSPTYP', 17, 16],
      ['PRES_STATE', 0x24, 'r', 'DLSL', 27, 24],
      ['PROT_CTRL', 0x28, 'rw', 'DMASEL', 9, 8],
      ['INT_STATUS', 0x30, 'rw', 'CTOE', 16, 16],
      ['MIX_CTRL', 0x48, 'rw', 'DTDSEL', 4, 4],
      ['ADMA_ERR', 0x54, 'r', 'STATE', 1, 0],
    ],
  ],
  [
    ENET_REGISTERS,
    [
      ['EIR', 0x004, 'rw', 'RXF', 25, 25],
      ['ECR', 0x024, 'rw', 'ETHEREN', 1, 1],
      ['MMFR', 0x040, 'rw', 'RA', 22, 18],
      ['MMFR', 0x040, 'rw', 'PA', 27, 23],
      ['RCR', 0x084, 'rw', 'MAX_FL', 29, 16],
      ['PAUR', 0x0e8, 'rw', 'PADDR2', 31, 16],
      ['RXIC0', 0x100, 'rw', 'ICFT', 27, 20],
    ],
  ],
  [
    VIRTIO_BLK_REGISTERS,
    [
      ['DeviceFeatures', 0x010, 'r', 'FLUSH', 9, 9],
      ['InterruptStatus', 0x060, 'r', 'CONFIG_CHANGE', 1, 1],
      ['Status', 0x070, 'rw', 'DRIVER_OK', 2, 2],
      ['Status', 0x070, 'rw', 'FAILED', 7, 7],
    ],
  ],
  [VIRTIO_NET_REGISTERS, [['DeviceFeatures', 0x010, 'r', 'STATUS', 16, 16]]],
];

const CASES = ROWS.flatMap(([table, rows]) =>
  rows.map((row) => [`${table.name} ${row[0]}.${row[3]}`, table, row] as const),
);

test.each(CASES)('%s', (_, { registers }, [name, offset, access, fieldName, high, low]) => {
  const register = registers.find((candidate) => candidate.name === name)!;
  expect([register.offset, register.access]).toEqual([offset, access]);
  const field = register.fields.find((candidate) => candidate.name === fieldName)!;
  expect([field.shift + field.width - 1, field.shift]).toEqual([high, low]);
});

const TABLES = [...ROWS.map(([table]) => table), VIRTIO_CONSOLE_REGISTERS];

test.each(TABLES.map((table) => [table.name, table] as const))(
  '%s: in order, each inside, none over another, fields apart',
  (_, table) => {
    let end = 0;
    for (const { name, offset, width, fields } of table.registers) {
      expect(offset, name).toBeGreaterThanOrEqual(end);
      end = offset + width / 8;
      let bit = 0;
      for (const { name: field, shift, width: bits } of fields) {
        expect(shift, `${name}.${field}`).toBeGreaterThanOrEqual(bit);
        bit = shift + bits;
      }
      expect(bit, name).toBeLessThanOrEqual(width);
    }
    expect(end).toBeLessThanOrEqual(table.size);
    const { bank } = table;
    if (!bank) return;
    expect(bank.at).toBeGreaterThanOrEqual(end);
    expect(bank.at + 4 * bank.count * bank.registers.length).toBeLessThanOrEqual(table.size);
  },
);

test('virtio configuration spaces: offset and width', () => {
  const config = ({ registers }: RegisterTable) =>
    registers
      .filter(({ name }) => name.startsWith('Config.'))
      .map(({ name, offset, width }) => [name.slice(7), offset, width]);
  expect(config(VIRTIO_BLK_REGISTERS)).toEqual([
    ['capacity', 0x100, 64],
    ['size_max', 0x108, 32],
    ['seg_max', 0x10c, 32],
    ['cylinders', 0x110, 16],
    ['heads', 0x112, 8],
    ['sectors', 0x113, 8],
    ['blk_size', 0x114, 32],
  ]);
  expect(config(VIRTIO_NET_REGISTERS)).toEqual([
    ['mac', 0x100, 48],
    ['status', 0x106, 16],
    ['max_virtqueue_pairs', 0x108, 16],
    ['mtu', 0x10a, 16],
  ]);
});
