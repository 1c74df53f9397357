import { expect, test } from 'vitest';
import { ActivityWatch } from './activity';

function system(...notifications: number[]) {
  return notifications.map((count, i) => ({
    name: `pd${i}`,
    state: 'waiting' as const,
    generation: 1,
    notifications: count,
  }));
}

function sampled(...samples: ReturnType<typeof system>[]): ActivityWatch {
  const left = [...samples];
  const watch = new ActivityWatch(() => left.shift() ?? []);
  for (const _ of samples) watch.sample();
  return watch;
}

test('what happened since the sample before, by domain and in all', () => {
  const { activity } = sampled(system(3, 5), system(4, 7));
  expect(activity.domains.map(({ fresh }) => fresh)).toEqual([1, 2]);
  expect(activity.beats.slice(-2)).toEqual([0, 3]);
  expect(activity.idle).toBe(false);
});

test('a restarted domain begins to count again', () => {
  const restarted = system(1).map((domain) => ({ ...domain, generation: 2 }));
  expect(sampled(system(9), restarted).activity.domains[0]!.fresh).toBe(0);
  expect(sampled(system(9), system(1)).activity.domains[0]!.fresh).toBe(0);
});

test('six samples without a change are idle; then listeners hear only of a change', () => {
  const samples = [0, 1, 1, 1, 1, 1, 1, 1, 1, 1].map((count) => system(count));
  const watch = new ActivityWatch(() => samples.shift()!);
  let heard = 0;
  watch.subscribe(() => heard++);
  for (let i = 0; i < 7; i++) watch.sample();
  expect(watch.activity.idle).toBe(false);
  watch.sample();
  expect(watch.activity.idle).toBe(true);
  expect(watch.activity.beats.every((beat) => beat === 0)).toBe(true);
  const before = heard;
  watch.sample();
  watch.sample();
  expect(heard).toBe(before);
});
