/** How fast two stacks in one thread pass data; printed, since the machine decides. */
import { expect, test } from 'vitest';
import { Random } from '../libmicrokit/random';
import { Stack } from './stack';
import { bytes, ip, ok } from './testing/network';

const SIZE = 32 << 20;

test(`${SIZE >> 20} MiB through two stacks`, () => {
  const random = new Random(1);
  const wires: Uint8Array[][] = [[], []];
  const stacks = [0, 1].map(
    (i) =>
      new Stack({
        mac: Uint8Array.of(2, 0, 0, 0, 0, i),
        output: (frame) => void wires[1 - i]!.push(frame.slice()),
        random: () => random.next(),
        config: { address: ip(`10.0.0.${i + 1}`), mask: ip('255.255.255.0'), gateway: 0, dns: [] },
      }),
  );
  let now = 0;
  const step = () => {
    now += 0.1;
    for (const [i, stack] of stacks.entries()) {
      stack.poll(now);
      for (const frame of wires[i]!.splice(0)) stack.input(frame);
    }
  };
  const [client, server] = stacks as [Stack, Stack];
  const listener = server.tcp();
  listener.bind(0, 80);
  listener.listen(1);
  const socket = client.tcp();
  socket.connect(server.config.address, 80);
  while (!listener.readable) step();
  const far = ok(listener.accept());
  const chunk = bytes(65_536);
  const into = new Uint8Array(65_536);
  let sent = 0;
  let received = 0;
  const start = performance.now();
  while (received < SIZE) {
    const taken = sent < SIZE ? socket.send(chunk.subarray(sent % chunk.length)) : 0;
    if (typeof taken === 'number') sent += taken;
    step();
    for (let n = far.recv(into); typeof n === 'number' && n > 0; n = far.recv(into)) received += n;
  }
  const seconds = (performance.now() - start) / 1000;
  console.log(`TCP: ${(SIZE / 1e6 / seconds).toFixed(0)} MB/s through two stacks in one thread`);
  expect([sent, received]).toEqual([SIZE, SIZE]);
  expect(client.counters.retransmitted).toBe(0);
});
