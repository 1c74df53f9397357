/** What the page tells of a statement is what happened: sectors hold the bytes, reasons are the guest's, a reboot is a second try. */
import { describe, expect, test } from 'vitest';
import { maaxboard } from '../../src/boards/maaxboard';
import { qemuVirtAarch64 } from '../../src/boards/qemu_virt_aarch64';
import { Files } from '../../src/libfs/files';
import { FsClient } from '../../src/libfs/fs_client';
import { fsRegions } from '../../src/libfs/fs_request';
import { bit, type Environment } from '../../src/libmicrokit/pd';
import { Entries } from '../../src/page/follow/entries';
import { hopsOf } from '../../src/page/follow/hops';
import { rolesOf } from '../../src/page/follow/roles';
import { commandsOf, statementsOf } from '../../src/page/follow/statements';
import { diskWork, reasonsOf } from '../../src/page/follow/why';
import { REBOOT_CHANNEL } from '../../src/protocol/boot';
import { TRACE } from '../../src/protocol/trace';
import { DEFAULT_DISK_SIZE, defaultDisk } from '../../src/specs/disk_image';
import { type SimulatedSystem, simulate } from './system';

function freshDisk(): SharedArrayBuffer {
  const image = new SharedArrayBuffer(DEFAULT_DISK_SIZE);
  const bytes = new Uint8Array(image);
  defaultDisk(1, (offset, part) => bytes.set(part, offset));
  return image;
}

const both = { access: 'both', create: true, exclusive: false, truncate: false, append: false } as const;

class Session {
  #number = 0;
  #files: Files | undefined;

  constructor(
    readonly system: SimulatedSystem,
    readonly image: SharedArrayBuffer,
  ) {}

  /** One line at the prompt. */
  line(body: (files: Files) => void): void {
    this.system.client((env) => {
      this.#files ??= mounted(env);
      env.kernel.trace(TRACE.STATEMENT, 0, 0, ++this.#number, 0);
      body(this.#files);
      env.kernel.trace(TRACE.STATEMENT_END, 0, 0, this.#number, 0);
    });
    this.system.simulator.advance(this.system.simulator.nowNs + 1e9);
  }

  /** `continued`: numbers of lines that go on with a block. */
  told(continued: readonly number[] = []) {
    const roles = rolesOf(this.system.memory.description)!;
    const entries = new Entries(roles, this.system.memory);
    entries.read();
    return statementsOf(entries, (key) => continued.includes(Number(key.split(' ')[1]))).map((statement) => {
      const commands = commandsOf(statement, entries);
      const hops = commands.flatMap((command) => hopsOf(command, statement.domain, roles));
      const reasons = reasonsOf(statement, commands).map(({ words }) => words);
      return { statement, commands, hops, reasons, work: diskWork(commands) };
    });
  }

  /** Line number `number`. */
  of(number: number) {
    return this.told().find(({ statement }) => statement.of === 'line' && statement.number === number)!;
  }
}

async function session(board = qemuVirtAarch64): Promise<Session> {
  const image = freshDisk();
  const system = await simulate({ seed: 5, image, board });
  system.simulator.advance(50e6);
  return new Session(system, image);
}

function mounted(env: Environment): Files {
  const { kernel } = env;
  const channel = env.channel('fs');
  const regions = fsRegions((symbol) => env.region(symbol));
  const block = (deadlineNs: number) => kernel.wait(bit(channel) | bit(REBOOT_CHANNEL), deadlineNs) !== 0;
  const files = new Files(new FsClient(kernel, channel, regions, block, env));
  files.requestMount();
  files.mount();
  return files;
}

const TEXT = 'hello, sel4\n';
const write = (files: Files) => {
  const file = files.open('/notes.txt', both);
  file.write(new TextEncoder().encode(TEXT));
  file.close();
};
const read = (files: Files) => {
  const file = files.open('/notes.txt', both);
  file.read(new Uint8Array(TEXT.length));
  file.close();
};

describe.each([qemuVirtAarch64, maaxboard])('$name', (board) => {
  test('a write: the bytes are in the sectors that it names', async () => {
    const run = await session(board);
    run.line(write);
    const { commands, hops, reasons, statement } = run.of(1);
    expect(commands.map(({ name, length, status }) => [name, length, status])).toEqual([
      ['FILE_OPEN', 0, 0],
      ['FILE_SIZE', 0, 0],
      ['FILE_WRITE', 12, 0],
      ['FILE_CLOSE', 0, 0],
    ]);
    expect(statement.requests).toHaveLength(4);
    const [one] = commands[2]!.tries;
    const contents = one!.accesses.find(({ op, why }) => op === 'write' && why & 32)!;
    const lba = contents.parts[0]!.driver!.block * 8;
    const bytes = new Uint8Array(run.image, lba * 512, 4096);
    expect(new TextDecoder().decode(bytes.slice())).toContain(TEXT);
    expect(one!.clusters).toHaveLength(1);
    expect(reasons.some((words) => words === `Wrote sectors ${lba} to ${lba + 7}: the file's contents.`)).toBe(true);
    const who = hops.filter(({ words }) => words !== 'answers').map((hop) => hop.who);
    for (const domain of ['micropython', 'linux_fs_vm', 'fs_driver_vmm', 'blk_virt', 'blk_driver'])
      expect(who).toContain(domain);
    expect(
      hops.some(
        ({ who: at, words }) => at === board.blk.device.label && words === `sectors ${lba} to ${lba + 7} written`,
      ),
    ).toBe(true);
    expect(one!.accesses.filter(({ op }) => op === 'flush').every(({ parts }) => parts.length === 1)).toBe(true);
    const { virt, monitor } = contents.parts[0]!;
    expect(hops.some(({ words }) => words.startsWith(`${monitor.block} + 256 = device block ${virt!.block}`))).toBe(
      true,
    );
  });

  test('a cold read asks the disk and says why; the same again does not', async () => {
    const run = await session(board);
    run.line(write);
    run.system.rebootGuest();
    run.line(read);
    run.line(read);
    const [cold, cached] = [run.of(2), run.of(3)];
    expect(cold.commands.map(({ name }) => name)).toContain('INITIALISE');
    expect(cold.reasons.some((words) => /^Read sectors \d+ to \d+: the file's contents\.$/.test(words))).toBe(true);
    expect(cold.reasons.some((words) => words.includes('a directory'))).toBe(true);
    expect(cold.work).toMatch(/^\d+ disk reads/);
    expect(cached.work).toBe('no disk request');
    expect(cached.reasons).toContain('FILE_READ, 32768 bytes at 0: none, it was in the page cache.');
  });

  test('read-ahead is called so', async () => {
    const run = await session(board);
    run.line((files) => files.open('/big', both).write(new Uint8Array(1 << 20)));
    run.system.rebootGuest();
    run.line((files) => files.open('/big', both).read(new Uint8Array(100_000)));
    const { reasons } = run.of(2);
    expect(
      reasons.some((words) => /pages? needed, \d+ pages of read-ahead behind|read-ahead, \d+ pages/.test(words)),
    ).toBe(true);
  });
});

test('what a reboot interrupts is a second try with the same number', async () => {
  const run = await session();
  run.line(write);
  let kills = 0;
  run.system.simulator.onStep = () => {
    // A clock that stands still would tell no try from the next.
    run.system.simulator.nowNs += 1000;
    const memory = run.told().at(-1);
    const busy = memory?.commands.find(({ name, end }) => name === 'FILE_WRITE' && end === undefined);
    if (!busy || kills > 0 || !busy.tries[0]?.accesses.some(({ op }) => op === 'write')) return;
    kills++;
    run.system.rebootGuest();
  };
  run.line(write);
  run.system.simulator.onStep = undefined;
  const { commands, hops } = run.of(2);
  const again = commands.find(({ name }) => name === 'FILE_WRITE')!;
  expect([kills, again.tries.length, again.status]).toEqual([1, 2, 0]);
  expect(again.tries.map(({ accesses }) => accesses.some(({ op }) => op === 'write'))).toEqual([true, true]);
  expect(again.tries.map(({ answered }) => answered === undefined)).toEqual([true, false]);
  expect(hops.some(({ words }) => words === 'asks again: linux_fs_vm has been rebooted')).toBe(true);
});

test('a block of several lines is one statement; what the guest does by itself is told apart', async () => {
  const run = await session();
  for (const body of [() => {}, () => {}, write]) run.line(body);
  const told = run.told([2, 3]);
  const lines = told.filter(({ statement }) => statement.of === 'line');
  expect(lines.map(({ statement }) => [statement.number, statement.last, statement.requests.length])).toEqual([
    [1, 3, 4],
  ]);
  expect(told.find(({ statement }) => statement.of === 'guest')!.hops[0]!.words).toBe('marks the volume as clean');
});
