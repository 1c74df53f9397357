/** What a node's panel lists, read anew while something happens: a few times a second, and once more when it is over. */
import { useEffect, useState } from 'react';
import type { GraphMachine } from './graph_machine';
import { waitingWords } from './live';
import type { Graph, GraphNode } from './model';
import {
  type ChannelFact,
  channelFacts,
  type EventFact,
  eventFacts,
  logLines,
  type RegionFact,
  regionFacts,
  wakeups,
} from './node_facts';

/** Reading the whole terminal is the dearest of it. */
const EVERY_MS = 400;
const EVENTS = 12;
const LINES = 20;

export interface NodeFacts {
  readonly regions: readonly RegionFact[];
  readonly channels: readonly ChannelFact[];
  readonly events: readonly EventFact[];
  readonly lines: readonly string[];
  readonly wakeups: number;
  readonly waiting: string;
}

export function useNodeFacts(machine: GraphMachine, graph: Graph, node: GraphNode): NodeFacts {
  const [facts, setFacts] = useState(() => read(machine, graph, node));
  useEffect(() => {
    let readAt = performance.now();
    setFacts(read(machine, graph, node));
    return machine.watch.subscribe(() => {
      const now = performance.now();
      if (now - readAt < EVERY_MS && !machine.watch.activity.idle) return;
      readAt = now;
      setFacts(read(machine, graph, node));
    });
  }, [machine, graph, node]);
  return facts;
}

function read(machine: GraphMachine, graph: Graph, { id, domain }: GraphNode): NodeFacts {
  const { description } = machine;
  const memory = machine.memory();
  return {
    regions: regionFacts(description, domain),
    channels: channelFacts(description, domain),
    events: memory ? eventFacts(memory, domain, EVENTS) : [],
    lines: logLines(machine.text(), domain.name, LINES),
    wakeups: memory ? wakeups(memory, domain.name) : 0,
    waiting: waitingWords(machine, graph, id),
  };
}
