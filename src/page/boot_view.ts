/** What moves on the page before React: the rails as domains come up, how many are, and who is waited for. */
import type { Desk } from './desk';
import { sentence, upWords } from './facts';

/** Its elements go when React takes their place; the rails move on with it. */
export function showBoot(root: HTMLElement, desk: Desk): void {
  const [meta, say] = [root.querySelector('.meta'), root.querySelector('.say')];
  root.querySelector('.stage-body')?.append(desk.rails.element);
  const stop = desk.watch.subscribe(() => {
    if (!say?.isConnected) return stop();
    const { domains } = desk.watch.activity;
    if (meta) meta.textContent = upWords(domains);
    say.textContent = sentence(desk.machine.state, domains, undefined).replaceAll('`', '');
  });
  desk.watch.poke();
}
