/** Keeps the stage and the address's fragment the same, both ways. */
import { isStep, readFragment, writeFragment } from './fragment';
import type { Stage } from './stage';

export function connectAddress(stage: Stage): void {
  const { state, problem } = readFragment(location.hash);
  // Whoever was sent a view wants to see it, on a small screen, too.
  if (Object.keys(state).length > 0) stage.set({ ...state, pane: 'stage' });
  stage.set({ notice: problem });
  let known = stage.state;
  stage.subscribe(() => {
    const before = known;
    known = stage.state;
    const hash = writeFragment(known);
    if (hash === location.hash || hash === writeFragment(before)) return;
    const address = location.pathname + location.search + hash;
    if (isStep(before, known)) history.pushState(null, '', address);
    else history.replaceState(null, '', address);
  });
  addEventListener('popstate', () => {
    const asked = readFragment(location.hash);
    const pane = location.hash === '' ? known.pane : 'stage';
    const first = { view: 'system', slot: 'words', node: undefined, tab: undefined, drawer: false } as const;
    known = { ...known, ...first, ...asked.state, pane, notice: asked.problem };
    stage.set(known);
  });
}
