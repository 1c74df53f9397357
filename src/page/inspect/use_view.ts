/** What the inspector looks at: the running system, or its memory as it was when the view was frozen. */
import { useMemo, useState } from 'react';
import type { GraphMachine } from '../graph/graph_machine';
import type { GraphNode } from '../graph/model';
import { Look } from './look';
import { nodeQueues, nodeRegions, nodeWindows } from './node';

export interface View {
  readonly look: Look;
  readonly frozen: boolean;
}

/** Undefined while no system runs. It reads when it is rendered: at most ten times a second, and not while nothing happens. */
export function useView(machine: GraphMachine, node: GraphNode): { view: View | undefined; freeze(): void } {
  const memory = machine.memory();
  const live = useMemo(() => memory && new Look(memory), [memory]);
  const [kept, setKept] = useState<{ readonly of: string; readonly look: Look }>();
  const frozen = kept?.of === node.id && kept.look.memory === memory ? kept.look : undefined;
  const freeze = () => {
    if (!live || frozen) return setKept(undefined);
    setKept({ of: node.id, look: live.freeze(regionsShown(live, node)) });
  };
  return { view: live && { look: frozen ?? live, frozen: frozen !== undefined }, freeze };
}

function regionsShown(look: Look, node: GraphNode): string[] {
  const queues = nodeQueues(look, node);
  return [
    ...nodeRegions(node).map(({ region }) => region),
    ...nodeWindows(look, node).map(({ region }) => region),
    ...queues.flatMap((queue) => [queue.region, queue.slot(look, 0).region]),
  ];
}
