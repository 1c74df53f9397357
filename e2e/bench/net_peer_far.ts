/** The far end of the bare wire: the network outside the machine, as it is, in a worker of its own. */
import { Region } from '../../src/protocol/region';
import { WireReceiver, WireSender } from '../../src/protocol/wire';
import { Lan } from '../../workers/lan/lan';
import { live } from '../../workers/lan/live';
import type { Rings } from './net_peer_messages';

self.onmessage = ({ data: { out, into } }: MessageEvent<Rings>) => {
  const sender = new WireSender(new Region('wire_rx', into));
  const receiver = new WireReceiver(new Region('wire_tx', out));
  const word = () => receiver.sleep;
  const lan = new Lan(
    { course: '' },
    {
      send: (frame) => void sender.send(frame),
      fetch: (address, init) => fetch(address, init),
      random: () => crypto.getRandomValues(new Uint32Array(1))[0]!,
      wallClock: () => Date.now(),
      wake: () => Atomics.notify(word().words, word().index),
    },
  );
  void live(lan, receiver, word, () => performance.now());
};
