import { describe, expect, test } from 'vitest';
import { Random } from '../libmicrokit/random';
import { type Piece, SpeakerParser } from './speakers';

const bytes = (text: string) => new TextEncoder().encode(text);
function said(pieces: readonly Piece[]): Record<string, string> {
  const all: Record<string, string> = {};
  for (const { speaker, text } of pieces) if (text !== '') all[speaker] = (all[speaker] ?? '') + text;
  return all;
}

describe('who printed what', () => {
  test("each client's batch is its own, and what has no colour is the kernel's", () => {
    const parser = new SpeakerParser();
    const pieces = parser.push(bytes('MON|INFO\r\n\x1b[31m>>> \x1b[0m\x1b[32m# \x1b[0mrest'));
    expect(said(pieces)).toEqual({ kernel: 'MON|INFO\r\nrest', client0: '>>> ', client1: '# ' });
    expect(pieces.map(({ kind }) => kind)).toEqual(['text', 'begin', 'text', 'end', 'begin', 'text', 'end', 'text']);
  });

  test('the same pieces come out however the bytes are cut', () => {
    const line = bytes(
      'boot\n\x1b[31mé \u{1f600} \x1b[1mbold\x1b[32mgreen\x1b[0m\x1b[32m# ls\r\n\x1b[0m\x1b[35mkernel\x1b[3',
    );
    const whole = said(new SpeakerParser().push(line));
    const random = new Random(7);
    for (let round = 0; round < 200; round++) {
      const parser = new SpeakerParser();
      const pieces: Piece[] = [];
      for (let at = 0; at < line.length; ) {
        const end = at + 1 + random.below(5);
        pieces.push(...parser.push(line.subarray(at, end)));
        at = end;
      }
      expect(said(pieces)).toEqual(whole);
    }
  });

  test("a character's bytes may be in two batches, with another client's between them", () => {
    const parser = new SpeakerParser();
    const [first, second] = bytes('é');
    const batch = (colour: number, ...data: number[]) =>
      Uint8Array.of(0x1b, 0x5b, 0x33, colour, 0x6d, ...data, 0x1b, 0x5b, 0x30, 0x6d);
    const pieces = [
      ...parser.push(batch(0x31, first!)),
      ...parser.push(batch(0x32, 0x23)),
      ...parser.push(batch(0x31, second!)),
    ];
    expect(said(pieces)).toEqual({ client0: 'é', client1: '#' });
  });

  test("a client's escape sequence may be in two batches", () => {
    const parser = new SpeakerParser();
    const pieces = parser.push(bytes('\x1b[31m\b\x1b\x1b[0m\x1b[31m[K\x1b[0m'));
    expect(pieces.filter(({ kind }) => kind === 'text').map(({ text }) => text)).toEqual(['\b', '\x1b[K']);
  });

  test("a client's own colours stay in its text", () => {
    const pieces = new SpeakerParser().push(bytes('\x1b[31ma\x1b[32mb\x1b[31mc\x1b[0m'));
    expect(said(pieces)).toEqual({ client0: 'a\x1b[32mb\x1b[31mc' });
  });

  test('broken codes and broken UTF-8 are text, and nothing is lost after them', () => {
    const parser = new SpeakerParser();
    expect(said(parser.push(Uint8Array.of(0x1b, 0x5b, 0x33, 0x39, 0x6d, 0xff, 0x41)))).toEqual({
      kernel: '\x1b[39m\ufffdA',
    });
    expect(said(parser.push(bytes('\x1b\x1b[31mx')))).toMatchObject({ client0: 'x' });
  });
});
