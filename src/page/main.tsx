/** The page's entry: workers first, then what shows them. */
import './style/index.css';
import { ensureIsolation } from './isolation';
import { automation } from './lionsos';
import { Machine } from './machine';
import { keepForOffline } from './offline';
import { readParameters } from './parameters';
import { keptTheme, showTheme } from './theme';
import { allowOwnScripts } from './trusted_types';

async function start(root: HTMLElement): Promise<void> {
  showTheme(keptTheme());
  allowOwnScripts();
  const isolation = await ensureIsolation();
  if (!isolation.isolated) {
    const { showNotIsolated } = await import('./panels/not_isolated');
    showNotIsolated(root, isolation.checks);
    return;
  }
  const parameters = readParameters(location.search);
  if ('problem' in parameters) {
    const { showProblem } = await import('./panels/not_isolated');
    showProblem(root, parameters.problem);
    return;
  }
  const machine = new Machine(parameters);
  machine.start();
  window.lionsos = automation(machine);
  const { showApp } = await import('./app');
  showApp(root, machine);
  machine.ready.then(keepForOffline, () => {});
}

start(document.getElementById('root')!);
