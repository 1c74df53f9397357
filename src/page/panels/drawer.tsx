/** What opens upward from the strip: the timeline, beside it the statement that is followed. */
import type { Desk } from '../desk';
import { FollowPanel } from './follow_panel';
import { TimeDrawer } from './time_drawer';

export function Drawer({ desk }: { desk: Desk }) {
  return (
    <div className="drawer">
      <TimeDrawer desk={desk} />
      <FollowPanel desk={desk} />
    </div>
  );
}
