import { describe, expect, test } from 'vitest';
import type { CapturedFrame } from '../../protocol/capture_reader';
import { parseFilter } from './filter';
import { Frames } from './frames';
import { hopMarks, hopSentence } from './packet_words';
import { DNS_ANSWER, PING, TCP_SYN } from './testing/sample_frames';

const captured = (
  timeNs: number,
  bytes: Uint8Array,
  direction: CapturedFrame['direction'] = 'receive',
): CapturedFrame => ({ sequence: 0, timeNs, direction, length: bytes.length, bytes });
const seenAt = ({ list }: Frames) => list.map(({ seen }) => [...seen]);

describe('one frame at each hop', () => {
  test('received: driver, virtualiser, copier, client', () => {
    const frames = new Frames();
    frames.add({
      micropython: [captured(40, PING)],
      micropython_net_copier: [captured(30, PING)],
      net_virt_rx: [captured(20, PING)],
      ethernet_driver: [captured(10, PING)],
    });
    expect(seenAt(frames)).toEqual([
      [
        ['ethernet_driver', 10],
        ['net_virt_rx', 20],
        ['micropython_net_copier', 30],
        ['micropython', 40],
      ],
    ]);
  });

  test('sent: client, virtualiser, driver, also when the last is read first', () => {
    const frames = new Frames();
    frames.add({ ethernet_driver: [captured(30, TCP_SYN, 'send')] });
    frames.add({ micropython: [captured(10, TCP_SYN, 'send')], net_virt_tx: [captured(20, TCP_SYN, 'send')] });
    expect(frames.list).toHaveLength(1);
    expect(frames.list[0]!.timeNs).toBe(10);
    expect(hopSentence(frames.list[0]!)).toBe(
      'Seen at micropython, net_virt_tx after 0.00 ms, ethernet_driver after 0.00 ms',
    );
  });

  test('the same bytes sent twice are two, and each takes its own way', () => {
    const frames = new Frames();
    frames.add({ ethernet_driver: [captured(1e6, PING), captured(5e6, PING)], net_virt_rx: [captured(2e6, PING)] });
    frames.add({ net_virt_rx: [captured(7e6, PING)] });
    expect(seenAt(frames)).toEqual([
      [
        ['ethernet_driver', 1e6],
        ['net_virt_rx', 2e6],
      ],
      [
        ['ethernet_driver', 5e6],
        ['net_virt_rx', 7e6],
      ],
    ]);
    expect(hopMarks(frames.list[1]!).map(({ letter, seen, sinceMs }) => [letter, seen, sinceMs])).toEqual([
      ['d', true, undefined],
      ['v', true, '2.00'],
      ['c', false, undefined],
      ['m', false, undefined],
    ]);
    expect(hopSentence(frames.list[1]!)).toBe(
      'Seen at ethernet_driver, net_virt_rx after 2.00 ms; not seen at micropython_net_copier, micropython',
    );
  });

  test('one byte, the direction or the length differs: another frame', () => {
    const frames = new Frames();
    const other = PING.slice();
    other[59] = 1;
    frames.add({ ethernet_driver: [captured(1, PING), captured(3, PING, 'send')], net_virt_rx: [captured(2, other)] });
    frames.add({ micropython: [{ ...captured(4, PING), length: 2000 }] });
    expect(frames.list).toHaveLength(4);
  });

  test('a frame that a later hop sees after more than ten seconds is another one', () => {
    const frames = new Frames();
    frames.add({ ethernet_driver: [captured(0, PING)] });
    frames.add({ ethernet_driver: [captured(10e9, TCP_SYN)] });
    frames.add({ net_virt_rx: [captured(11e9, PING)] });
    expect(frames.list).toHaveLength(3);
  });
});

test('the newest are kept and the others counted; one off the list is not seen again', () => {
  const frames = new Frames(3);
  const numbered = (n: number) => Uint8Array.from({ length: 60 }, () => n);
  frames.add({ ethernet_driver: [1, 2, 3, 4, 5].map((n) => captured(n, numbered(n))) });
  expect([frames.list.map(({ bytes }) => bytes[0]), frames.dropped]).toEqual([[3, 4, 5], 2]);
  frames.add({ net_virt_rx: [captured(6, numbered(1))] });
  expect([frames.list.map(({ bytes, seen }) => [bytes[0], seen.size]), frames.dropped]).toEqual([
    [
      [4, 1],
      [5, 1],
      [1, 1],
    ],
    3,
  ]);
});

test('of one batch they are in the order of time', () => {
  const frames = new Frames();
  frames.add({ micropython: [captured(1, TCP_SYN, 'send')], ethernet_driver: [captured(2, DNS_ANSWER)] });
  frames.add({ micropython: [captured(9, PING, 'send')], net_virt_rx: [captured(3, TCP_SYN)] });
  expect(frames.list.map(({ timeNs }) => timeNs)).toEqual([1, 2, 3, 9]);
});

describe('the filter', () => {
  const frames = new Frames();
  frames.add({ ethernet_driver: [captured(1, DNS_ANSWER), captured(2, PING), captured(3, TCP_SYN)] });
  const passing = (line: string) => frames.list.filter(({ packet }) => parseFilter(line).passes(packet)).length;

  test.each([
    ['', 3],
    ['tcp', 1],
    ['UDP', 1],
    ['ipv4', 3],
    ['dns gateway', 1],
    ['dns tcp', 0],
    ['syn', 1],
    ['port 53', 1],
    ['port 5', 0],
    ['host 10.0.2.2', 2],
    ['host 10.0.2', 0],
    ['10.0.2', 3],
    ['host 52:54:01:00:00:01 port 80', 1],
  ])('%j passes %d of 3', (line, count) => expect(passing(line)).toBe(count));

  test.each([
    ['port', /number/],
    ['port http', /number/],
    ['port 70000', /number/],
    ['tcp host', /address/],
  ])('%j says what it takes', (line, problem) => expect(parseFilter(line).problem).toMatch(problem));

  test('there is no problem otherwise', () => expect(parseFilter('tcp port 80').problem).toBeUndefined());
});
