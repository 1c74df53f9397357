/** The registers of a domain's devices, read from where their models show them: never through the device. */
import type { ProtectionDomain } from '../../microkit/sdf';
import { type Struct, struct } from '../../protocol/struct';
import { VIRQ_PAGE, VIRQ_STATUS_WORD } from '../../protocol/vmfs';
import { ARM_TIMER_REGISTERS } from '../../specs/arm_timer';
import { ENET_REGISTERS } from '../../specs/imx_enet_table';
import { IMX_GPT_REGISTERS } from '../../specs/imx_gpt';
import { IMX_UART_REGISTERS } from '../../specs/imx_uart';
import { PL011_REGISTERS } from '../../specs/pl011';
import type { BitField, Register, RegisterTable } from '../../specs/registers';
import { USDHC_REGISTERS } from '../../specs/usdhc';
import { VIRTIO_MMIO } from '../../specs/virtio_mmio';
import { VIRTIO_BLK_REGISTERS, VIRTIO_CONSOLE_REGISTERS, VIRTIO_NET_REGISTERS } from '../../specs/virtio_mmio_table';
import { bytesText, nameIn, type Value, whole } from './fields';
import type { Look } from './look';

/** By the program that has the device's model in its worker. */
const TABLES: Readonly<Record<string, RegisterTable>> = {
  uart_driver_pl011: PL011_REGISTERS,
  uart_driver_imx: IMX_UART_REGISTERS,
  timer_driver_arm: ARM_TIMER_REGISTERS,
  timer_driver_imx: IMX_GPT_REGISTERS,
  blk_driver_virtio: VIRTIO_BLK_REGISTERS,
  blk_driver_imx: USDHC_REGISTERS,
  eth_driver_virtio: VIRTIO_NET_REGISTERS,
  eth_driver_imx: ENET_REGISTERS,
};

/** A device's registers in memory. */
export interface Window {
  /** As in `inspect('blk_driver')`. */
  readonly name: string;
  readonly title: string;
  readonly table: RegisterTable;
  readonly region: string;
  /** Of the first register in the region. */
  readonly at: number;
  /** The address that its driver knows it by; none for system registers. */
  readonly address?: number;
  /** Registers that are kept elsewhere in the region, by name. */
  readonly moved?: Readonly<Record<string, number>>;
  /** Addresses in its registers are a virtual machine's. */
  readonly guest?: ProtectionDomain;
}

export function windowsOf(look: Look, domain: ProtectionDomain): Window[] {
  return [...ownWindow(look, domain), ...guestWindows(look, domain)];
}

function ownWindow({ description }: Look, { image, device, maps }: ProtectionDomain): Window[] {
  const table = TABLES[image];
  const page = maps.find(({ symbol }) => symbol === 'regs');
  if (!table || !page || !device) return [];
  const { paddr: base } = description.regions.find(({ name }) => name === page.region)!;
  const { label, paddr } = device;
  const at = base === undefined || paddr === undefined ? 0 : paddr - base;
  return [
    { name: label, title: label, table, region: page.region, at, ...(paddr === undefined ? {} : { address: paddr }) },
  ];
}

/** What a monitor makes for its guest. */
function guestWindows(look: Look, domain: ProtectionDomain): Window[] {
  const guest = look.guestOf(domain);
  const page = domain.maps.find(({ symbol }) => symbol === 'virq_status');
  if (!guest || !page) return [];
  return (['blk', 'console'] as const).map((name) => ({
    name: `virtio-${name}`,
    title: `virtio-${name}, which the monitor makes for its guest`,
    table: name === 'blk' ? VIRTIO_BLK_REGISTERS : VIRTIO_CONSOLE_REGISTERS,
    region: page.region,
    at: VIRQ_PAGE[name],
    moved: { InterruptStatus: 4 * VIRQ_STATUS_WORD[name] },
    guest,
  }));
}

export interface ShownBits {
  readonly name: string;
  /** `5`, or `6:5`. */
  readonly bits: string;
  readonly value: number;
  /** The name of the value, if it has one. */
  readonly words: string;
}

export interface ShownRegister {
  readonly name: string;
  /** From the first register of the device. */
  readonly offset: number;
  readonly access: Register['access'];
  readonly length: number;
  readonly value: Value;
  readonly text: string;
  /** What is set, or what the value is called. */
  readonly words: string;
  readonly fields: readonly ShownBits[];
}

export function readRegisters(look: Look, { table, region, at, moved = {} }: Window): ShownRegister[] {
  const { view, bytes } = look.region(region);
  return table.registers.map((register) =>
    shownRegister(register, view, bytes, moved[register.name] ?? at + register.offset),
  );
}

export function shownRegister(register: Register, view: DataView, bytes: Uint8Array, at: number): ShownRegister {
  const { name, offset, access, width } = register;
  const length = width / 8;
  const value = valueAt(view, at, length);
  const fields = register.fields.map((field) => shownBits(field, value));
  const text = register.bytes ? bytesText(bytes.subarray(at, at + length)) : hexOf(value, Math.min(width, 64));
  return { name, offset, access, length, value, text, words: wordsOf(register, value, fields), fields };
}

function shownBits({ name, shift, width, values }: BitField, register: Value): ShownBits {
  const value = Number((BigInt(register) >> BigInt(shift)) & ((1n << BigInt(width)) - 1n));
  const bits = width === 1 ? String(shift) : `${shift + width - 1}:${shift}`;
  return { name, bits, value, words: (values && nameIn(values, value)) ?? '' };
}

function wordsOf({ values, bytes }: Register, value: Value, fields: readonly ShownBits[]): string {
  const named = values && nameIn(values, value);
  if (named !== undefined) return named;
  if (fields.length > 0)
    return fields
      .filter((field) => field.value !== 0 || field.words !== '')
      .map(bitsWords)
      .join(' ');
  return bytes || value < 10 ? '' : (signs(value) ?? value.toString());
}

/** A number that is made of four letters. */
function signs(value: Value): string | undefined {
  const letters = [0, 8, 16, 24].map((shift) => Number((BigInt(value) >> BigInt(shift)) & 0xffn));
  const text = value <= 0xffff_ffff && letters.every((letter) => letter >= 0x41 && letter < 0x7f);
  return text ? `"${String.fromCharCode(...letters)}"` : undefined;
}

const bitsWords = ({ name, bits, value, words }: ShownBits) =>
  bits.includes(':') ? `${name}=${words === '' ? value : words}` : value ? name : '';

function valueAt(view: DataView, at: number, length: number): Value {
  let value = 0n;
  for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(view.getUint8(at + i));
  return whole(value);
}

const hexOf = (value: Value, width: number) => `0x${value.toString(16).padStart(Math.min(width / 4, 8), '0')}`;

/** The registers as a layout, for whoever looks at the page as memory. */
export function asStruct({ name, size, registers }: RegisterTable): Struct {
  const fields = registers.map((register): [string, Struct['fields'][string]] => {
    const { offset, width } = register;
    const type = width === 64 ? 'u64' : width === 32 ? 'u32' : width === 16 ? 'u16' : width === 8 ? 'u8' : 'bytes';
    return [register.name, type === 'bytes' ? { type, offset, length: width / 8 } : { type, offset }];
  });
  return struct(name, size, Object.fromEntries(fields));
}

/** Whether the driver has started the device that this window belongs to, so that its queues are where the registers say. */
export function isStarted(look: Look, { region, at, table }: Window): boolean {
  return table.bank !== undefined && look.region(region).view.getUint32(at + VIRTIO_MMIO.Status, true) !== 0;
}
