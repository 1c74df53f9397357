/** Our stack and lwIP, the stack of the original, over a pipe: who opens and who answers changes, the bytes do not. */
import { expect, test } from 'vitest';
import { bytes, ip, ok, Talker } from '../../src/net/testing/network';
import { inFolder } from '../images';
import { compile, describeWith, Peer } from './peer';
import { Capture } from './tshark';

const SIZE = 4 << 20;
const CONFIG = { address: ip('10.0.0.1'), mask: ip('255.255.255.0'), gateway: 0, dns: [] };
const LWIP = ip('10.0.0.2');
const ECHO = 7;

function expectSound(folder: string, { capture }: Peer): Capture {
  const seen = new Capture(folder, capture);
  expect(seen.bad).toEqual([]);
  return seen;
}

describeWith('lwip', 'lwIP', () => {
  test('ping, and 4 MiB that come back from its echo', () =>
    inFolder(async (folder) => {
      const peer = new Peer(compile('lwip', folder), ['echo'], { config: CONFIG });
      try {
        await peer.until('start', () => peer.said.includes('ready'));
        const ping = peer.stack.ping(LWIP, 1000);
        await peer.until('ping', () => ping.result !== undefined);
        expect(ping.result).toBeTypeOf('number');

        const socket = peer.stack.tcp();
        expect(socket.connect(LWIP, ECHO)).toBe('EINPROGRESS');
        await peer.until('connect', () => socket.writable);
        expect(socket.error).toBeUndefined();
        const data = bytes(SIZE);
        const talker = new Talker(socket, data, SIZE);
        await peer.until('echo', () => {
          talker.step();
          return talker.isDone || talker.failure !== undefined;
        });
        expect(talker.failure).toBeUndefined();
        expect(Buffer.compare(talker.received, data)).toBe(0);
        socket.close();
        const [connection] = peer.stack.connections;
        await peer.until('close', () => connection!.state === 'TIME_WAIT');
        const seen = expectSound(folder, peer);
        expect(seen.count('tcp.flags.reset == 1')).toBe(0);
        expect(seen.count('tcp.flags.fin == 1')).toBe(2);
      } finally {
        peer.stop();
      }
    }));

  test('it connects, and gets back the 4 MiB it sends', () =>
    inFolder(async (folder) => {
      const peer = new Peer(compile('lwip', folder), ['ask', String(SIZE)], { config: CONFIG });
      try {
        const listener = peer.stack.tcp();
        expect(listener.bind(0, ECHO) ?? listener.listen(1)).toBeUndefined();
        await peer.until('accept', () => listener.readable);
        const socket = ok(listener.accept());
        const chunk = new Uint8Array(16_384);
        let held = chunk.subarray(0, 0);
        let isEnded = false;
        await peer.until('echo', () => {
          while (!isEnded) {
            if (held.length === 0) {
              const n = socket.recv(chunk);
              if (n === 'EAGAIN') break;
              held = chunk.subarray(0, ok<number>(n));
              isEnded = held.length === 0;
              if (isEnded) break;
            }
            const sent = socket.send(held);
            if (sent === 'EAGAIN') break;
            held = held.subarray(ok<number>(sent));
          }
          return isEnded;
        });
        socket.close();
        await peer.until('verdict', () => peer.said.includes('wrong'));
        expect(peer.said).toContain(`got ${SIZE}, wrong 0`);
        expectSound(folder, peer);
      } finally {
        peer.stop();
      }
    }));

  test('a closed port refuses, from either side', () =>
    inFolder(async (folder) => {
      const peer = new Peer(compile('lwip', folder), ['ask', '1'], { config: CONFIG });
      try {
        // ERR_RST of lwIP.
        await peer
          .until('refusal of ours', () => peer.said.includes('connect failed: -14'))
          .catch((error: Error) => {
            expect(error.message).toContain('connect failed: -14');
          });
      } finally {
        peer.stop();
      }
      const other = new Peer(compile('lwip', folder), ['echo'], { config: CONFIG });
      try {
        await other.until('start', () => other.said.includes('ready'));
        const socket = other.stack.tcp();
        socket.connect(LWIP, 81);
        await other.until('refusal', () => socket.error !== undefined);
        expect(socket.connect(LWIP, 81)).toBe('ECONNREFUSED');
      } finally {
        other.stop();
      }
    }));
});
