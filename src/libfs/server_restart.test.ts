/** What becomes of requests and open files when the server is another one, against a server that answers as the test says. */
import { expect, test } from 'vitest';
import { FileHandles } from './file_handles';
import type { Completion, FsCommandName, Request } from './fs_request';
import { ServerRestart } from './server_restart';

const [SUCCESS, NO_FILE, IO_ERROR, STALE] = [0, 15, 67, 71];

function setup(answer: (command: FsCommandName, path?: string) => Completion | undefined) {
  const log: string[] = [];
  const handles = new FileHandles();
  const restart = new ServerRestart(handles, {
    ask(command, _, path) {
      log.push(path === undefined ? command : `${command} ${path}`);
      return answer(command, path);
    },
    resend: ({ command, params }) => log.push(`resend ${command} ${params.fd ?? ''}`.trim()),
    fail: ({ command }, status) => log.push(`fail ${command} ${status}`),
  });
  return { log, handles, restart };
}

let nextId = 1;
const request = (command: FsCommandName, params: Record<string, number> = {}): Request => ({
  id: nextId++,
  command,
  params,
  buffer: undefined,
  limit: 0,
});

test('mounts, opens files again by path, and sends reads and writes again under the new descriptor', () => {
  const { log, handles, restart } = setup((command) => ({
    status: SUCCESS,
    result: command === 'FILE_OPEN' ? 512 : 0,
  }));
  restart.mounted = true;
  handles.add('/a', 2, 3);
  restart.run(2, [request('FILE_WRITE', { fd: 3 }), request('STAT')]);
  expect(log).toEqual(['INITIALISE', 'FILE_OPEN /a', 'resend FILE_WRITE 512', 'resend STAT']);
  expect(restart.behind(2)).toBe(false);
});

test.each<FsCommandName>(['RENAME', 'FILE_REMOVE', 'DIR_CREATE', 'DIR_REMOVE', 'DIR_READ'])(
  '%s in flight is EIO',
  (command) => {
    const { log, restart } = setup(() => ({ status: SUCCESS, result: 0 }));
    restart.run(2, [request(command, { fd: 9 })]);
    expect(log).toEqual([`fail ${command} ${IO_ERROR}`]);
  },
);

test('a file that is not there any more is stale, and so is what was in flight on it', () => {
  const { log, handles, restart } = setup((command) => ({
    status: command === 'FILE_OPEN' ? NO_FILE : SUCCESS,
    result: 0,
  }));
  const file = handles.add('/a', 2, 3);
  restart.run(2, [request('FILE_READ', { fd: 3 })]);
  expect(log.at(-1)).toBe(`fail FILE_READ ${STALE}`);
  expect(file.lost).toBe(true);
});

test('a file whose name another one has is not opened at all', () => {
  const { log, handles, restart } = setup(() => ({ status: SUCCESS, result: 1 }));
  handles.add('/a', 2, 3);
  handles.removed('/a');
  restart.run(2, []);
  expect(log).toEqual([]);
});

test('overtaken by the next reboot, it starts over, and nothing in flight is forgotten or sent twice', () => {
  let alive = false;
  const { log, handles, restart } = setup(() => (alive ? { status: SUCCESS, result: 700 } : undefined));
  restart.mounted = true;
  handles.add('/a', 0, 3);
  restart.run(2, [request('FILE_READ', { fd: 3 })]);
  expect(restart.behind(2)).toBe(true);
  alive = true;
  restart.run(3, []);
  expect(log).toEqual(['INITIALISE', 'INITIALISE', 'FILE_OPEN /a', 'resend FILE_READ 700']);
});
