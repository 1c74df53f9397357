/** Faults set in the running page: what is told to Python, what to the operator, and that the system comes out of it whole. docs/faults.md. */
import type { Fault } from '../src/protocol/faults';
import { expect, test } from './fixtures';
import { fsck, mtoolsTree, partition } from './images';
import type { Machine } from './machine';

// What this project exists for holds the first time.
test.describe.configure({ retries: 0 });

const set = ({ page }: Machine, fault: Fault) => page.evaluate((wanted) => window.lionsos.fault.set(wanted), fault);
const clear = ({ page }: Machine, id?: number) => page.evaluate((which) => window.lionsos.fault.clear(which), id);
const hits = async ({ page }: Machine) =>
  (await page.evaluate(() => window.lionsos.fault.list())).map(({ hits }) => hits);
const generationOf = async (machine: Machine, domain: string) =>
  (await machine.list()).find(({ name }) => name === domain)!.generation;

/** What Python sees: the errno, or "done". */
const attempt = (statement: string) =>
  `try:\n    ${statement}\n    print("done")\nexcept OSError as e:\n    print(e.errno)`;
const [EIO, EROFS] = ['5\r\n', '30\r\n'];
const WRITE = 'f = open("file", "w"); f.write("x" * 5000); f.close()';

/** Nothing of a fault outlives it: mounted anew, the disk is whole and takes writes. */
async function wholeAgain(machine: Machine): Promise<void> {
  await clear(machine);
  await machine.kill('linux_fs_vm');
  expect(await machine.run('f = open("after", "w"); f.write("fine"); f.close(); print(open("after").read())')).toBe(
    'fine\r\n',
  );
  await machine.settled();
  const volume = partition(await machine.export());
  expect(fsck(volume)).toBe('');
  expect(mtoolsTree(volume).map(({ path }) => path)).toContain('/after');
}

test('a write that fails is EIO, makes the volume read-only, and a reboot makes it writable again', async ({
  machine,
}) => {
  await set(machine, { on: 'disk', what: 'error', request: 'write' });
  expect(await machine.run(attempt(WRITE))).toBe(EIO);
  expect(await hits(machine)).toEqual([1]);
  expect(await machine.run(attempt(WRITE))).toBe(EROFS);
  await wholeAgain(machine);
});

test('a torn write is an error like any other', async ({ machine }) => {
  await set(machine, { on: 'disk', what: 'torn write' });
  expect(await machine.run(attempt(WRITE))).toBe(EIO);
  await wholeAgain(machine);
});

for (const what of ['full', 'read-only', 'eject'] as const) {
  test(`a medium that is ${what} lasts until it is cleared, and is never a success`, async ({ machine }) => {
    await machine.run('f = open("old", "w"); f.write("old"); f.close()');
    await set(machine, { on: 'disk', what });
    for (let again = 0; again < 2; again++) expect([EIO, EROFS]).toContain(await machine.run(attempt(WRITE)));
    expect(await machine.run('print(open("old").read())')).toBe('old\r\n');
    await wholeAgain(machine);
    expect(await machine.run('print(open("old").read())')).toBe('old\r\n');
  });
}

test('a disk that does not answer holds up who asks, Ctrl-C ends the waiting, and clearing the fault lets it fail', async ({
  machine,
}) => {
  await set(machine, { on: 'disk', what: 'no answer', request: 'write' });
  await machine.send(`${WRITE}\r`);
  await machine.page.waitForFunction(async () => (await window.lionsos.fault.list())[0]!.hits === 1);
  await machine.send('\x03');
  await machine.waitFor(/KeyboardInterrupt:?\s*\n>>> *$/);
  await clear(machine);
  await wholeAgain(machine);
});

test('a guest killed while the disk does not answer gets the disk when the request has come back', async ({
  machine,
}) => {
  await set(machine, { on: 'disk', what: 'no answer', request: 'write' });
  await machine.send(`${WRITE}\r`);
  await machine.page.waitForFunction(async () => (await window.lionsos.fault.list())[0]!.hits === 1);
  const killed = machine.kill('linux_fs_vm');
  await machine.waitFor('waiting for 1 block requests of the old guest');
  await clear(machine);
  await killed;
  await machine.waitFor(/>>> *$/);
  await wholeAgain(machine);
});

test('an interrupt of the disk that comes late or twice changes nothing but the time', async ({ machine }) => {
  await set(machine, { on: 'interrupt', domain: 'blk_driver', what: 'delayed', ms: 50, times: 3 });
  expect(await machine.run(attempt(WRITE))).toBe('done\r\n');
  await clear(machine);
  await set(machine, { on: 'interrupt', domain: 'blk_driver', what: 'duplicated', times: 5 });
  expect(await machine.run(attempt(WRITE))).toBe('done\r\n');
  expect(await hits(machine)).toEqual([5]);
  await wholeAgain(machine);
});

test('an interrupt that is lost holds up who waits for it, and a reboot of the guest makes it good', async ({
  machine,
}) => {
  await set(machine, { on: 'interrupt', domain: 'blk_driver', what: 'lost' });
  await machine.send(`${WRITE}\r`);
  await machine.page.waitForFunction(async () => (await window.lionsos.fault.list())[0]!.hits === 1);
  await machine.kill('linux_fs_vm');
  await machine.waitFor(/>>> *$/);
  expect(await machine.screen()).not.toContain('Traceback');
  await wholeAgain(machine);
});

test('a bit flipped in what is read is found by nobody: FAT has no checksums', async ({ machine }) => {
  await machine.run('f = open("a", "wb"); f.write(b"A" * 1000000); f.close()');
  await machine.kill('linux_fs_vm');
  await machine.run('f = open("a", "rb"); f.read(1)');
  await set(machine, { on: 'disk', what: 'bit flip', request: 'read' });
  const program = 'f.seek(500000); d = f.read()\nprint(len(d), len(d) - d.count(b"A"), d.count(b"@"))';
  expect(await machine.run(program)).toBe('500000 1 1\r\n');
  await wholeAgain(machine);
});

test('an impossible index in the completion queue is one line to the operator, and the guest is rebooted', async ({
  machine,
}) => {
  await machine.run('f = open("kept", "w"); f.write("1"); f.flush()');
  // The tail of the server's queue, half of 2^32 away.
  await set(machine, { on: 'memory', region: 'fs_fs_driver_vmm_completion_queue', offset: 0, bits: 0x4000_0000 });
  await set(machine, { on: 'memory', region: 'fs_fs_driver_vmm_completion_queue', offset: 8, bits: 0x4000_0000 });
  expect(await machine.run('f.write("2"); f.close(); print(open("kept").read())')).toBe('12\r\n');
  // Which of the two it finds depends on whether the server answers once more.
  expect(await machine.screen()).toMatch(/the file system server wrote (an impossible|the client's own) queue index/);
  expect(await machine.screen()).toContain(
    "MON|ERROR: virtual machine 'linux_fs_vm' failed: it broke a protocol: rebooting it",
  );
  expect(await generationOf(machine, 'linux_fs_vm')).toBe(2);
  await wholeAgain(machine);
});

test.describe('wrong faults', () => {
  for (const [fault, why] of [
    [{ on: 'disk', what: 'melts' }, 'A disk fault is one of'],
    [{ on: 'interrupt', what: 'lost', domain: 'micropython' }, 'Only these have an interrupt: '],
    [{ on: 'memory', region: 'nowhere', offset: 0, bits: 1 }, "There is no region 'nowhere'."],
  ] as const) {
    test(`${why} is said`, async ({ machine }) => {
      await expect(set(machine, fault as Fault)).rejects.toThrow(why);
      expect(await machine.page.evaluate(() => window.lionsos.fault.list())).toEqual([]);
    });
  }
});
