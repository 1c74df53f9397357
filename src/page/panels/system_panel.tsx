/**
 * The view "System": the graph where the stage has room for it, once there is a prompt; before that, and where it is narrow, the rails.
 * Below it the lower slot, with one thing at a time.
 */
import { lazy, Suspense, useLayoutEffect, useRef, useState } from 'react';
import type { Desk } from '../desk';
import { usePart, useStore } from '../use';
import { BoardChoice } from './board_choice';

const GraphView = lazy(() => import('./graph_view').then((file) => ({ default: file.GraphView })));
const LowerSlot = lazy(() => import('./lower_slot').then((file) => ({ default: file.LowerSlot })));

/** CSS pixels. Below that the names would be too small to read. */
const GRAPH_WIDTH = 640;

export function SystemPanel({ desk }: { desk: Desk }) {
  const place = useRef<HTMLDivElement>(null);
  const { phase } = useStore(desk.machine);
  const slot = usePart(desk.stage, (shown) => shown.slot);
  const [wide, setWide] = useState(false);
  const [prompted, setPrompted] = useState(phase === 'ready');
  if (phase === 'ready' && !prompted) setPrompted(true);
  useLayoutEffect(() => {
    const look = () => setWide(place.current!.clientWidth >= GRAPH_WIDTH);
    const observer = new ResizeObserver(look);
    observer.observe(place.current!);
    look();
    return () => observer.disconnect();
  }, []);

  const rails = <Rails desk={desk} />;
  return (
    <div className="system-place" data-slot={slot} ref={place}>
      {wide && prompted ? (
        <Suspense fallback={rails}>
          <GraphView desk={desk} />
        </Suspense>
      ) : (
        rails
      )}
      {prompted && (wide || slot !== 'words') && (
        <Suspense fallback={null}>
          <LowerSlot desk={desk} />
        </Suspense>
      )}
    </div>
  );
}

/** They were there before React. */
function Rails({ desk }: { desk: Desk }) {
  const place = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    place.current!.append(desk.rails.element);
    desk.rails.update(desk.watch.activity.domains);
  }, [desk]);
  return (
    <div className="rails-view">
      <BoardChoice desk={desk} className="fact narrow" />
      <div className="rails-place" ref={place} />
    </div>
  );
}
