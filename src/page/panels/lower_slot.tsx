/** Below the graph: exactly one of events in words, the inspector, what can be broken, and how the system recovers. Esc goes back. */
import { lazy, Suspense } from 'react';
import type { Desk } from '../desk';
import { useShownGraph } from '../graph/use_shown';
import { usePart } from '../use';
import { InWords } from './in_words';

const BreakPanel = lazy(() => import('./break_panel').then((file) => ({ default: file.BreakPanel })));
const RecoveryPanel = lazy(() => import('./recovery_panel').then((file) => ({ default: file.RecoveryPanel })));
const NodePanel = lazy(() => import('./node_panel').then((file) => ({ default: file.NodePanel })));

export function LowerSlot({ desk }: { desk: Desk }) {
  const slot = usePart(desk.stage, (shown) => shown.slot);
  return (
    <div className="lower-slot" data-slot={slot}>
      <Suspense fallback={null}>
        {slot === 'words' && <InWords desk={desk} />}
        {slot === 'node' && <Chosen desk={desk} />}
        {slot === 'break' && <BreakPanel desk={desk} />}
        {slot === 'recovery' && <RecoveryPanel desk={desk} />}
      </Suspense>
    </div>
  );
}

function Chosen({ desk }: { desk: Desk }) {
  const shown = useShownGraph(desk);
  const node = shown.graph.nodes.find(({ id }) => id === shown.chosen);
  // A link may name what this board does not have.
  if (!node) return <InWords desk={desk} />;
  return <NodePanel {...shown} desk={desk} node={node} close={() => desk.stage.choose(undefined)} />;
}
