/** The stage's place for the rails, which were there before React. */
import { useLayoutEffect, useRef } from 'react';
import type { Desk } from '../desk';
import { BoardChoice } from './board_choice';

export function SystemPanel({ desk }: { desk: Desk }) {
  const place = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => place.current!.append(desk.rails.element), [desk]);
  return (
    <>
      <BoardChoice desk={desk} className="fact narrow" />
      <div className="rails-place" ref={place} />
    </>
  );
}
