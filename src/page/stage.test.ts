import { expect, test } from 'vitest';
import { Stage } from './stage';

test('the lower slot holds one thing at a time, and Esc goes back one level each', () => {
  const stage = new Stage();
  stage.toggleDrawer();
  stage.follow(new Set(['blk_virt']));
  stage.choose('blk_virt', 'queues');
  expect(stage.state).toMatchObject({ slot: 'node', node: 'blk_virt', tab: 'queues', pane: 'stage' });
  stage.open('break');
  expect(stage.state).toMatchObject({ slot: 'break', node: undefined });
  expect(stage.back()).toBe(true);
  expect(stage.state).toMatchObject({ slot: 'words', drawer: true });
  expect(stage.state.path).toBeDefined();
  expect(stage.back()).toBe(true);
  expect(stage.state.path).toBeUndefined();
  expect(stage.back()).toBe(true);
  expect(stage.state.drawer).toBe(false);
  expect(stage.back()).toBe(false);
});

test('what is chosen again is no news', () => {
  const stage = new Stage();
  let news = 0;
  stage.subscribe(() => news++);
  stage.light('blk_virt');
  stage.light('blk_virt');
  stage.show('disk');
  stage.show('disk');
  expect(news).toBe(2);
});
