import { beforeEach, expect, test } from 'vitest';
import { BOARDS } from '../../boards';
import { vmfs } from '../../boards/vmfs';
import { allocate, controlNow, type SystemMemory } from '../../microkit/layout';
import { CONTROL, GATE, GUEST_WORD } from '../../protocol/boot';
import { GRACE_MS, Heartbeats, PERIOD_MS } from './heartbeats';

let now: number;
let memory: SystemMemory | undefined;
let hearts: Heartbeats;

const words = (name: string) => new Int32Array(controlNow(memory!, name)!);
const names = () => memory!.description.domains.map(({ name }) => name);

/** What a domain does that is alive. */
const answer = (name: string) => Atomics.store(words(name), CONTROL.BEAT, Atomics.load(words(name), CONTROL.PROBE));

/** Frames of 10 ms; in each of them everybody answers but those. */
function frames(count: number, deaf: readonly string[] = []): void {
  for (let frame = 0; frame < count; frame++) {
    now += 10;
    hearts.look();
    for (const name of names()) if (!deaf.includes(name)) answer(name);
  }
}

beforeEach(() => {
  now = 1000;
  memory = allocate(vmfs(BOARDS[0]!, { disk: { store: 'memory', name: '' } }), 0);
  hearts = new Heartbeats({ memory: () => memory, nowMs: () => now });
});

test('everybody is asked once in a period, and each answer is a beat', () => {
  frames(100);
  for (const { beats, silences } of hearts.lanes) {
    expect(beats.length).toBeGreaterThanOrEqual(9);
    expect(beats.length).toBeLessThanOrEqual(11);
    expect(silences).toEqual([]);
  }
  expect(hearts.lanes.map(({ name }) => name)).toEqual(names());
});

test('while somebody is down, twice as often', () => {
  hearts.hurry = true;
  frames(100);
  expect(hearts.lane('blk_virt')!.beats.length).toBeGreaterThanOrEqual(19);
});

test('who does not answer has missed a beat after the grace, from the first probe that it did not answer on', () => {
  frames(20);
  const from = now;
  frames(GRACE_MS / 10 - 2, ['blk_virt']);
  expect(hearts.lane('blk_virt')!.silences).toEqual([]);
  frames(PERIOD_MS / 10 + 4, ['blk_virt']);
  const [silence] = hearts.lane('blk_virt')!.silences;
  expect(silence!.to).toBeUndefined();
  expect(silence!.from).toBeGreaterThanOrEqual(from - PERIOD_MS);
  expect(silence!.from).toBeLessThanOrEqual(from + PERIOD_MS);
  expect(hearts.missed('blk_virt', from, now)).toBe(true);
  expect(hearts.missed('blk_driver', from, now)).toBe(false);
  frames(5);
  expect(hearts.lane('blk_virt')!.silences.map(({ to }) => to)).toEqual([expect.any(Number)]);
});

test('a page that was late itself holds it against nobody', () => {
  frames(20);
  const from = now;
  hearts.look();
  now += PERIOD_MS;
  hearts.look();
  for (const name of names()) answer(name);
  now += 20 * GRACE_MS;
  hearts.look();
  expect(hearts.lanes.filter(({ silences }) => silences.length > 0)).toEqual([]);
  expect(hearts.missed('uart_driver', from, now)).toBe(false);
});

test('who lags behind, on a computer that is busy, is alive', () => {
  frames(20);
  for (let round = 0; round < 20; round++) {
    const late = Atomics.load(words('blk_virt'), CONTROL.PROBE);
    frames(PERIOD_MS / 10, ['blk_virt']);
    Atomics.store(words('blk_virt'), CONTROL.BEAT, late);
  }
  expect(hearts.lane('blk_virt')!.silences).toEqual([]);
  expect(hearts.missed('blk_virt', 1500, 2000)).toBe(false);
});

test('who was not asked since is not judged', () => {
  frames(20);
  const later = now + 50;
  expect(hearts.missed('uart_driver', later, later)).toBeUndefined();
  hearts.ask();
  expect(hearts.missed('uart_driver', later, later)).toBeUndefined();
  expect(hearts.heardSince('uart_driver', later)).toBe(false);
  frames(20);
  expect(hearts.missed('uart_driver', later, later)).toBe(false);
  expect(hearts.heardSince('uart_driver', later)).toBe(true);
});

test('a probe that came while the domain was falling asleep is sent again in each frame', () => {
  frames(20);
  now += PERIOD_MS;
  hearts.look();
  const asked = Atomics.load(words('blk_virt'), CONTROL.PROBE);
  Atomics.store(words('blk_virt'), CONTROL.PROBE, 0);
  now += 10;
  hearts.look();
  expect(Atomics.load(words('blk_virt'), CONTROL.PROBE)).toBe(asked);
});

test("a guest's next generation is asked in its own control page", () => {
  frames(20);
  Atomics.store(new Int32Array(memory!.guests.get('linux_fs_vm')!.word), GUEST_WORD.GENERATION, 1);
  const beats = hearts.lane('linux_fs_vm')!.beats.length;
  frames(20);
  expect(hearts.lane('linux_fs_vm')!.beats.length).toBeGreaterThan(beats);
  expect(Atomics.load(new Int32Array(memory!.guests.get('linux_fs_vm')!.sets[1]!.control), CONTROL.BEAT)).not.toBe(0);
});

test('a paused system is not asked, and nobody has missed anything', () => {
  frames(20);
  Atomics.store(new Int32Array(memory!.gate), GATE.MODE, 1);
  const probes = names().map((name) => Atomics.load(words(name), CONTROL.PROBE));
  frames(100, names());
  expect(hearts.paused).toBe(true);
  expect(names().map((name) => Atomics.load(words(name), CONTROL.PROBE))).toEqual(probes);
  Atomics.store(new Int32Array(memory!.gate), GATE.MODE, 0);
  frames(20);
  expect(hearts.lanes.flatMap(({ silences }) => silences)).toEqual([]);
});

test('nothing is made of the time in which nobody looked', () => {
  frames(20);
  hearts.ask();
  now += 10_000;
  hearts.begin();
  frames(20);
  expect(hearts.lanes.flatMap(({ silences }) => silences)).toEqual([]);
});

test('another system has other lanes; none has none', () => {
  frames(20);
  memory = allocate(vmfs(BOARDS[1]!, { disk: { store: 'memory', name: '' } }), 0);
  frames(2);
  expect(hearts.lane('blk_virt')!.beats.length).toBeLessThanOrEqual(1);
  memory = undefined;
  hearts.look();
  expect(hearts.lanes).toEqual([]);
});
