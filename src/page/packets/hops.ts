/** The components that a frame passes, in the order in which it does. */
import type { CaptureDirection } from '../../protocol/capture';

export const HOPS = [
  { name: 'ethernet_driver', kind: 'driver' },
  { name: 'net_virt_rx', kind: 'virtualiser' },
  { name: 'net_virt_tx', kind: 'virtualiser' },
  { name: 'micropython_net_copier', kind: 'virtualiser' },
  { name: 'micropython', kind: 'client' },
] as const;

export type HopName = (typeof HOPS)[number]['name'];

export const PATHS: Readonly<Record<CaptureDirection, readonly HopName[]>> = {
  send: ['micropython', 'net_virt_tx', 'ethernet_driver'],
  receive: ['ethernet_driver', 'net_virt_rx', 'micropython_net_copier', 'micropython'],
};

export const kindOf = (hop: HopName): string => HOPS.find(({ name }) => name === hop)!.kind;
