/** The page's entry: workers first, then the terminal, and what is around it when the prompt is there. */
import './style/index.css';
import { Hints } from './hints';
import { ensureIsolation } from './isolation';
import { automation } from './lionsos';
import { Machine } from './machine';
import { keepForOffline } from './offline';
import { readParameters } from './parameters';
import { keptTheme, showTheme } from './theme';
import { allowOwnScripts } from './trusted_types';

/** React competes with the workers for the processor and the line; a boot that takes longer than this is worth showing. */
const WAIT_FOR_PROMPT_MS = 5000;

async function start(root: HTMLElement): Promise<void> {
  showTheme(keptTheme());
  if (new Hints().state.gone) root.querySelector('.hints')?.remove();
  allowOwnScripts();
  const isolation = await ensureIsolation();
  if (!isolation.isolated) {
    const { showNotIsolated } = await import('./panels/not_isolated');
    showNotIsolated(root, isolation.checks);
    return;
  }
  const parameters = readParameters(location.href);
  if ('problem' in parameters) {
    const { showProblem } = await import('./panels/not_isolated');
    showProblem(root, parameters.problem);
    return;
  }
  const machine = new Machine(parameters);
  machine.start();
  // Workers asleep in Atomics.wait outlive their page by two seconds, and keep its disk from the next one.
  addEventListener('pagehide', () => machine.end());
  addEventListener('pageshow', ({ persisted }) => {
    if (persisted) location.reload();
  });
  window.lionsos = automation(machine);
  const [{ Desk }, { showBoot }] = await Promise.all([import('./desk'), import('./boot_view')]);
  const desk = new Desk(machine, root.querySelector('.place')!);
  showBoot(root, desk);
  await Promise.race([
    machine.ready.catch(() => {}),
    new Promise((resolve) => setTimeout(resolve, WAIT_FOR_PROMPT_MS)),
  ]);
  const { showApp } = await import('./app');
  showApp(root, desk);
  machine.web.serve();
  machine.ready.then(keepForOffline, () => {});
}

start(document.getElementById('root')!);
