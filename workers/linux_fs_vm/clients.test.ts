/** Several clients of one file system server: one disk, and nothing else in common. */
import { describe, expect, test } from 'vitest';
import { FS_STATUS } from '../../src/protocol/fs';
import { FS_CHANGES_WORD } from '../../src/protocol/fs_changes';
import type { FsClient } from './testing/fs_client';
import { type Machine, machine } from './testing/machine';

interface Two extends Machine {
  a<T>(body: (fs: FsClient) => T): T;
  b<T>(body: (fs: FsClient) => T): T;
}

async function two(options: { relay?: boolean } = {}): Promise<Two> {
  const system = await machine(options);
  return {
    ...system,
    a: (body) => system.client(body, 'micropython'),
    b: (body) => system.client(body, 'files'),
  };
}

const changes = ({ completion }: FsClient) => completion.words[FS_CHANGES_WORD];
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

describe.each(['direct', 'relay'])('signals %s', (signals) => {
  test('each sees what the other wrote, with names and sizes', async () => {
    const { a, b } = await two({ relay: signals === 'relay' });
    expect(a((fs) => fs.initialise())).toBe(0);
    expect(b((fs) => fs.initialise())).toBe(0);
    a((fs) => fs.putFile('/from_a.txt', 'written by a'));
    expect(b((fs) => text(fs.getFile('/from_a.txt')))).toBe('written by a');
    b((fs) => fs.mkdir('/from b'));
    expect(a((fs) => fs.list('/'))).toEqual(['from_a.txt', 'from b']);
  });
});

describe('mounting', () => {
  test("is each client's own business: nobody works on what another has mounted", async () => {
    const { a, b, guest } = await two();
    a((fs) => fs.initialise());
    expect(b((fs) => fs.stat('/'))).toBe(FS_STATUS.NOT_MOUNTED);
    expect(b((fs) => fs.deinitialise())).toBe(FS_STATUS.NOT_MOUNTED);
    expect(a((fs) => fs.initialise())).toBe(FS_STATUS.ERROR);
    expect(b((fs) => fs.initialise())).toBe(0);
    expect(b((fs) => fs.initialise())).toBe(FS_STATUS.ERROR);
    expect(guest.control.mountState().state).toBe('mounted');
  });

  test('lasts until the last client lets go, whoever mounted', async () => {
    const { a, b, guest } = await two();
    a((fs) => fs.initialise());
    b((fs) => fs.initialise());
    b((fs) => fs.putFile('/x', 'kept'));
    const open = b((fs) => fs.open('/x').result);
    expect(a((fs) => fs.deinitialise())).toBe(0);
    expect(guest.control.mountState().state).toBe('mounted');
    expect(b((fs) => text(fs.read(open, 0)))).toBe('kept');
    expect(b((fs) => fs.deinitialise())).toBe(0);
    expect(guest.control.mountState().state).toBe('unmounted');
    expect(a((fs) => fs.initialise())).toBe(0);
    expect(a((fs) => text(fs.getFile('/x')))).toBe('kept');
  });

  test('a client that goes has its files closed, also those without a name any more', async () => {
    const { a, b } = await two();
    a((fs) => fs.initialise());
    b((fs) => fs.initialise());
    const before = a((fs) => fs.statfs());
    b((fs) => fs.putFile('/gone', new Uint8Array(100_000)));
    b((fs) => fs.open('/gone'));
    a((fs) => fs.remove('/gone'));
    expect(a((fs) => fs.statfs())).not.toEqual(before);
    b((fs) => fs.deinitialise());
    expect(a((fs) => fs.statfs())).toEqual(before);
  });
});

describe('isolation', () => {
  test('a descriptor means nothing to the other client', async () => {
    const { a, b } = await two();
    a((fs) => fs.initialise());
    b((fs) => fs.initialise());
    a((fs) => fs.putFile('/secret', 'for a'));
    const fd = a((fs) => fs.open('/secret', 2).result);
    expect(() => b((fs) => fs.read(fd, 0))).toThrow(`status ${FS_STATUS.INVALID_FD}`);
    expect(b((fs) => fs.close(fd))).toBe(FS_STATUS.INVALID_FD);
    expect(b((fs) => fs.truncate(fd, 0))).toBe(FS_STATUS.INVALID_FD);
    expect(a((fs) => text(fs.read(fd, 0)))).toBe('for a');
  });

  test('a client that fills its table of open files leaves the other its own', async () => {
    const { a, b } = await two();
    a((fs) => fs.initialise());
    b((fs) => fs.initialise());
    a((fs) => fs.putFile('/x', ''));
    const opened = Array.from({ length: 300 }, () => b((fs) => fs.open('/x').status));
    expect(opened.filter((status) => status === FS_STATUS.TOO_MANY_OPEN_FILES)).toHaveLength(300 - 256);
    expect(a((fs) => fs.open('/x').status)).toBe(0);
  });

  test.each([
    ['the tail of its commands', (fs: FsClient) => fs.command.view.setBigUint64(8, 1n << 40n, true)],
    ['the head of its completions', (fs: FsClient) => fs.completion.view.setBigUint64(0, 1n << 40n, true)],
  ])('a client that ruins %s is not served any more; the other is', async (_, ruin) => {
    const { a, b, lines, simulator } = await two();
    a((fs) => fs.initialise());
    b((fs) => fs.initialise());
    b((fs) => {
      ruin(fs);
      fs.ring();
    });
    simulator.settle();
    const said = 'UIO(FS)|ERROR: client 1 has written an impossible queue index; not serving it any more';
    expect(lines().filter((line) => line === said)).toHaveLength(1);
    a((fs) => fs.putFile('/still', 'here'));
    expect(a((fs) => text(fs.getFile('/still')))).toBe('here');
    b((fs) => fs.ring());
    simulator.settle();
    expect(a((fs) => fs.list('/'))).toEqual(['still']);
  });
});

describe('the count of changes by others', () => {
  test.each<[string, (fs: FsClient) => unknown]>([
    ['writing', (fs) => fs.write(fs.open('/f', 2).result, 0, 'new')],
    ['truncating', (fs) => fs.truncate(fs.open('/f', 2).result, 1)],
    ['making a file', (fs) => fs.open('/made', 2 | 4)],
    ['making a folder', (fs) => fs.mkdir('/folder')],
    ['removing a file', (fs) => fs.remove('/f')],
    ['removing a folder', (fs) => fs.rmdir('/empty')],
    ['renaming', (fs) => fs.rename('/f', '/g')],
  ])('goes up for the other client by %s, and not for who does it', async (_, change) => {
    const { a, b } = await two();
    a((fs) => fs.initialise());
    b((fs) => fs.initialise());
    a((fs) => fs.putFile('/f', 'old contents'));
    a((fs) => fs.mkdir('/empty'));
    const [own, others] = [b(changes), a(changes)];
    b(change);
    expect(b(changes)).toBe(own);
    expect(a(changes)).toBeGreaterThan(others!);
  });

  test('stays where it is when somebody only reads', async () => {
    const { a, b } = await two();
    a((fs) => fs.initialise());
    b((fs) => fs.initialise());
    a((fs) => fs.putFile('/f', 'contents'));
    const before = [a(changes), b(changes)];
    b((fs) => [fs.getFile('/f'), fs.list('/'), fs.stat('/f'), fs.statfs()]);
    expect([a(changes), b(changes)]).toEqual(before);
  });

  test('has gone up when the one who made the change has its answer', async () => {
    const { a, b } = await two();
    a((fs) => fs.initialise());
    b((fs) => fs.initialise());
    const fd = a((fs) => fs.open('/f', 2 | 4).result);
    let last = b(changes)!;
    for (let i = 0; i < 20; i++) {
      a((fs) => fs.write(fd, i, 'x'));
      expect(b(changes)).toBeGreaterThan(last);
      last = b(changes)!;
    }
  });
});
