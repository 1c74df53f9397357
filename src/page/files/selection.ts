/** Which rows of a folder are chosen, by name: survives every new listing. Pure functions; `names` are the rows in their order. */

export const UP = '..';

export interface Selection {
  readonly chosen: ReadonlySet<string>;
  /** The row that the keys act from. */
  readonly at: string | undefined;
  /** Where a range began. */
  readonly anchor: string | undefined;
}

export const NOTHING: Selection = { chosen: new Set(), at: undefined, anchor: undefined };

/** Just this row; the row that leads up is never among the chosen. */
export function choose(name: string): Selection {
  return { chosen: new Set(name === UP ? [] : [name]), at: name, anchor: name };
}

/** This row besides the others, or no longer. */
export function toggle(selection: Selection, name: string): Selection {
  const chosen = new Set(selection.chosen);
  if (name !== UP && !chosen.delete(name)) chosen.add(name);
  return { chosen, at: name, anchor: name };
}

/** From where the range began to this row. */
export function extend(selection: Selection, names: readonly string[], name: string): Selection {
  const anchor = selection.anchor ?? name;
  const [from, to] = [names.indexOf(anchor), names.indexOf(name)];
  if (from < 0 || to < 0) return choose(name);
  const range = names.slice(Math.min(from, to), Math.max(from, to) + 1);
  return { chosen: new Set(range.filter((one) => one !== UP)), at: name, anchor };
}

export function all(selection: Selection, names: readonly string[]): Selection {
  return { ...selection, chosen: new Set(names.filter((name) => name !== UP)) };
}

/** The row `by` further down, or the last or first one. */
export function moved(
  selection: Selection,
  names: readonly string[],
  by: number,
  { range, free }: { range: boolean; free: boolean },
): Selection {
  if (names.length === 0) return NOTHING;
  const from = selection.at === undefined ? -1 : names.indexOf(selection.at);
  const last = names.length - 1;
  // From nowhere, a step goes to the nearer end, and Home and End where they always go.
  const isFar = Math.abs(by) > last;
  const to = from < 0 ? (by < 0 === isFar ? 0 : last) : Math.min(last, Math.max(0, from + by));
  const name = names[to]!;
  if (range) return extend(selection, names, name);
  return free ? { ...selection, at: name, anchor: name } : choose(name);
}

/** After a new listing: rows that are gone are not chosen any more, and the keys go on from the row that came in their place. */
export function kept(selection: Selection, before: readonly string[], names: readonly string[]): Selection {
  const there = new Set(names);
  const chosen = new Set([...selection.chosen].filter((name) => there.has(name)));
  const isKept = selection.at === undefined || there.has(selection.at);
  if (isKept && chosen.size === selection.chosen.size) return selection;
  const at = isKept ? selection.at : names[Math.min(before.indexOf(selection.at!), names.length - 1)];
  return { chosen, at, anchor: at };
}
