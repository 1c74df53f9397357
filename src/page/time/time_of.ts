/** Time of a machine, and its timeline: made when they are first asked for, there for as long as the page. */
import { Line } from '../../protocol/line';
import { Region } from '../../protocol/region';
import type { Machine } from '../machine';
import { TimeControl } from './control';
import { Timeline } from './timeline';

const controls = new WeakMap<Machine, TimeControl>();
const timelines = new WeakMap<Machine, Timeline>();

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

export function timelineOf(machine: Machine): Timeline {
  const known = timelines.get(machine);
  if (known) return known;
  const timeline = new Timeline({
    memory: machine.memory,
    nextFrame: (callback) => {
      const asked = requestAnimationFrame(callback);
      return () => cancelAnimationFrame(asked);
    },
    later: (callback, ms) => {
      const timer = setTimeout(callback, ms);
      return () => clearTimeout(timer);
    },
    now: () => performance.now(),
  });
  timelines.set(machine, timeline);
  timeOf(machine).subscribe(timeline.poke);
  machine.console.addEventListener('change', timeline.poke);
  return timeline;
}

/** Bytes that have left the machine and are not on the screen. */
function unread(machine: Machine): number {
  const lineTx = machine.memory()?.lineTx;
  return lineTx ? new Line(new Region('line_tx', lineTx)).length : 0;
}
