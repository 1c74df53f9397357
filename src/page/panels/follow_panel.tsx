/** Follow my bytes: the last statements, and of one of them every hop, why the disk had to work, and what was touched. */
import { useMemo } from 'react';
import type { Desk } from '../desk';
import type { FollowState } from '../follow/follow';
import { followOf } from '../follow/follow_of';
import { useStore } from '../use';
import { FollowHops } from './follow_hops';
import { FollowStatements } from './follow_statements';
import { FollowTouched } from './follow_touched';
import '../style/follow.css';

export function FollowPanel({ desk }: { desk: Desk }) {
  const follow = useMemo(() => followOf(desk), [desk]);
  const state = useStore(follow);
  return (
    <section className="follow" aria-label="Follow my bytes">
      <header>
        <h2>Follow my bytes</h2>
        <span className="grow" />
        {state.chosen !== undefined && (
          <button className="btn s" type="button" onClick={() => follow.letGo()}>
            Stop following
          </button>
        )}
      </header>
      <FollowStatements rows={state.rows} chosen={state.chosen} choose={(key) => follow.choose(key)} />
      <Shown desk={desk} state={state} />
      <Lost lost={state.lost} />
    </section>
  );
}

function Shown({ desk, state: { shown } }: { desk: Desk; state: FollowState }) {
  if (!shown)
    return <p className="empty">Nothing has been asked of the file system yet. Type a line that opens a file.</p>;
  return (
    <>
      <FollowHops shown={shown} light={(who) => desk.stage.light(who)} memory={desk.machine.memory()} />
      <section aria-labelledby="follow-why">
        <h3 id="follow-why">Why {shown.work}?</h3>
        <ul className="reasons">
          {shown.reasons.map(({ words, times }, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a reason is its place
            <li key={i}>
              {words}
              {times > 1 && <b> {times} times.</b>}
            </li>
          ))}
        </ul>
      </section>
      <FollowTouched shown={shown} />
    </>
  );
}

function Lost({ lost }: { lost: number }) {
  if (lost === 0) return null;
  return <p className="lost">{lost.toLocaleString('en')} older records were overwritten before anyone looked.</p>;
}
