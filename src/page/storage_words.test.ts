import { describe, expect, test } from 'vitest';
import { lineCost, sentence } from './facts';
import { match } from './lionsos';
import { readParameters } from './parameters';
import { bytesWords, mountWords, storageWords } from './storage_words';

const domain = (name: string, notifications: number, state = 'waiting' as const) => ({
  name,
  state,
  notifications,
  generation: 1,
});
const READY = { phase: 'ready', keysTo: 0, scripted: false, restarting: false, starts: 1 } as const;

describe('what the page says', () => {
  test('about where the disk is', () => {
    expect(storageWords(undefined).short).toBe('Opening disk');
    expect(storageWords({ state: 'saved' }).short).toBe('Saved in this browser');
    expect(storageWords({ state: 'busy', reason: 'x' }).short).toBe('Another tab has this disk');
    const memory = storageWords({ state: 'memory', reason: 'This is a private window' });
    expect(memory.short).toBe('Not saved: memory only');
    expect(memory.long).toMatch(/^This is a private window\. Your files go when you close this tab\./);
  });

  test('about a disk that began as an image on the server', () => {
    const words = (state: 'saved' | 'memory' | 'busy', server: 'same' | 'changed' | 'missing') =>
      storageWords({ state, hosted: { path: '/a.img', server, ...(server === 'same' ? {} : { reason: 'Why.' }) } });
    expect(words('saved', 'same')).toMatchObject({ kind: 'saved', short: 'Saved in this browser' });
    expect(words('saved', 'same').long).toContain('/a.img');
    expect(words('saved', 'changed')).toMatchObject({ kind: 'saved', short: 'Changed on the server' });
    expect(words('saved', 'changed').long).toMatch(
      /^Why\. .*start on the new image; Undo then brings this one back\.$/,
    );
    expect(words('saved', 'missing').long).toMatch(/^Why\. The disk works with what was read/);
    expect(words('memory', 'missing')).toMatchObject({ kind: 'unsaved', short: 'Image not opened' });
    expect(words('memory', 'same')).toMatchObject({ kind: 'unsaved', short: 'Not saved: memory only' });
    expect(words('busy', 'same')).toMatchObject({ kind: 'busy', short: 'Another tab has this disk' });
  });

  test('about what is on it', () => {
    expect(mountWords({ state: 'mounted', type: 'FAT16' })).toBe('FAT16, mounted by linux_fs_vm');
    expect(mountWords({ state: 'refused', reason: 'This is an ext4 partition.' })).toBe(
      'Not mounted: This is an ext4 partition.',
    );
    expect([0, 1023, 1024, 1536, 16 << 20].map(bytesWords)).toEqual([
      '0 bytes',
      '1023 bytes',
      '1 KiB',
      '1.5 KiB',
      '16 MiB',
    ]);
  });

  test('while starting: who is waited for', () => {
    const domains = [domain('blk_driver', 0), { ...domain('fs_driver_vmm', 0), state: 'starting' as const }];
    expect(sentence({ ...READY, phase: 'starting' }, domains, undefined)).toBe(
      'Waiting for `fs_driver_vmm`: 1 of 2 are up. Keys you type now will reach the prompt.',
    );
  });

  test('after a line: what it took, by domain, most first', () => {
    const before = [domain('a', 5), domain('b', 5), domain('c', 5), domain('d', 0)];
    const after = [domain('a', 6), domain('b', 15), domain('c', 5), domain('d', 3)];
    const cost = lineCost('os.listdir()', before, after);
    expect(sentence(READY, after, cost)).toBe('`os.listdir()` took 14 notifications: `b` 10, `d` 3, `a` 1');
    const python = [{ name: 'micropython', state: 'running' as const, generation: 1, notifications: 3 }];
    expect(sentence(READY, python, cost)).toMatch(/^Python is computing; .* Ctrl C stops it\.$/);
    expect(sentence({ ...READY, restarting: true }, python, cost)).toMatch(/^`micropython` starts again, alone\./);
    expect(sentence(READY, after, lineCost('1', after, after))).toMatch(/^Ready\. 4 workers/);
  });

  test('about an address that asks for what is not there', () => {
    const read = (search: string) => readParameters(`https://host/course/${search}#x`);
    expect(read('')).toMatchObject({ disk: { store: 'opfs' }, board: { name: 'qemu_virt_aarch64' } });
    expect(read('?disk=memory&board=qemu_virt_aarch64')).toMatchObject({ disk: { store: 'memory' } });
    expect(read('?board=pc')).toEqual({
      problem: 'There is no board "pc" here. There is: qemu_virt_aarch64, maaxboard.',
    });
    expect(read('?disk=')).toHaveProperty('problem');
    expect(read('?disk=floppy')).toHaveProperty('problem');
    const hosted = (disk: string) => read(`?disk=${encodeURIComponent(disk)}`);
    expect(hosted('images/a.img#1')).toMatchObject({
      disk: { store: 'opfs', hosted: 'https://host/course/images/a.img' },
    });
    expect(hosted('/a b.img?v=2')).toMatchObject({ disk: { hosted: 'https://host/a%20b.img?v=2' } });
    for (const other of ['https://else/a.img', '//else/a.img', 'http://host/a.img', 'data:,x.y'])
      expect(hosted(other)).toMatchObject({
        problem: expect.stringContaining(`The disk ${other} is on another server`),
      });
    expect(hosted('http://[/')).toHaveProperty('problem');
  });
});

test('a pattern that remembers where it was matches every time', () => {
  const pattern = />>> $/gy;
  for (let i = 0; i < 3; i++) expect(match('boot\n>>> ', pattern)).toBe('>>> ');
  expect(match('boot', 'o')).toBe('o');
  expect(match('boot', 'x')).toBeUndefined();
});
