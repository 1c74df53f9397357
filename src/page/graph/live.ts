/**
 * What moves in the graph: read from shared memory once per animation frame while something happens, and not at all when nothing does.
 * ActivityWatch says when that is.
 */
import type { SystemMemory } from '../../microkit/layout';
import { type Fired, TraceFollower } from './fired';
import type { GraphMachine } from './graph_machine';
import type { Graph } from './model';
import { type Depth, depthOf, queuesOf, readWaiting } from './queues';

export interface Frame {
  readonly fired: readonly Fired[];
  /** Of every edge that has queues. */
  readonly depths: ReadonlyMap<string, Depth>;
  /** Nothing moves any more: there is no frame after this one until something does. */
  readonly last: boolean;
  /** So much happens that single notifications are not to be seen: there are few frames, and each stands for what was since the last. */
  readonly busy: boolean;
}

/** Notifications a second, of all domains: from which on the system counts as busy, and below which no longer. */
const BUSY_PER_SECOND = { from: 300, below: 60 };
/** Between two looks at a busy one. */
const BUSY_LOOK_MS = 300;

/** Calls `paint` with every frame; returns the end of that. */
export function followLive(machine: GraphMachine, graph: Graph, paint: (frame: Frame) => void): () => void {
  const { watch } = machine;
  const follower = new TraceFollower(graph);
  const depths = depthReader(machine, graph);
  let asked = 0;
  let waiting: ReturnType<typeof setTimeout> | undefined;
  let lookedAt = performance.now();
  let busy = false;
  const ask = () => {
    if (asked === 0 && waiting === undefined && document.visibilityState === 'visible')
      asked = requestAnimationFrame(look);
  };
  const askLater = () => {
    waiting = setTimeout(() => {
      waiting = undefined;
      ask();
    }, BUSY_LOOK_MS);
  };
  const look = (now: number) => {
    asked = 0;
    const memory = machine.memory();
    const last = watch.activity.idle;
    const fired = follower.next(memory?.trace);
    const count = fired.reduce((sum, one) => sum + one.count, 0);
    const perSecond = (count * 1000) / Math.max(1, now - lookedAt);
    busy = perSecond >= (busy ? BUSY_PER_SECOND.below : BUSY_PER_SECOND.from);
    lookedAt = now;
    paint({ fired, depths: memory ? depths(memory) : new Map(), last, busy });
    if (last) return;
    if (busy) askLater();
    else ask();
  };
  const unsubscribe = watch.subscribe(ask);
  ask();
  return () => {
    unsubscribe();
    clearTimeout(waiting);
    cancelAnimationFrame(asked);
  };
}

function depthReader({ description }: GraphMachine, { edges }: Graph): (memory: SystemMemory) => Map<string, Depth> {
  const queued = edges
    .filter(({ kind }) => kind === 'notify' || kind === 'memory')
    .map((edge) => ({ id: edge.id, queues: queuesOf(description, edge) }))
    .filter(({ queues }) => queues.length > 0);
  return (memory) =>
    new Map(queued.map(({ id, queues }) => [id, depthOf(queues.map((queue) => readWaiting(memory, queue)))]));
}

/** What waits on the edges of a node, in words; empty when nothing does. */
export function waitingWords(machine: GraphMachine, graph: Graph, id: string): string {
  const memory = machine.memory();
  if (!memory) return '';
  const edges = graph.edges.filter(({ a, b }) => a === id || b === id);
  const depths = [...depthReader(machine, { ...graph, edges })(memory).values()];
  return depths
    .map(({ words }) => words)
    .filter((words) => words !== '')
    .join('; ');
}
