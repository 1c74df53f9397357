import { expect, test } from 'vitest';
import { isStep, readFragment, writeFragment } from './fragment';
import type { StageState } from './stage';

const first: StageState = { view: 'system', pane: 'terminal', slot: 'words', drawer: false };

test('what a page shows by itself leaves the address alone', () => {
  expect(writeFragment(first)).toBe('');
  expect(readFragment('')).toEqual({ state: {} });
});

test('a view, a node and its tab are there again in another page', () => {
  const state: StageState = { ...first, view: 'disk', drawer: true };
  expect(writeFragment(state)).toBe('#v1&view=disk&drawer=1');
  expect(readFragment('#v1&view=disk&drawer=1').state).toEqual({ view: 'disk', drawer: true });
  const inspecting: StageState = { ...first, slot: 'node', node: 'blk_virt', tab: 'queues' };
  expect(writeFragment(inspecting)).toBe('#v1&node=blk_virt&tab=queues');
  expect(readFragment('#v1&node=blk_virt&tab=queues').state).toEqual({ node: 'blk_virt', tab: 'queues', slot: 'node' });
  expect(writeFragment({ ...inspecting, view: 'disk', diskTab: 'cut' })).toBe('#v1&view=disk&tab=cut');
  expect(readFragment('#v1&view=disk&tab=cut').state).toEqual({ view: 'disk', diskTab: 'cut' });
  expect(readFragment('#v1&slot=break').state).toEqual({ slot: 'break' });
});

test('the recovery of a machine that died elsewhere is not in a link', () => {
  expect(writeFragment({ ...first, slot: 'recovery' })).toBe('');
});

test('nonsense is left out, and another version is named', () => {
  const hostile = '#v1&view=<script>&node=%00%00&tab=../../x&slot=node&drawer=yes';
  expect(readFragment(hostile)).toEqual({ state: {} });
  expect(readFragment('#v9&view=disk')).toEqual({ state: {}, problem: expect.stringContaining('v9') });
});

test('Back undoes another view or node, not another tab', () => {
  expect(isStep(first, { ...first, view: 'disk' })).toBe(true);
  expect(isStep(first, { ...first, node: 'blk_virt' })).toBe(true);
  expect(isStep(first, { ...first, tab: 'log' })).toBe(false);
  expect(isStep(first, { ...first, pane: 'stage' })).toBe(false);
});
