/**
 * The network outside the machine: the program `lan` at the other end of the network card's wire. It runs in a worker like a domain's and is
 * started and ended with the system, but is none: it has no place in the description, no priority and no channels, only the wire.
 */
import { type BootInfo, CONTROL_BIT, CONTROL_SIZE } from '../protocol/boot';
import type { LanConfig } from '../protocol/lan';
import { TRACE_SIZE } from '../protocol/trace';
import type { SystemMemory } from './layout';
import type { ProtectionDomain } from './sdf';

export const LAN = 'lan';

const OUTSIDE: ProtectionDomain = { name: LAN, image: LAN, kind: 'driver', priority: 0, maps: [], irqs: [] };

/** Undefined for a machine without a network card. */
export function lanBoot(
  memory: SystemMemory,
  config: LanConfig,
): { readonly domain: ProtectionDomain; readonly boot: BootInfo } | undefined {
  const card = memory.description.domains.find(({ device }) => device?.port === 'wire');
  if (!card) return undefined;
  const wire = (name: string, buffer: SharedArrayBuffer) => ({ name, buffer, writable: true });
  const boot: BootInfo = {
    name: LAN,
    image: LAN,
    generation: 1,
    control: new SharedArrayBuffer(CONTROL_SIZE),
    gate: memory.gate,
    trace: new SharedArrayBuffer(TRACE_SIZE),
    debug: memory.lineTx,
    channels: [
      {
        id: 0,
        symbol: 'card',
        peer: card.name,
        peerControl: memory.control.get(card.name)!,
        // Not a channel of the card's driver: its device has something from outside.
        peerId: Math.log2(CONTROL_BIT.DEVICE),
        notify: true,
      },
    ],
    irqs: [],
    regions: { wire_tx: wire('wire_tx', memory.wireTx), wire_rx: wire('wire_rx', memory.wireRx) },
    dma: [],
    config,
    bootTime: memory.bootTime,
  };
  return { domain: OUTSIDE, boot };
}
