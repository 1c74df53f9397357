/** The shell on the guest's console, typed to through the serial system. */
import { describe, expect, test } from 'vitest';
import { printable } from '../kernel/printk';
import { type Machine, machine } from '../testing/machine';
import { Shell } from './shell';
import type { ShellContext } from './shell_commands';

const TO_GUEST = '\u001c1\r';

async function console(): Promise<{ vm: Machine; type: (keys: string) => string }> {
  const vm = await machine();
  vm.client((fs) => {
    fs.initialise();
    fs.mkdir('dir');
    fs.putFile('hello.txt', 'Hello from the disk\n');
    fs.putFile('dir/inner', 'x');
  });
  vm.simulator.settle();
  vm.type(TO_GUEST);
  /** What the keys put on the screen. */
  const type = (keys: string) => {
    const before = vm.lines().join('\n').length;
    vm.type(keys);
    return vm.lines().join('\n').slice(before);
  };
  return { vm, type };
}

test('the prompt comes with the first key, not into the boot log', async () => {
  const { vm, type } = await console();
  expect(vm.lines().join('\n')).not.toContain('# ');
  expect(type('\r')).toBe('# \n# ');
});

describe('commands', () => {
  test.each([
    ['ls', 'dir\nhello.txt\n'],
    ['ls dir', 'inner\n'],
    ['ls /mnt/dir', 'inner\n'],
    ['ls hello.txt', 'hello.txt\n'],
    ['ls /', 'mnt\n'],
    ['ls /etc', 'ls: /etc: No such file or directory\n'],
    ['ls ../../etc', 'ls: ../../etc: No such file or directory\n'],
    ['cat hello.txt', 'Hello from the disk\n'],
    ['cat nothing dir/inner', 'cat: nothing: No such file or directory\nx'],
    ['cat dir', 'cat: dir: Is a directory\n'],
    ['echo  one   two', 'one two\n'],
    ['mount', '/dev/vda on /mnt type vfat (rw,sync,utf8) [FAT12]\n'],
    ['nonsense', 'sh: nonsense: not found\n'],
    ['', ''],
  ])('%s', async (line, output) => {
    const { type } = await console();
    type('\r');
    expect(type(`${line}\r`)).toBe(`${line}\n${output}# `);
  });

  test('dmesg, free, df, uname, help and ls -l say something true', async () => {
    const { type } = await console();
    expect(type('dmesg\r')).toMatch(/\[vda\] 30712 512-byte logical blocks \(15\.7 MB\/15\.0 MiB\)/);
    expect(type('free\r')).toMatch(/Mem: +131072 /);
    expect(type('df\r')).toMatch(/\/dev\/vda +15\d{3} +\d+ +15\d{3} \/mnt/);
    expect(type('uname\r')).toContain('not Linux itself');
    expect(type('help\r')).toContain('dmesg');
    expect(type('ls -l\r')).toMatch(/^ls -l\ndrwxr-xr-x .* dir\n-rwxr-xr-x +20 2025-02-27 00:\d\d hello\.txt\n# $/);
  });
});

describe('fsck', () => {
  test('says that the volume is in use right after a change, and finds nothing when it was left alone', async () => {
    const { vm, type } = await console();
    type('\r');
    const summary = '/dev/vda: FAT12, 2 files, 1 directories, ';
    const inUse = type('fsck\r');
    expect(inUse).toContain('The dirty bit is set');
    expect(inUse).toContain(summary);
    expect(inUse).toContain(': 1 found, nothing changed');
    vm.simulator.advance(vm.simulator.nowNs + 1e9);
    expect(type('fsck\r')).toMatch(/clusters: no problem\n# $/);
  });
});

describe('line editing', () => {
  test('backspace takes back one character, of several bytes too; Ctrl-U the line', async () => {
    const { type } = await console();
    type('\r');
    type('echo abé');
    type('\u007f\u007fc');
    expect(type('\r')).toBe('\nac\n# ');
    type('cat hello.txt\u0015');
    expect(type('\r')).toBe('\n# ');
    expect(type('\u007f')).toBe('');
  });

  test('Ctrl-C gives the line up', async () => {
    const { type } = await console();
    type('\r');
    expect(type('cat hello\u0003')).toBe('cat hello^C\n# ');
    expect(type('\r')).toBe('\n# ');
  });

  test('a line of any length and any byte does no harm', async () => {
    const { type } = await console();
    type(Array.from({ length: 256 }, (_, i) => String.fromCharCode(i)).join(''));
    type('z'.repeat(5000));
    type('\u0003');
    expect(type('echo ok\r')).toContain('ok\n# ');
  });
});

test('a long file comes out whole, and the client is served meanwhile', async () => {
  const { vm, type } = await console();
  vm.client((fs) => fs.putFile('long', 'y'.repeat(900_000)));
  const output = type('cat long\r');
  expect(output.length).toBeGreaterThan(900_000);
  expect(output.endsWith('# ')).toBe(true);
});

test('a command waits while the terminal is busy, and Ctrl-C ends it and closes its file', () => {
  const terminal = { backlog: 0, text: '', write: (text: string) => void (terminal.text += text) };
  const open = new Set<number>();
  const syscalls = {
    open: () => open.add(5) && 5,
    read: (_fd: number, _position: number, dest: Uint8Array) => dest.fill(0x2e).length,
    close: (fd: number) => void open.delete(fd),
  };
  const shell = new Shell(terminal, { syscalls } as unknown as ShellContext);
  const type = (keys: string) => shell.input(new TextEncoder().encode(keys));
  terminal.backlog = 10_000;
  type('cat endless\r');
  expect(terminal.text).toBe('# cat endless\n');
  terminal.write = (text) => {
    terminal.text += text;
    terminal.backlog += text.length;
  };
  terminal.backlog = 0;
  shell.pump();
  expect(terminal.text.length).toBeLessThan(8000);
  expect(open.size).toBe(1);
  type('ignored\r');
  type('\u0003');
  expect(terminal.text.endsWith('.^C\n# ')).toBe(true);
  expect(open.size).toBe(0);
  terminal.backlog = 0;
  shell.pump();
  expect(terminal.text.endsWith('^C\n# ')).toBe(true);
});

test('a command that runs while the client unmounts says so and ends', async () => {
  const { vm, type } = await console();
  type('\r');
  vm.client((fs) => fs.deinitialise());
  expect(type('ls\r')).toBe('ls\nls: /mnt: No such device\n# ');
  expect(type('mount\r')).toBe('mount\n# ');
  expect(type('df\r')).toBe('df\n# ');
});

test('nothing from the disk commands the terminal', async () => {
  expect(printable('a\u001b]0;title\u0007b\u009b2J\u007f\tc\n')).toBe('a?]0;title?b?2J?\tc\n');
  const { vm, type } = await console();
  vm.client((fs) => fs.putFile('evil', 'x\u001b[2Jy'));
  expect(type('cat evil\r')).toContain('x?[2Jy');
});
