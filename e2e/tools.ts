/**
 * Runs programs of Debian packages (dosfstools, mtools, sfdisk) and waits for them. A fork copies the page tables of its parent: a test
 * that holds a gigabyte of disks pays 50 ms for each program that Node starts. So a shell starts them, which Node starts once.
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, readSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Ran {
  /** What the shell says of it: 127 when there is no such program. */
  readonly status: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** `sfdisk` and `mkfs.fat` are not in everybody's path; names in images are UTF-8. */
const ENVIRONMENT = {
  ...process.env,
  PATH: `${process.env.PATH}:/usr/sbin:/sbin`,
  LC_ALL: 'C.UTF-8',
  TZ: 'UTC',
  MTOOLS_SKIP_CHECK: '1',
};

/** A line of `orders` is a command, a line of `answers` its status; it ends, and cleans up, when whoever writes orders has ended. */
const LOOP = `
exec 3<"$1/orders" 4>"$1/answers"
while IFS= read -r line <&3; do
  sh -c "$line" <"$1/in" >"$1/out" 2>"$1/err" 3<&- 4>&-
  echo $? >&4
done
rm -r "$1"`;

interface Shell {
  readonly folder: string;
  readonly orders: number;
  readonly answers: number;
}

let started: Shell | undefined;

function start(): Shell {
  const folder = mkdtempSync(join(tmpdir(), 'vmfs-shell-'));
  const [orders, answers] = [join(folder, 'orders'), join(folder, 'answers')];
  execFileSync('mkfifo', [orders, answers]);
  spawn('sh', ['-c', LOOP, 'sh', folder], { stdio: 'ignore', env: ENVIRONMENT }).unref();
  // In the shell's order: each end waits for the other.
  return { folder, orders: openSync(orders, 'w'), answers: openSync(answers, 'r') };
}

const quoted = (word: string) => `'${word.replaceAll("'", `'\\''`)}'`;

/** Runs a program, `input` on its standard input. */
export function ran(name: string, args: readonly string[], input: string | Uint8Array = ''): Ran {
  const command = [name, ...args];
  if (command.some((word) => word.includes('\n'))) throw new Error('A command is one line.');
  started ??= start();
  const { folder, orders, answers } = started;
  writeFileSync(join(folder, 'in'), input);
  writeSync(orders, `${command.map(quoted).join(' ')}\n`);
  const status = Buffer.alloc(16);
  const length = readSync(answers, status);
  if (length === 0) throw new Error(`The shell ended while ${name} ran.`);
  return {
    status: Number(status.toString('latin1', 0, length)),
    stdout: readFileSync(join(folder, 'out')),
    stderr: readFileSync(join(folder, 'err'), 'utf8'),
  };
}

/** What a program prints; an error when it fails. */
export function tool(name: string, args: readonly string[], input?: string | Uint8Array): Buffer {
  const { status, stdout, stderr } = ran(name, args, input);
  if (status !== 0) throw new Error(`${name} ended with ${status}: ${stderr}${stdout.toString()}`);
  return stdout;
}
