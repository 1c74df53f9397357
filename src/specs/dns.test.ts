/** Second reading of RFC 1035 section 4: an answer with a CNAME and compressed names, written out as digits. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DNS_TYPE, encodeDnsName, readDns, writeDns } from './dns';

const hex = (text: string) => Uint8Array.from(Buffer.from(text.replace(/\s+/g, ''), 'hex'));

/** www.lions.os is an alias of files.lions.os, which is 10.0.2.2. */
const ANSWER = `12 34 85 80 00 01 00 02 00 00 00 00
  03 77 77 77 05 6c 69 6f 6e 73 02 6f 73 00  00 01 00 01
  c0 0c  00 05 00 01  00 00 00 3c  00 08  05 66 69 6c 65 73 c0 10
  c0 2a  00 01 00 01  00 00 00 0a  00 04  0a 00 02 02`;

test('an answer with pointers is read as the digits say', () => {
  expect(readDns(hex(ANSWER))).toEqual({
    id: 0x1234,
    flags: 0x8580,
    questions: [{ name: 'www.lions.os', type: 1 }],
    answers: [
      { name: 'www.lions.os', type: 5, ttl: 60, target: 'files.lions.os' },
      { name: 'files.lions.os', type: 1, ttl: 10, address: 0x0a00_0202 },
    ],
  });
});

test('a question as written is the digits', () => {
  const question = writeDns({ id: 7, flags: 0x0100, questions: [{ name: 'a.bc', type: DNS_TYPE.A }], answers: [] });
  expect(Buffer.from(question).toString('hex')).toBe('000701000001000000000000016102626300' + '00010001');
});

test('an answer as written is read the same', () => {
  const message = readDns(hex(ANSWER))!;
  expect(readDns(writeDns(message))).toEqual(message);
});

test('names are compared without case', () => {
  expect(readDns(hex(ANSWER.replace('77 77 77', '57 77 57')))!.questions[0]!.name).toBe('www.lions.os');
});

test.each([
  ['a pointer to itself', ANSWER.replace('03 77 77 77', 'c0 0c 00 00')],
  ['two pointers in a circle', ANSWER.replace('03 77 77 77', 'c0 0e c0 0c')],
  ['a reserved label type', ANSWER.replace('03 77 77 77', '43 77 77 77')],
  ['a record beyond the end', ANSWER.replace('00 04  0a', '00 05  0a')],
  ['an address that is cut', ANSWER.replace(' 02 02', '')],
  ['more answers than there are', ANSWER.replace('00 02 00 00', '00 03 00 00')],
  ['a short header', '12 34 85 80 00 01'],
])('%s makes it no message', (_, text) => {
  expect(readDns(hex(text))).toBeUndefined();
});

test('no bytes make it throw', () => {
  const start = hex(ANSWER);
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(start.length - 1), fc.nat(255))), fc.nat(start.length), (changes, length) => {
      const bytes = start.slice(0, length);
      for (const [at, value] of changes) if (at < length) bytes[at] = value;
      const message = readDns(bytes);
      expect(message?.answers.length ?? 0).toBeLessThan(65_536);
    }),
  );
});

test('what can be a name', () => {
  expect(encodeDnsName('lions.os.')).toEqual(hex('05 6c 69 6f 6e 73 02 6f 73 00'));
  expect(encodeDnsName('x'.repeat(63))?.length).toBe(65);
  const long = Array.from({ length: 127 }, () => 'a').join('.');
  expect(encodeDnsName(long)?.length).toBe(255);
  for (const name of ['', '.', 'a..b', 'x'.repeat(64), `${long}.a`, 'a b', 'löwe', 'a\n'])
    expect(encodeDnsName(name), name).toBeUndefined();
});
