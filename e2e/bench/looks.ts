/** What the page shows meanwhile, by the fragment of its address. */
import type { Machine } from '../machine';

export function show({ page }: Machine, fragment: string): Promise<void> {
  return page.evaluate((hash) => {
    history.replaceState(null, '', `${location.pathname}${location.search}${hash}`);
    dispatchEvent(new PopStateEvent('popstate'));
  }, fragment);
}

/** A view in which nothing moves. */
export const lookAway = (machine: Machine): Promise<void> => show(machine, '#v1&view=help');
