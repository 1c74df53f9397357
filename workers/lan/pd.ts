/**
 * Starts the lan in its worker, beside the protection domains: it has their boot message and their control plane, and the wire for its only
 * region. It never blocks, so that fetch and message ports work; it sleeps on the wire until a frame comes or something is due.
 */
import { Complaints } from '../../src/libmicrokit/complaints';
import type { Program } from '../../src/libmicrokit/pd';
import type { GuestPort, GuestRequest, LanConfig } from '../../src/protocol/lan';
import { WireEnd, WireReceiver, WireSender } from '../../src/protocol/wire';
import { Lan } from './lan';
import { live } from './live';

export const program: Program = ({ kernel, region, channel, config }) => {
  const complaints = new Complaints(kernel);
  const card = channel('card');
  const sender = new WireSender(region('wire_rx'), () => kernel.notify(card));
  const receiver = new WireReceiver(region('wire_tx'));
  const wire = new WireEnd(sender, receiver, (text) => complaints.once('wire', `LAN|ERROR: ${text}`));
  const nowMs = () => kernel.now() / 1e6;
  const word = () => receiver.sleep;
  const lan = new Lan(config as LanConfig, {
    send: (frame) => wire.send(frame),
    fetch: (address, init) => fetch(address, init),
    random: () => crypto.getRandomValues(new Uint32Array(1))[0]!,
    wallClock: () => kernel.wallClock(),
    wake: () => Atomics.notify(word().words, word().index),
  });
  return {
    notified: () => {},
    control: {
      // The port arrives as it was sent: it is this worker's from now on.
      request: (request: GuestRequest, port: GuestPort) => lan.request(request, port),
      carry: (on: boolean) => lan.carry(on),
      status: () => lan.status(),
    },
    run: () => live(lan, wire, word, nowMs),
  };
};
