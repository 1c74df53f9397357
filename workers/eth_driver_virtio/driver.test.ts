/** The virtio network driver before the real device model, and before devices that answer wrongly or give up. */
import { ethDriverConformance } from '../../e2e/sim/eth_driver_conformance';
import { Dma } from '../../src/hw/device';
import { VirtioNet } from '../../src/hw/virtio_net';
import type { Program } from '../../src/libmicrokit/pd';
import { netReceiver, netSender } from '../../src/protocol/net_queue';
import { EthDriverVirtio, type Mmio } from './driver';

const MAC = Uint8Array.of(0x52, 0x54, 0x01, 0x00, 0x00, 0x07);
const SETUP = { own: [{ symbol: 'hw_ring_buffer', size: 0x1_0000 }], trigger: 'edge' } as const;

const driverOver =
  (device: (env: Parameters<Program>[0]) => Mmio): Program =>
  (env) =>
    new EthDriverVirtio(env.kernel, device(env), {
      irq: 0,
      rx: { ch: 1, ...netSender(env.region('rx_free'), env.region('rx_active')) },
      tx: { ch: 2, ...netReceiver(env.region('tx_free'), env.region('tx_active')) },
      hwRingBuffer: env.region('hw_ring_buffer'),
    });

ethDriverConformance({
  ...SETUP,
  name: 'eth_driver_virtio',
  shortest: 14,
  program: (wire) =>
    driverOver((env) => {
      const device = new VirtioNet(wire, MAC, new Dma(env.dma), env.kernel.irqLine(0));
      env.kernel.attach(device);
      return device.mmio;
    }),
});
