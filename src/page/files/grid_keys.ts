/** What the keys do in a folder. */
import type { FilesModel } from './files_model';
import { all, choose, moved, NOTHING, toggle, UP } from './selection';

export interface Key {
  readonly key: string;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
}

/** True when the key meant something here. `page` is how many rows are in sight. */
export function gridKey(event: Key, model: FilesModel, page: number): boolean {
  const { key, shiftKey: range, altKey } = event;
  const ctrl = event.ctrlKey || event.metaKey;
  if (altKey) return false;
  const { rows } = model;
  const { selection } = model.state;
  const { at } = selection;
  const steps: Readonly<Record<string, number>> = {
    ArrowDown: 1,
    ArrowUp: -1,
    PageDown: page,
    PageUp: -page,
    Home: -rows.length,
    End: rows.length,
  };
  const by = steps[key];
  if (by !== undefined) model.select(moved(selection, rows, by, { range, free: ctrl }));
  else if (key === ' ' && at !== undefined) model.select(toggle(selection, at));
  else if (ctrl && key.toLowerCase() === 'a') model.select(all(selection, rows));
  else if (key === 'Escape' && selection.chosen.size > 0) model.select({ ...NOTHING, at });
  else return !ctrl && act(key, model);
  return true;
}

function act(key: string, model: FilesModel): boolean {
  const { at, chosen } = model.state.selection;
  if (key === 'Backspace') model.up();
  else if (key === 'Enter' && at !== undefined) model.open(at);
  else if (key === 'F2' && at !== undefined && at !== UP) model.name({ of: at });
  else if (key === 'Delete') void model.deletions.remove(model.listing.state.path, [...chosen]);
  else if (key.length === 1 && key !== ' ') return jump(key, model);
  else return false;
  return true;
}

/** To the next row that begins with this letter. */
function jump(letter: string, model: FilesModel): boolean {
  const { rows } = model;
  const from = rows.indexOf(model.state.selection.at ?? '');
  const order = [...rows.slice(from + 1), ...rows.slice(0, from + 1)];
  const next = order.find((name) => name.toLowerCase().startsWith(letter.toLowerCase()));
  if (next === undefined) return false;
  model.select(choose(next));
  return true;
}
