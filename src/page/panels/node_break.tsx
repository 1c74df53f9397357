/** "Break here": the system stops before this domain takes a notification. */
import type { Desk } from '../desk';
import { timeOf } from '../time/time_of';
import { usePart } from '../use';

export function NodeBreak({ desk, domain }: { desk: Desk; domain: string }) {
  const time = timeOf(desk.machine);
  const set = usePart(time, ({ breaks }) =>
    breaks.find(({ breakpoint }) => breakpoint.on === 'domain' && breakpoint.domain === domain),
  );
  return (
    <button
      className="btn s"
      type="button"
      aria-pressed={set !== undefined}
      onClick={() => (set ? time.clear(set.id) : time.breakAt({ on: 'domain', domain }))}
    >
      Break here
    </button>
  );
}
