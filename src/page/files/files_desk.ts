/** The model of the view "Files" of a desk: made when it is first shown, there for as long as the page. */
import type { Desk } from '../desk';
import { FilesModel } from './files_model';
import { saveFile } from './save_file';

const models = new WeakMap<Desk, FilesModel>();

export function filesOf(desk: Desk): FilesModel {
  const known = models.get(desk);
  if (known) return known;
  const { machine } = desk;
  const model = new FilesModel({
    port: machine.files,
    starts: { count: () => machine.state.starts, subscribe: machine.subscribe },
    now: () => performance.now(),
    nextFrame: () => new Promise(requestAnimationFrame),
    pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    save: saveFile,
    runLine: (line) => desk.run(line),
  });
  models.set(desk, model);
  // What was asked while the system started was refused.
  let { phase } = machine.state;
  machine.subscribe(() => {
    if (phase !== 'ready' && machine.state.phase === 'ready') model.othersWrote();
    phase = machine.state.phase;
  });
  // Edits are nowhere but here.
  addEventListener('beforeunload', (event) => {
    if (model.drafts.dirty) event.preventDefault();
  });
  return model;
}
