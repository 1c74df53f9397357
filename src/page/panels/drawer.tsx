/** What opens upward from the strip: the timeline, beside it the statement that is followed. */
import { useEffect, useRef } from 'react';
import type { Desk } from '../desk';
import { usePart } from '../use';
import { FollowPanel } from './follow_panel';
import { TimeDrawer } from './time_drawer';

/** On these screens it is a pane among the others. */
const ONE_PANE = '(max-width: 899px)';

export function Drawer({ desk }: { desk: Desk }) {
  const { stage } = desk;
  const shown = usePart(stage, ({ view, pane }) => `${view} ${pane}`);
  const opened = useRef(shown);
  useEffect(() => {
    if (shown === opened.current) return;
    opened.current = shown;
    if (matchMedia(ONE_PANE).matches) stage.toggleDrawer(false);
  }, [shown, stage]);
  return (
    <div className="drawer">
      <TimeDrawer desk={desk} />
      <FollowPanel desk={desk} />
    </div>
  );
}
