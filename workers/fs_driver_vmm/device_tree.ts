/** The guest's device tree: what upstream's examples/vmfs board DTS and overlay describe, as far as this guest has it. */
import { GUEST_RAM, GUEST_VIRTIO, uioRegions } from '../../src/protocol/vmfs';
import { encodeFdt, type FdtSource } from '../../src/specs/fdt';
import { GICD_SIZE } from '../../src/specs/gic';
import type { GicVersion } from './vgic';
import { GIC_DISTRIBUTOR } from './vgic';

const FIRST_SPI = 32;
const SPI = 0;
const LEVEL_HIGH = 4;
const EDGE_RISING = 1;
const GIC_PHANDLE = 1;
const COMPATIBLE = { GICv2: 'arm,cortex-a15-gic', GICv3: 'arm,gic-v3' } as const;

interface Device {
  readonly guestPhys: number;
  readonly size: number;
  readonly intid?: number;
}

export function guestDeviceTree(gic: GicVersion, fsClients: number): Uint8Array {
  return encodeFdt({
    name: '',
    properties: {
      '#address-cells': [2],
      '#size-cells': [2],
      compatible: 'linux,dummy-virt',
      model: 'linux_fs_vm',
      'interrupt-parent': [GIC_PHANDLE],
    },
    children: [
      { name: 'chosen', properties: { bootargs: 'console=hvc0 uio_pdrv_genirq.of_id=generic-uio' } },
      { name: `memory@${hex(GUEST_RAM.guestPhys)}`, properties: { device_type: 'memory', reg: cells(GUEST_RAM) } },
      interruptController(gic),
      virtio('console', GUEST_VIRTIO.console),
      virtio('blk', GUEST_VIRTIO.blk),
      ...uioRegions(fsClients).map((region) => ({
        name: region.node,
        properties: { compatible: ['generic-uio', region.name], reg: cells(region), ...interrupts(region, LEVEL_HIGH) },
      })),
    ],
  });
}

function interruptController(gic: GicVersion): FdtSource {
  const distributor = { guestPhys: GIC_DISTRIBUTOR[gic], size: GICD_SIZE };
  return {
    name: `intc@${hex(distributor.guestPhys)}`,
    properties: {
      compatible: COMPATIBLE[gic],
      'interrupt-controller': true,
      '#interrupt-cells': [3],
      reg: cells(distributor),
      phandle: [GIC_PHANDLE],
    },
  };
}

function virtio(kind: string, device: Device): FdtSource {
  return {
    name: `virtio-${kind}@${hex(device.guestPhys)}`,
    properties: { compatible: 'virtio,mmio', reg: cells(device), ...interrupts(device, EDGE_RISING) },
  };
}

function interrupts({ intid }: Device, trigger: number): FdtSource['properties'] {
  return intid === undefined ? {} : { interrupts: [SPI, intid - FIRST_SPI, trigger] };
}

/** Address and size of two cells each; all of them lie below 4 GiB. */
const cells = ({ guestPhys, size }: Device): number[] => [0, guestPhys, 0, size];
const hex = (address: number): string => address.toString(16);
