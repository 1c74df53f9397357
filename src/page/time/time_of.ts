/** Time of a machine: made when it is first asked for, there for as long as the page. */
import { Line } from '../../protocol/line';
import { Region } from '../../protocol/region';
import type { Machine } from '../machine';
import { TimeControl } from './control';

const controls = new WeakMap<Machine, TimeControl>();

export function timeOf(machine: Machine): TimeControl {
  const known = controls.get(machine);
  if (known) return known;
  const control = new TimeControl({
    memory: machine.memory,
    ready: () => machine.state.phase === 'ready',
    prompted: () => machine.console.prompted && unread(machine) === 0,
    subscribe: machine.subscribe,
  });
  controls.set(machine, control);
  return control;
}

/** Bytes that have left the machine and are not on the screen. */
function unread(machine: Machine): number {
  const lineTx = machine.memory()?.lineTx;
  return lineTx ? new Line(new Region('line_tx', lineTx)).length : 0;
}
