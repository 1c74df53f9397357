/** The ENET driver before the real device model, and before devices that answer wrongly or give up. */
import { ethDriverConformance } from '../../e2e/sim/eth_driver_conformance';
import { Dma } from '../../src/hw/device';
import { ImxEnet } from '../../src/hw/imx_enet';
import type { Program } from '../../src/libmicrokit/pd';
import { netReceiver, netSender } from '../../src/protocol/net_queue';
import { EthDriverImx, type Mmio } from './driver';

const MAC = Uint8Array.of(0x52, 0x54, 0x01, 0x00, 0x00, 0x07);
const SETUP = {
  own: [
    { symbol: 'device_rx_ring', size: 0x8000 },
    { symbol: 'device_tx_ring', size: 0x8000 },
  ],
  trigger: 'level',
} as const;

const driverOver =
  (device: (env: Parameters<Program>[0]) => Mmio): Program =>
  (env) =>
    new EthDriverImx(env.kernel, device(env), {
      irq: 0,
      rx: { ch: 1, ...netSender(env.region('rx_free'), env.region('rx_active')) },
      tx: { ch: 2, ...netReceiver(env.region('tx_free'), env.region('tx_active')) },
      rxRing: env.region('device_rx_ring'),
      txRing: env.region('device_tx_ring'),
    });

ethDriverConformance({
  ...SETUP,
  name: 'eth_driver_imx',
  shortest: 60,
  program: (wire) =>
    driverOver((env) => {
      const device = new ImxEnet(wire, MAC, new Dma(env.dma), env.kernel.irqLine(0), () => env.kernel.now());
      env.kernel.attach(device);
      return device;
    }),
});
