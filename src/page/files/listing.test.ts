import { expect, test } from 'vitest';
import { Listing } from './listing';
import { FakeDisk } from './testing/fake_disk';
import { until } from './testing/settled';
import { Volume } from './volume';

function listingOf(disk: FakeDisk) {
  let frames = 0;
  const nextFrame = () => {
    frames++;
    return new Promise((resolve) => setTimeout(resolve));
  };
  const rests: number[] = [];
  let endRest = () => {};
  const pause = (ms: number) => {
    rests.push(ms);
    return new Promise<void>((resolve) => (endRest = resolve));
  };
  const clock = { ms: 0 };
  const listing = new Listing(new Volume(disk, { count: () => 1, subscribe: () => () => {} }), {
    nextFrame,
    now: () => clock.ms,
    pause,
  });
  return { listing, frames: () => frames, rests, clock, endRest: () => endRest() };
}

const lists = (disk: FakeDisk) => disk.calls.filter((call) => call.startsWith('list'));
const shown = (listing: Listing) => until(() => listing.state.phase === 'shown');

test('a thousand changes during one listing make one more, at the next frame', async () => {
  const disk = new FakeDisk();
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  disk.before = (name) => (name === 'list' ? held : undefined);
  const { listing, frames } = listingOf(disk);
  listing.refresh();
  await until(() => lists(disk).length === 1);
  for (let i = 0; i < 1000; i++) listing.refresh();
  disk.put('/new', 'x');
  release();
  await until(() => listing.state.entries.length === 1 && lists(disk).length === 2);
  await new Promise((resolve) => setTimeout(resolve));
  expect(lists(disk)).toHaveLength(2);
  expect(frames()).toBe(2);
});

test('a folder that takes long to read is read less often, unless another is asked for', async () => {
  const disk = new FakeDisk();
  const { listing, rests, clock, endRest } = listingOf(disk);
  disk.before = (name) => {
    if (name === 'list') clock.ms += 100;
  };
  listing.refresh();
  await shown(listing);
  disk.put('/new', 'x');
  listing.refresh();
  await until(() => rests.length === 1);
  expect(rests).toEqual([200]);
  expect(listing.state.entries).toEqual([]);
  endRest();
  await until(() => listing.state.entries.length === 1);
  disk.put('/d', undefined);
  listing.refresh();
  await until(() => rests.length === 2);
  listing.go('/d');
  await shown(listing);
  expect(lists(disk).at(-1)).toBe('list /d');
});

test('what is shown stays until the next listing is there; another folder begins anew', async () => {
  const disk = new FakeDisk();
  disk.put('/d', undefined);
  disk.put('/d/inner', 'x');
  const { listing } = listingOf(disk);
  listing.refresh();
  await shown(listing);
  const seen: number[] = [];
  listing.subscribe(() => seen.push(listing.state.entries.length));
  disk.put('/e', 'x');
  listing.refresh();
  await until(() => listing.state.entries.length === 2);
  expect(seen).toEqual([2]);
  listing.go('/d');
  expect(listing.state).toMatchObject({ path: '/d', phase: 'loading', entries: [] });
  await shown(listing);
  expect(listing.state.entries.map(({ name }) => name)).toEqual(['inner']);
  expect(listing.state.space).toEqual({ size: disk.size, free: disk.size - 2 });
});

test('an answer for a folder that was left is not shown', async () => {
  const disk = new FakeDisk();
  disk.put('/slow', undefined);
  let release = () => {};
  disk.before = (name, path) =>
    name === 'list' && path === '/slow' ? new Promise<void>((resolve) => (release = resolve)) : undefined;
  const { listing } = listingOf(disk);
  listing.go('/slow');
  await until(() => lists(disk).includes('list /slow'));
  listing.go('/');
  release();
  await shown(listing);
  expect(listing.state.path).toBe('/');
  expect(listing.state.entries.map(({ name }) => name)).toEqual(['slow']);
});

test('a folder that is gone leads to the next one above that is there', async () => {
  const disk = new FakeDisk();
  disk.put('/a', undefined);
  const { listing } = listingOf(disk);
  const gone: string[] = [];
  listing.onGone((name) => gone.push(name));
  listing.go('/a/b/c');
  await shown(listing);
  expect(listing.state.path).toBe('/a');
  expect(gone).toEqual(['c', 'b']);
});

test('no disk is said with its errno, and the next refresh may go better', async () => {
  const disk = new FakeDisk();
  disk.before = () => {
    throw new Error('ENODEV');
  };
  const { listing } = listingOf(disk);
  listing.refresh();
  await until(() => listing.state.phase === 'failed');
  expect(listing.state).toMatchObject({ errno: 'ENODEV', problem: 'No disk is mounted.', entries: [] });
  disk.before = () => {};
  listing.refresh();
  await shown(listing);
  expect(listing.state.problem).toBeUndefined();
});

test('a system that starts says so in its own words', async () => {
  const disk = new FakeDisk();
  disk.control = () => {
    throw new Error('The system is not running.');
  };
  const { listing } = listingOf(disk);
  listing.refresh();
  await until(() => listing.state.phase === 'failed');
  expect(listing.state.problem).toBe('The system is not running.');
});
