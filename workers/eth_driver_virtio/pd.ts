/** Puts the network card's model behind the Ethernet driver: register window, interrupt, and the wire to the outside. */
import { Dma } from '../../src/hw/device';
import { FaultyWire } from '../../src/hw/faulty_wire';
import { RegisterMirror } from '../../src/hw/register_mirror';
import { TappedWire } from '../../src/hw/tapped_wire';
import { VirtioNet } from '../../src/hw/virtio_net';
import { afterPolls, afterwards } from '../../src/libmicrokit/afterwards';
import { Complaints } from '../../src/libmicrokit/complaints';
import type { Program } from '../../src/libmicrokit/pd';
import { tapOf } from '../../src/libmicrokit/tap';
import { netReceiver, netSender } from '../../src/protocol/net_queue';
import { WireEnd, WireReceiver, WireSender } from '../../src/protocol/wire';
import { WireFaults } from '../../src/protocol/wire_faults';
import { VIRTIO_NET_REGISTERS } from '../../src/specs/virtio_mmio_table';
import { EthDriverVirtio } from './driver';

/** The station address that upstream's driver gives its device. */
const MAC = Uint8Array.of(0x52, 0x54, 0x01, 0x00, 0x00, 0x07);

export const program: Program = (env) => {
  const irq = env.channel('irq');
  const complaints = new Complaints(env.kernel);
  const end = new WireEnd(new WireSender(env.region('wire_tx')), new WireReceiver(env.region('wire_rx')), (text) =>
    complaints.once('wire', `ETH DRIVER|ERROR: ${text}`),
  );
  const faults = new WireFaults();
  const faulty = new FaultyWire(
    end,
    (direction) => faults.next(direction),
    () => env.kernel.now(),
  );
  env.kernel.attach(faulty);
  const tap = tapOf(env);
  const wire = new TappedWire(faulty, (direction, frame) => tap.passed(direction, frame));
  const device = new VirtioNet(wire, MAC, new Dma(env.dma), env.kernel.irqLine(irq));
  const registers = new RegisterMirror(device.mmio, VIRTIO_NET_REGISTERS, env.registers);
  const look = () => registers.look();
  env.kernel.attach(afterPolls(device, look));
  const driver = new EthDriverVirtio(env.kernel, registers, {
    irq,
    rx: { ch: env.channel('rx'), ...netSender(env.region('rx_free'), env.region('rx_active')) },
    tx: { ch: env.channel('tx'), ...netReceiver(env.region('tx_free'), env.region('tx_active')) },
    hwRingBuffer: env.region('hw_ring_buffer'),
  });
  const domain = {
    init: () => driver.init(),
    notified: (ch: number) => driver.notified(ch),
    faults,
  };
  return afterwards(domain, look);
};
