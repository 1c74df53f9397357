import { afterEach, describe, expect, test, vi } from 'vitest';
import { Random } from '../libmicrokit/random';
import { CAPTURE_SIZE, CaptureTap, NO_TAP } from './capture';
import { CaptureReader } from './capture_reader';
import { region } from './region';

const frameOf = (n: number, length: number) => Uint8Array.from({ length }, (_, i) => (n + 31 * i) & 255);

function setup(capacity = 4096) {
  const at = region('net_capture', 4096 + capacity);
  let now = 0;
  const tap = new CaptureTap(at, () => ++now);
  return { at, tap, reader: new CaptureReader(at) };
}

afterEach(() => vi.restoreAllMocks());

describe('frames', () => {
  test('state, head, tail, frames; in a record time, sequence, captured, length, direction, bytes', () => {
    const { at, tap } = setup();
    tap.passed('send', frameOf(1, 60));
    tap.passed('receive', frameOf(9, 100), 10, 15);
    expect([...at.words.subarray(0, 5)]).toEqual([1, 0, 128, 2, 0]);
    const { view } = at;
    expect([view.getBigUint64(4096, true), view.getUint32(4104, true)]).toEqual([1n, 0]);
    expect([view.getUint16(4108, true), view.getUint16(4110, true), view.getUint32(4112, true)]).toEqual([60, 60, 0]);
    expect(at.bytes.slice(4120, 4180)).toEqual(frameOf(1, 60));
    expect([view.getBigUint64(4184, true), view.getUint32(4192, true)]).toEqual([2n, 1]);
    expect([view.getUint16(4196, true), view.getUint16(4198, true), view.getUint32(4200, true)]).toEqual([15, 15, 1]);
    expect(at.bytes.slice(4208, 4223)).toEqual(frameOf(9, 100).subarray(10, 25));
  });

  test('come out as they passed, once', () => {
    const { tap, reader } = setup();
    tap.passed('send', frameOf(1, 60));
    tap.passed('receive', frameOf(9, 100), 10, 15);
    expect(reader.read()).toEqual([
      { sequence: 0, timeNs: 1, direction: 'send', length: 60, bytes: frameOf(1, 60) },
      { sequence: 1, timeNs: 2, direction: 'receive', length: 15, bytes: frameOf(9, 100).subarray(10, 25) },
    ]);
    expect([reader.read(), reader.lost, reader.broken]).toEqual([[], 0, 0]);
  });

  test('one that no Ethernet carries is cut, and says how long it was', () => {
    const { tap, reader } = setup();
    tap.passed('send', frameOf(3, 2048));
    const [frame] = reader.read();
    expect([frame!.length, frame!.bytes]).toEqual([2048, frameOf(3, 1518)]);
  });

  test('a region without a page and a power of two is refused', () => {
    expect(() => new CaptureReader(region('net_capture', 4096 + 5000))).toThrow(/net_capture/);
    expect(() => new CaptureTap(region('net_capture', 4096 + 1024), () => 0)).toThrow(RangeError);
    expect(() => new CaptureReader(region('net_capture', CAPTURE_SIZE))).not.toThrow();
  });

  test.each([1, 2, 3])('each is read once or counted as lost, across wraps of ring and indices (seed %d)', (seed) => {
    const at = region('net_capture', 4096 + 8192);
    at.words.fill(-4000, 1, 4);
    const tap = new CaptureTap(at, () => 7);
    const reader = new CaptureReader(at);
    const random = new Random(seed);
    let read = 0;
    for (let n = 0; n < 2000; n++) {
      const length = 14 + random.below(1505);
      tap.passed('receive', frameOf(n, length));
      if (random.below(6) > 0) continue;
      for (const { sequence, bytes } of reader.read()) {
        const sent = (sequence + 4000) >>> 0;
        expect(Buffer.compare(bytes, frameOf(sent, bytes.length))).toBe(0);
        read++;
      }
    }
    read += reader.read().length;
    expect(read + reader.lost).toBe(2000);
    expect([reader.lost > 250, read > 250, reader.broken]).toEqual([true, true, 0]);
  });

  test('the newest are kept: those that fit', () => {
    const { tap, reader } = setup(4096);
    for (let n = 0; n < 100; n++) tap.passed('send', frameOf(n, 1000));
    expect(reader.read().map(({ sequence }) => sequence)).toEqual([96, 97, 98, 99]);
    expect(reader.lost).toBe(96);
  });
});

describe('nobody looks', () => {
  test('nothing is kept, and the clock is not read', () => {
    const at = region('net_capture', CAPTURE_SIZE);
    const now = vi.fn(() => 1);
    const tap = new CaptureTap(at, now);
    tap.passed('send', frameOf(1, 60));
    const reader = new CaptureReader(at);
    reader.stop();
    tap.passed('send', frameOf(1, 60));
    expect([reader.read(), now.mock.calls.length, at.words[3]]).toEqual([[], 0, 0]);
  });

  test('costs one load and nothing else', () => {
    const tap = new CaptureTap(region('net_capture', CAPTURE_SIZE), () => 1);
    const calls = (['load', 'store', 'compareExchange', 'notify'] as const).map((name) => vi.spyOn(Atomics, name));
    tap.passed('send', frameOf(1, 60));
    expect(calls.map(({ mock }) => mock.calls.length)).toEqual([1, 0, 0, 0]);
  });

  test('a component without a region does nothing', () => {
    expect(NO_TAP.passed('send', frameOf(1, 60))).toBeUndefined();
  });

  test('what passed before a reader came is not its own', () => {
    const { at, tap, reader } = setup();
    tap.passed('send', frameOf(1, 60));
    reader.stop();
    const next = new CaptureReader(at);
    tap.passed('send', frameOf(2, 60));
    expect(next.read().map(({ bytes }) => bytes)).toEqual([frameOf(2, 60)]);
    expect(next.lost).toBe(0);
  });
});

describe('sleep', () => {
  test('the first frame wakes, the next ones do not', () => {
    const { tap, reader } = setup();
    const { words, index, value } = reader.sleep()!;
    expect(Atomics.load(words, index)).toBe(value);
    const notify = vi.spyOn(Atomics, 'notify');
    tap.passed('send', frameOf(1, 60));
    tap.passed('send', frameOf(2, 60));
    expect([Atomics.load(words, index) === value, notify.mock.calls.length]).toEqual([false, 1]);
    expect(reader.read()).toHaveLength(2);
  });

  test('there is none when a frame is there, also one that comes at the last moment', () => {
    const { tap, reader } = setup();
    tap.passed('send', frameOf(1, 60));
    expect(reader.sleep()).toBeUndefined();
    reader.read();
    const store = Atomics.store;
    vi.spyOn(Atomics, 'store').mockImplementationOnce(((...args: Parameters<typeof store>) => {
      tap.passed('send', frameOf(2, 60));
      return store(...args);
    }) as typeof store);
    expect(reader.sleep()).toBeUndefined();
    const notify = vi.spyOn(Atomics, 'notify');
    tap.passed('send', frameOf(3, 60));
    expect(notify).not.toHaveBeenCalled();
    expect(reader.read()).toHaveLength(2);
  });

  test('stop wakes the sleeper', () => {
    const { reader } = setup();
    const { words, index, value } = reader.sleep()!;
    reader.stop();
    expect(Atomics.load(words, index)).not.toBe(value);
  });
});

test('the writer overtakes at any instant of a read: whole frames, in order, and the rest is counted', () => {
  for (let instant = 0; instant < 60; instant++) {
    const { tap, reader } = setup(4096);
    for (let n = 0; n < 6; n++) tap.passed('send', frameOf(n, 400 + n));
    const subarray = Uint8Array.prototype.subarray;
    let count = 0;
    const spy = vi.spyOn(Uint8Array.prototype, 'subarray').mockImplementation(function (this: Uint8Array, ...args) {
      if (count++ === instant) for (let n = 6; n < 10; n++) tap.passed('send', frameOf(n, 400 + n));
      return subarray.apply(this, args);
    });
    const frames = reader.read();
    spy.mockRestore();
    frames.push(...reader.read());
    const sequences = frames.map(({ sequence }) => sequence);
    for (const { sequence, bytes } of frames) expect(Buffer.compare(bytes, frameOf(sequence, 400 + sequence))).toBe(0);
    expect(sequences).toEqual([...sequences].sort((a, b) => a - b));
    const passed = count > instant ? 10 : 6;
    expect([frames.length + reader.lost, sequences.at(-1), reader.broken]).toEqual([passed, passed - 1, 0]);
  }
});

describe('a component that writes anything', () => {
  test.each<[string, (words: Int32Array, view: DataView) => void]>([
    ['a tail beyond the ring', (words) => void (words[2] = 9000)],
    ['a tail that runs backwards', (words) => void (words[2] = -64)],
    ['a tail between records', (words) => void (words[2] = 91)],
    ['more bytes than the frame had', (_, view) => view.setUint16(4108, 61, true)],
    ['more bytes than there are', (_, view) => view.setUint32(4108, 0x64_0064, true)],
    ['a frame of no bytes', (_, view) => view.setUint32(4108, 0, true)],
    ['a direction there is none of', (_, view) => view.setUint32(4112, 2, true)],
    ['a time no number holds', (_, view) => view.setUint32(4100, 0xffff_ffff, true)],
  ])('%s: counted, and what comes next is read', (_, act) => {
    const { at, tap, reader } = setup();
    tap.passed('send', frameOf(1, 60));
    act(at.words, at.view);
    // The record before a broken index is whole.
    const whole = at.words[2] === 91 ? 1 : 0;
    expect([reader.read().length, reader.broken]).toEqual([whole, 1]);
    at.words[2] = 88;
    at.words[1] = 88;
    reader.read();
    tap.passed('send', frameOf(2, 60));
    expect(reader.read().map(({ bytes }) => bytes)).toEqual([frameOf(2, 60)]);
  });

  test('a tail so far ahead that records come round again: none is read twice', () => {
    const { at, tap, reader } = setup(4096);
    for (let n = 0; n < 64; n++) tap.passed('send', frameOf(n, 40));
    at.words[2] = 4096 * 5;
    expect([reader.read().length <= 64, reader.broken]).toEqual([true, 1]);
  });

  test.each([1, 2, 3])('random words: a read ends, and gives frames of possible lengths (seed %d)', (seed) => {
    const { at, tap, reader } = setup(8192);
    const random = new Random(seed);
    for (let round = 0; round < 500; round++) {
      for (let n = random.below(4); n > 0; n--) tap.passed('send', frameOf(n, 14 + random.below(1505)));
      if (random.below(2) === 0)
        at.words[1 + random.below(3)] = random.below(2) ? random.below(20_000) : -random.below(9999);
      for (let n = random.below(20); n > 0; n--) at.bytes[4096 + random.below(8192)] = random.below(256);
      const frames = reader.read();
      expect(frames.every(({ bytes, length }) => bytes.length > 0 && bytes.length <= Math.min(length, 1518))).toBe(
        true,
      );
    }
    expect(reader.broken).toBeGreaterThan(25);
  });

  test('a successor takes over a ring whose indices and records are no such thing', () => {
    const { at, tap, reader } = setup(8192);
    tap.passed('send', frameOf(1, 60));
    at.words[1] = 0x4000_0000;
    at.bytes.fill(0xff, 4096);
    const heir = new CaptureTap(at, () => 1);
    for (let n = 0; n < 50; n++) heir.passed('send', frameOf(n, 1000));
    expect((at.words[2]! - at.words[1]!) >>> 0).toBe(8192);
    reader.read();
    heir.passed('send', frameOf(2, 60));
    expect(reader.read().map(({ bytes }) => bytes)).toEqual([frameOf(2, 60)]);
  });
});
