/** The one that belongs to a desk: whoever asks first makes it. */
import type { Desk } from '../desk';
import { Follow } from './follow';
import { linesOf } from './lines';

const FOLLOWS = new WeakMap<Desk, Follow>();

export function followOf(desk: Desk): Follow {
  const known = FOLLOWS.get(desk) ?? new Follow(desk, linesOf(desk.machine), (keys) => desk.showFollowed(keys));
  FOLLOWS.set(desk, known);
  return known;
}
