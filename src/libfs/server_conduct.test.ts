/** When the client has the guest rebooted for what its file system server does, or does not do. */
import { expect, test } from 'vitest';
import { region } from '../protocol/region';
import { FsClient } from './fs_client';
import { ServerConduct } from './server_conduct';

const SECOND = 1e9;

/** A kernel whose waits last until their deadline, unless `answer` says so; and what was said and done about it. */
function setup(answer: (second: number) => boolean) {
  const done: string[] = [];
  let now = 0;
  const kernel = { now: () => now, print: (line: string) => done.push(line.trim()), notify() {}, trace() {} };
  const guest = {
    generation: () => 3,
    complain: () => done.push('complaint'),
    breach: (generation: number) => done.push(`breach of ${generation}`),
    built() {},
    follow: () => () => region('none', 64),
  };
  const block = (deadlineNs: number) => {
    if (answer(now / SECOND)) return true;
    now = deadlineNs;
    return false;
  };
  return { done, kernel, guest, block };
}

test('each second of silence is a complaint, the fortieth in a row a breach', () => {
  const { done, kernel, guest, block } = setup(() => false);
  const conduct = new ServerConduct(kernel as never, guest, block);
  for (let second = 1; second < 40; second++) conduct.awaitAnswer(3);
  expect(done).toEqual(Array(39).fill('complaint'));
  conduct.awaitAnswer(3);
  expect(done.slice(39)).toEqual([
    'complaint',
    'micropython|ERROR: the file system server has not answered for 40 seconds',
    'breach of 3',
  ]);
});

test('an answer forgives the silence before it', () => {
  const { done, kernel, guest, block } = setup(() => false);
  const conduct = new ServerConduct(kernel as never, guest, block);
  for (let second = 0; second < 100; second++) {
    if (second % 30 === 0) conduct.answered();
    conduct.awaitAnswer(3);
  }
  expect(done).toEqual(Array(100).fill('complaint'));
});

test.each([
  ['completion', 0, "wrote the client's own queue index"],
  ['command', 8, "wrote the client's own queue index"],
  ['completion', 8, 'wrote an impossible queue index'],
  ['command', 0, 'wrote an impossible queue index'],
] as const)('the index of the %s queue at %i, changed by somebody else: %s', (queue, offset, why) => {
  const regions = {
    command: region('fs_command', 0x8000),
    completion: region('fs_completion', 0x8000),
    share: region('fs_share', 0x1_0000),
  };
  let generation = 1;
  const { done, kernel, guest, block } = setup(() => false);
  const rebooting = {
    ...guest,
    generation: () => generation,
    breach(of: number) {
      guest.breach(of);
      // The next generation has queues of its own.
      generation = 2;
    },
    follow: () => (symbol: string) => region(symbol, symbol === 'fs_share' ? 0x1_0000 : 0x8000),
  };
  const self = { generation: 1, guest: rebooting };
  const fs = new FsClient(kernel as never, 5, regions, block, self);
  const request = fs.submit('FILE_SIZE', { fd: 1 });
  new Int32Array(regions[queue].buffer)[offset / 4]! ^= 0x4000_0000;
  fs.wait(request);
  expect(done).toContain(`micropython|ERROR: the file system server ${why}`);
  expect(done).toContain('breach of 1');
});
