/** What the drawing, the table and the inspector all show: the graph of the board that runs, and what its domains do now. */
import { useMemo, useSyncExternalStore } from 'react';
import type { DomainActivity } from '../activity';
import type { Desk } from '../desk';
import { usePart, useStore } from '../use';
import { type GraphMachine, graphMachine } from './graph_machine';
import { type Graph, graphOf } from './model';
import { useRebooted } from './rebooted';

export interface ShownGraph {
  readonly machine: GraphMachine;
  readonly graph: Graph;
  readonly domains: readonly DomainActivity[];
  readonly rebooted: ReadonlySet<string>;
  readonly chosen: string | undefined;
  choose(id: string): void;
}

export function useShownGraph(desk: Desk): ShownGraph {
  useStore(desk.machine);
  const { board } = desk.machine;
  const machine = useMemo(() => graphMachine(desk.machine, desk.watch), [desk]);
  const { domains } = useSyncExternalStore(desk.watch.subscribe, () => desk.watch.activity);
  const rebooted = useRebooted(desk.watch);
  const chosen = usePart(desk.stage, ({ slot, node }) => (slot === 'node' ? node : undefined));
  // The board decides what there is; the rest of the description is the same for all.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the machine's description changes with its board
  const graph = useMemo(() => graphOf(machine.description), [machine, board]);
  const choose = useMemo(
    () => (id: string) => desk.stage.choose(desk.stage.state.node === id ? undefined : id),
    [desk],
  );
  return { machine, graph, domains, rebooted, chosen, choose };
}
