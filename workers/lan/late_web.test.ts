import { expect, test } from 'vitest';
import type { TcpSocket } from '../../src/net/tcp_socket';
import { LateWeb } from './late_web';
import type { Session } from './session';
import type { Web, WebParts } from './web';

const session = (): Session & { turned: number } => ({
  turned: 0,
  deadlineMs: 99,
  turn() {
    return ++this.turned < 2;
  },
});

function late() {
  const served = session();
  let come: (web: Web) => void = () => {};
  let fail: (error: Error) => void = () => {};
  let asked = 0;
  let wakes = 0;
  let aborted = 0;
  const load = () => {
    asked++;
    return new Promise<Web>((resolve, reject) => {
      come = resolve;
      fail = reject;
    });
  };
  const web = new LateWeb(load, { wake: () => void wakes++ } as unknown as WebParts);
  const socket = { abort: () => void aborted++ } as unknown as TcpSocket;
  const there = { serve: () => served, carrier: { isOn: false, carried: 3 } } as unknown as Web;
  return {
    web,
    socket,
    served,
    there,
    come: async () => {
      come(there);
      await Promise.resolve();
    },
    fail: async () => {
      fail(new Error('no such file'));
      await Promise.resolve();
    },
    counts: () => ({ asked, wakes, aborted }),
  };
}

test('a connection that comes early waits, and is served when what serves it is there', async () => {
  const { web, socket, served, there, come, counts } = late();
  web.isOn = true;
  expect(counts().asked).toBe(0);
  const early = web.serve(socket, 0);
  expect([early.turn(1), early.turn(2), served.turned, web.carried]).toEqual([true, true, 0, 0]);
  await come();
  expect(counts()).toEqual({ asked: 1, wakes: 1, aborted: 0 });
  expect([there.carrier.isOn, web.carried]).toEqual([true, 3]);
  expect([early.turn(3), early.deadlineMs, early.turn(4)]).toEqual([true, 99, false]);
});

test('what cannot be loaded ends the connection, and is asked for again by the next one', async () => {
  const { web, socket, fail, counts } = late();
  const early = web.serve(socket, 0);
  await fail();
  expect(early.turn(14_999)).toBe(true);
  expect([early.turn(15_000), counts().aborted]).toEqual([false, 1]);
  await fail();
  web.serve(socket, 20_000);
  expect(counts().asked).toBe(3);
});
