/** The disk map of a desk: made when it is first asked for, so that what was chosen is still chosen when the view comes back. */
import type { Desk } from '../desk';
import type { Machine } from '../machine';
import { type DiskMapMachine, DiskMapModel } from './disk_map_model';

const models = new WeakMap<Desk, DiskMapModel>();

export function diskMapOf(desk: Desk): DiskMapModel {
  const known = models.get(desk);
  if (known) return known;
  const model = new DiskMapModel(mapMachine(desk.machine), desk.watch);
  models.set(desk, model);
  return model;
}

export function mapMachine(machine: Machine): DiskMapMachine {
  const { disk, memory, subscribe } = machine;
  return {
    disk,
    partition: machine.options.partition ?? 0,
    memory,
    subscribe,
    get state() {
      return machine.state;
    },
  };
}
