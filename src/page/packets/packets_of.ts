/** The captured frames of a machine: made when they are first asked for, there for as long as the page. */
import { saveFile } from '../files/save_file';
import type { Machine } from '../machine';
import { PacketsModel } from './packets_model';

const models = new WeakMap<Machine, PacketsModel>();

export function packetsOf(machine: Machine): PacketsModel {
  const known = models.get(machine);
  if (known) return known;
  const model = new PacketsModel({
    memory: machine.memory,
    subscribe: machine.subscribe,
    nextFrame: () => new Promise(requestAnimationFrame),
    waitFor: async ({ words, index, value }) => {
      await Atomics.waitAsync(words, index, value).value;
    },
    save: saveFile,
  });
  models.set(machine, model);
  return model;
}
