/** Keeps the stage and the address's fragment the same, both ways. */
import { isStep, readFragment, writeFragment } from './fragment';
import type { Stage } from './stage';

/** Returns what the address asked for and could not have, if anything. */
export function connectAddress(stage: Stage): string | undefined {
  const { state, problem } = readFragment(location.hash);
  // Whoever was sent a view wants to see it, on a small screen, too.
  if (Object.keys(state).length > 0) stage.set({ ...state, pane: 'stage' });
  let known = stage.state;
  stage.subscribe(() => {
    const before = known;
    known = stage.state;
    const hash = writeFragment(known);
    if (hash === location.hash) return;
    const address = location.pathname + location.search + hash;
    if (isStep(before, known)) history.pushState(null, '', address);
    else history.replaceState(null, '', address);
  });
  const again = () => {
    const asked = readFragment(location.hash).state;
    known = {
      ...known,
      view: 'system',
      slot: 'words',
      node: undefined,
      tab: undefined,
      ...asked,
      ...(location.hash === '' ? {} : { pane: 'stage' }),
    };
    stage.set(known);
  };
  addEventListener('popstate', again);
  return problem;
}
