import { beforeEach, expect, test } from 'vitest';
import { Drafts, isDirty } from './drafts';
import { exactText, looksOf, readableText } from './file_kind';
import { hexRow } from './hex';
import { FakeDisk } from './testing/fake_disk';
import { Volume } from './volume';

let disk: FakeDisk;
let drafts: Drafts;
const F = '/a.py';
const draft = () => drafts.state.get(F)!;

beforeEach(async () => {
  disk = new FakeDisk();
  disk.put(F, 'one\r\n');
  drafts = new Drafts(new Volume(disk, { count: () => 1, subscribe: () => () => {} }));
  await drafts.open(F);
});

test('what is typed is kept until it is saved, and saved as it is', async () => {
  drafts.typed(F, 'two\r\n\ufeff');
  expect([isDirty(draft()), drafts.dirty]).toEqual([true, true]);
  drafts.left(F);
  expect(draft().text).toBe('two\r\n\ufeff');
  expect(await drafts.save(F)).toBe(true);
  expect([...disk.nodes.get('/A.PY')!.bytes!.slice(-3)]).toEqual([0xef, 0xbb, 0xbf]);
  expect(drafts.dirty).toBe(false);
  drafts.left(F);
  expect(drafts.state.size).toBe(0);
});

test('a draft without edits follows the disk', async () => {
  disk.put(F, 'theirs');
  await drafts.rereadAll();
  expect(draft()).toMatchObject({ text: 'theirs', saved: 'theirs', theirs: undefined, version: 1 });
});

test('one with edits keeps them and asks; nothing is overwritten before the answer', async () => {
  drafts.typed(F, 'mine');
  disk.put(F, 'theirs');
  expect(await drafts.save(F)).toBe(false);
  expect(draft()).toMatchObject({ text: 'mine', theirs: 'theirs', version: 0 });
  expect(disk.text(F)).toBe('theirs');
  drafts.keepMine(F);
  expect(draft().theirs).toBeUndefined();
  expect(await drafts.save(F)).toBe(true);
  expect(disk.text(F)).toBe('mine');
});

test('theirs may be taken', async () => {
  drafts.typed(F, 'mine');
  disk.put(F, 'theirs');
  await drafts.reread(F);
  drafts.takeTheirs(F);
  expect(draft()).toMatchObject({ text: 'theirs', saved: 'theirs', theirs: undefined, version: 1 });
  expect(drafts.dirty).toBe(false);
});

test('somebody else who writes the very same is no question', async () => {
  drafts.typed(F, 'same');
  disk.put(F, 'same');
  await drafts.rereadAll();
  expect([draft().theirs, drafts.dirty]).toEqual([undefined, false]);
});

test('a file that was deleted comes back with its draft', async () => {
  drafts.typed(F, 'mine');
  disk.nodes.clear();
  await drafts.rereadAll();
  expect(await drafts.save(F)).toBe(true);
  expect(disk.text(F)).toBe('mine');
});

test('a draft that the disk has is not written again; one whose file is gone is', async () => {
  expect(await drafts.save(F)).toBe(true);
  expect(disk.calls.filter((call) => call.startsWith('rename'))).toEqual([]);
  disk.nodes.clear();
  expect(await drafts.save(F)).toBe(true);
  expect(disk.text(F)).toBe('one\r\n');
});

test('a full disk leaves the draft and the file, and says so', async () => {
  drafts.typed(F, 'longer than there is room for');
  disk.size = 10;
  expect(await drafts.save(F)).toBe(false);
  expect(draft()).toMatchObject({ text: 'longer than there is room for', problem: 'Not saved: The disk is full.' });
  expect(disk.text(F)).toBe('one\r\n');
});

test('back to what is on the disk; drafts go along with a folder that is renamed', async () => {
  drafts.typed(F, 'mine');
  drafts.revert(F);
  expect(draft()).toMatchObject({ text: 'one\r\n', version: 1 });
  disk.put('/d', undefined);
  disk.put('/d/x.py', 'x');
  await drafts.open('/d/x.py');
  drafts.renamed('/d', '/e');
  expect([...drafts.state.keys()]).toEqual([F, '/e/x.py']);
});

test('ways to look at a file', () => {
  const bytes = (text: string) => new TextEncoder().encode(text);
  const looks = (name: string, first: Uint8Array<ArrayBuffer>, size = first.length) => looksOf(name, size, first);
  expect(looks('a.py', bytes('x'))).toEqual(['edit', 'hex']);
  expect(looks('a.py', Uint8Array.of(0xff))).toEqual(['text', 'hex']);
  expect(looks('a.txt', bytes('x\x1b[0m'))).toEqual(['text', 'edit', 'hex']);
  expect(looks('a.txt', bytes('x'), 2 ** 20 + 1)).toEqual(['text', 'hex']);
  expect(looks('a', Uint8Array.of(1, 2, 0))).toEqual(['hex', 'text']);
  expect(looks('a.PNG', bytes('x'))).toEqual(['picture', 'hex']);
  expect(looks('a.svg', bytes('<svg/>'))).toEqual(['text', 'edit', 'hex']);
  expect(looks('empty', bytes(''))).toEqual(['text', 'edit', 'hex']);
});

test('text for reading shows control characters, and no half character at a cut', () => {
  const text = new TextEncoder().encode('a\r\nb\x00\x7f\tü');
  expect(readableText(text)).toBe('a\nb\u2400\u2421\tü');
  expect(readableText(text.slice(0, -1))).toBe('a\nb\u2400\u2421\t');
  expect(exactText(text)).toBe('a\r\nb\x00\x7f\tü');
  expect(exactText(Uint8Array.of(0xc3))).toBeUndefined();
});

test('a row of bytes is as hexdump -C writes it', () => {
  const bytes = Uint8Array.from('Hello, world!\n\x7f', (char) => char.charCodeAt(0));
  expect(hexRow(0x1230, bytes)).toBe('00001230  48 65 6c 6c 6f 2c 20 77  6f 72 6c 64 21 0a 7f     |Hello, world!..|');
  expect(hexRow(16, undefined)).toBe('00000010');
});
