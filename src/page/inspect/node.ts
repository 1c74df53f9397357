/** What there is to inspect of a node of the graph: a domain, or a driver's device. */
import type { ProtectionDomain } from '../../microkit/sdf';
import type { GraphNode } from '../graph/model';
import { guestQueues } from './guest';
import type { Look } from './look';
import type { InspectedQueue } from './queue';
import { type Window, windowsOf } from './registers';
import { ringsOf } from './rings';
import { virtqueuesOf } from './virtqueues';

export const INSPECTOR_TABS = ['overview', 'queues', 'memory', 'registers', 'log'] as const;
export type InspectorTab = (typeof INSPECTOR_TABS)[number];

export function queuesOf(look: Look, domain: ProtectionDomain): InspectedQueue[] {
  const virtqueues = windowsOf(look, domain).flatMap((window) => virtqueuesOf(look, window));
  const own = domain.kind === 'guest' ? guestQueues(look, domain) : [];
  return [...ringsOf(look, domain), ...virtqueues, ...own];
}

export function nodeQueues(look: Look, { kind, domain }: GraphNode): InspectedQueue[] {
  if (kind !== 'device') return queuesOf(look, domain);
  return windowsOf(look, domain).flatMap((window) => virtqueuesOf(look, window));
}

export const nodeWindows = (look: Look, { domain }: GraphNode): Window[] => windowsOf(look, domain);

/** Regions by the name that the node knows them by. */
export function nodeRegions({ kind, domain: { maps, device } }: GraphNode): { symbol: string; region: string }[] {
  if (kind !== 'device') return maps.map(({ symbol, region }) => ({ symbol, region }));
  const registers = maps.filter(({ symbol }) => symbol === 'regs');
  return [...registers, ...(device?.dma ?? []).map((region) => ({ symbol: 'dma', region }))];
}

/** Only those that the node has. */
export function tabsOf(look: Look | undefined, node: GraphNode): InspectorTab[] {
  const has: Readonly<Record<InspectorTab, boolean>> = {
    overview: true,
    queues: look !== undefined && nodeQueues(look, node).length > 0,
    memory: nodeRegions(node).length > 0,
    registers: look !== undefined && nodeWindows(look, node).length > 0,
    log: node.kind !== 'device',
  };
  return INSPECTOR_TABS.filter((tab) => has[tab]);
}
