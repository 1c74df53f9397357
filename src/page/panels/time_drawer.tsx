/** The timeline: a lane per domain, what each did and whom it woke, beside it the same as a list. */
import { useEffect, useState } from 'react';
import type { Desk } from '../desk';
import { timelineOf, timeOf } from '../time/time_of';
import { usePart, useStore } from '../use';
import { TimeBreaks } from './time_breaks';
import { TimeHead } from './time_head';
import { TimeLanes } from './time_lanes';
import { TimeList } from './time_list';
import { TimePlot } from './time_plot';
import '../style/time.css';

export function TimeDrawer({ desk }: { desk: Desk }) {
  const timeline = timelineOf(desk.machine);
  const time = timeOf(desk.machine);
  const state = useStore(timeline);
  const held = useStore(time);
  const lit = usePart(desk.stage, (shown) => shown.lit);
  const path = usePart(desk.stage, (shown) => shown.path);
  const [listed, setListed] = useState(false);
  useEffect(() => {
    timeline.look('drawer', true);
    timeline.read();
    timeline.fit();
    const unsubscribe = desk.watch.subscribe(timeline.poke);
    return () => {
      unsubscribe();
      timeline.look('drawer', false);
    };
  }, [desk, timeline]);

  return (
    <section className="time-drawer" aria-label="Timeline">
      <TimeHead desk={desk} timeline={timeline} listed={listed} list={setListed} />
      <TimeBreaks desk={desk} time={time} breaks={held.breaks} />
      <div className="time-shown">
        <div className="time-body">
          <TimeLanes desk={desk} lanes={state.lanes} lit={lit} path={path} />
          <TimePlot desk={desk} timeline={timeline} held={held} lit={lit} path={path} />
        </div>
        {listed && <TimeList desk={desk} timeline={timeline} state={state} />}
      </div>
    </section>
  );
}
