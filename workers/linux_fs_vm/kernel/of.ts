/** What the kernel learns from the device tree: where RAM and devices are, and which interrupts they have. */
import { decodeFdt, FDT_MAGIC, type FdtNode, fdtCells, fdtStrings } from '../../../src/specs/fdt';

export interface DeviceNode {
  readonly name: string;
  readonly compatible: readonly string[];
  readonly phys: number;
  readonly size: number;
  /** GIC interrupt id. */
  readonly intid?: number;
}

export interface Machine {
  readonly model: string;
  readonly bootargs: string;
  readonly memory: { readonly phys: number; readonly size: number };
  readonly devices: readonly DeviceNode[];
}

const MAX_BLOB = 1 << 20;
const SPI = 0;
const FIRST_SPI = 32;
const FIRST_PPI = 16;

/** The blob at `offset` of guest RAM, copied out; undefined when there is none. */
export function copyDeviceTree(ram: Uint8Array, offset: number): Uint8Array | undefined {
  if (offset < 0 || offset > ram.length - 8) return undefined;
  const header = new DataView(ram.slice(offset, offset + 8).buffer);
  const size = header.getUint32(4);
  if (header.getUint32(0) !== FDT_MAGIC || size > MAX_BLOB || size > ram.length - offset) return undefined;
  return ram.slice(offset, offset + size);
}

/** Undefined when the blob is no device tree or has no memory node. */
export function readMachine(blob: Uint8Array): Machine | undefined {
  const root = decodeFdt(blob);
  const memory = root?.children.find((node) => fdtStrings(node, 'device_type')[0] === 'memory');
  const range = memory && readReg(memory);
  if (!root || !range) return undefined;
  const chosen = root.children.find(({ name }) => name === 'chosen');
  return {
    model: fdtStrings(root, 'model')[0] ?? 'unknown',
    bootargs: (chosen && fdtStrings(chosen, 'bootargs')[0]) ?? '',
    memory: range,
    devices: root.children.flatMap((node) => readDevice(node) ?? []),
  };
}

export function findCompatible({ devices }: Machine, name: string): DeviceNode[] {
  return devices.filter(({ compatible }) => compatible.includes(name));
}

function readDevice(node: FdtNode): DeviceNode | undefined {
  const compatible = fdtStrings(node, 'compatible');
  const reg = readReg(node);
  if (compatible.length === 0 || !reg) return undefined;
  const intid = readInterrupt(node);
  return { name: node.name, compatible, ...reg, ...(intid === undefined ? {} : { intid }) };
}

/** First entry of `reg`, with #address-cells and #size-cells of 2; undefined beyond what a number holds. */
function readReg(node: FdtNode): { phys: number; size: number } | undefined {
  const cells = fdtCells(node, 'reg');
  if (cells.length < 4) return undefined;
  const phys = cells[0]! * 0x1_0000_0000 + cells[1]!;
  const size = cells[2]! * 0x1_0000_0000 + cells[3]!;
  return Number.isSafeInteger(phys + size) ? { phys, size } : undefined;
}

/** GIC binding: <type number flags>. */
function readInterrupt(node: FdtNode): number | undefined {
  const [type, number] = fdtCells(node, 'interrupts');
  if (type === undefined || number === undefined || number > 987) return undefined;
  return number + (type === SPI ? FIRST_SPI : FIRST_PPI);
}
