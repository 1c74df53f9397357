/** The monitor's block connection when its guest is replaced: what the old one asked comes back to nobody, then the new one may ask. */
import { expect, test } from 'vitest';
import { blkServer } from '../../src/protocol/blk_queue';
import { region } from '../../src/protocol/region';
import { BlkPort } from './blk_port';

const [READ, OK] = [0, 0];

function setup() {
  const [request, response] = [region('request', 0x20_0000), region('response', 0x20_0000)];
  const port = new BlkPort(
    request,
    response,
    region('data', 8 * 4096),
    () => {},
    () => {},
  );
  return { port, server: blkServer(request, response) };
}

test('after abandon nothing is sent and no answer is passed on until the last request is back', () => {
  const { port, server } = setup();
  const answered: number[] = [];
  for (const i of [0, 1])
    port.send({ code: READ, block: i, cells: port.cells.take(3)!, request: i }, () => answered.push(i));
  expect(port.abandon()).toBe(2);
  expect(port.hasRoom).toBe(false);
  // The two, and a read of the port's own that wakes a device whose interrupt was lost.
  for (const more of [true, true, false]) {
    const { id, count } = server.req.dequeue()!;
    server.resp.enqueue({ status: OK, success_count: count, id });
    port.receive();
    expect(port.hasRoom).toBe(!more);
  }
  expect(answered).toEqual([]);
  expect(port.cells.take(8)).toMatchObject({ count: 8 });
});

test('with nothing under way the next guest may ask at once', () => {
  const { port } = setup();
  port.cells.take(5);
  expect(port.abandon()).toBe(0);
  expect(port.hasRoom).toBe(true);
  expect(port.cells.take(8)).toMatchObject({ count: 8 });
});
