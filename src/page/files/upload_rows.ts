/** The rows that stand for uploads: one for a file, one for a folder, and one for each file in it that failed or asks. */
import type { Rate } from './rate';
import type { Choice, WorkRow } from './work_rows';

/** What was handed over at once. */
export interface Batch {
  /** Given for all that ask. */
  answer: Choice | undefined;
  /** By the name at the top, what is there already. */
  readonly done: Map<string, { readonly files: number; readonly bytes: number }>;
}

export interface Item {
  readonly key: number;
  readonly batch: Batch;
  /** The folder that everything of the batch goes into. */
  readonly root: string;
  /** The first part of the path. */
  readonly top: string;
  /** From the root on. */
  readonly path: string;
  /** A folder has none. */
  readonly contents: Blob | undefined;
  answer?: Choice;
  state:
    | { readonly is: 'waiting' }
    | { readonly is: 'running'; readonly done: number; readonly rate: Rate }
    | { readonly is: 'asking'; readonly there: 'file' | 'folder' }
    | { readonly is: 'failed'; readonly why: string; readonly retry: boolean }
    /** The folder it belongs into was refused. */
    | { readonly is: 'held' };
}

interface Actions {
  drop(items: ReadonlySet<Item>): void;
  retry(item: Item): void;
  answer(item: Item, choice: Choice, forAll: boolean): void;
}

export function uploadRows(items: readonly Item[], actions: Actions): WorkRow[] {
  const groups = new Map<Batch, Map<string, Item[]>>();
  for (const item of items) {
    const tops = groups.get(item.batch) ?? new Map<string, Item[]>();
    const group = tops.get(item.top);
    if (group) group.push(item);
    else groups.set(item.batch, tops.set(item.top, [item]));
  }
  return [...groups.values()].flatMap((tops) => [...tops.values()].flatMap((group) => rowsOf(group, items, actions)));
}

function rowsOf(group: readonly Item[], items: readonly Item[], actions: Actions): WorkRow[] {
  const isFolder = group.some(({ path, contents }) => contents === undefined || path.includes('/'));
  const aside = group.filter(({ state }) => state.is === 'failed' || state.is === 'asking');
  if (!isFolder) return group.map((item) => itemRow(item, items, actions));
  const goesOn = group.some(({ state }) => state.is === 'waiting' || state.is === 'running');
  return [...(goesOn ? [folderRow(group, actions)] : []), ...aside.map((item) => itemRow(item, items, actions))];
}

function folderRow(group: readonly Item[], actions: Actions): WorkRow {
  const { batch, root, top, key } = group[0]!;
  const done = batch.done.get(top) ?? { files: 0, bytes: 0 };
  const running = group.find(({ state }) => state.is === 'running')?.state;
  const part = running?.is === 'running' ? running.done : 0;
  const left = group.reduce((sum, { contents }) => sum + (contents?.size ?? 0), 0);
  return {
    key: `upload folder ${key} ${top}`,
    sign: 'folder',
    name: top,
    folder: root,
    size: done.bytes + left,
    state: running
      ? {
          is: 'running',
          done: done.bytes + part,
          total: done.bytes + left,
          unit: 'bytes',
          perSecond: running.is === 'running' ? running.rate.perSecond : undefined,
        }
      : { is: 'waiting' },
    cancel: () => actions.drop(new Set(group)),
    retry() {},
    answer() {},
  };
}

function itemRow(item: Item, items: readonly Item[], actions: Actions): WorkRow {
  const size = item.contents?.size;
  return {
    key: `upload ${item.key}`,
    sign: item.contents ? 'upload' : 'folder',
    name: item.path,
    folder: item.root,
    size,
    state: stateOf(item, items),
    cancel: () => actions.drop(withHeld(item, items)),
    retry: () => actions.retry(item),
    answer: (choice, forAll) => actions.answer(item, choice, forAll),
  };
}

function stateOf({ batch, state, contents }: Item, items: readonly Item[]): WorkRow['state'] {
  switch (state.is) {
    case 'running':
      return {
        is: 'running',
        done: state.done,
        total: contents?.size ?? 0,
        unit: 'bytes',
        perSecond: state.rate.perSecond,
      };
    case 'asking': {
      const asking = items.filter((other) => other.batch === batch && other.state.is === 'asking');
      // One row offers the answer for all.
      const others = asking[0]?.state === state ? asking.length - 1 : 0;
      return { is: 'asking', there: state.there, others };
    }
    case 'held':
      return { is: 'waiting' };
    default:
      return state;
  }
}

/** A refused folder goes with all that waits for it. */
function withHeld(item: Item, items: readonly Item[]): ReadonlySet<Item> {
  const below = items.filter((other) => other.batch === item.batch && other.path.startsWith(`${item.path}/`));
  return new Set([item, ...below]);
}
