/** A flight recorder's records in words. */
import type { ChannelEnd, ProtectionDomain, SystemDescription } from '../../microkit/sdf';
import { BLK_RESP_STATUS } from '../../protocol/blk_queue';
import { REBOOT_CHANNEL } from '../../protocol/boot';
import { FS_CMD, FS_STATUS } from '../../protocol/fs';
import { TRACE, type TraceRecord } from '../../protocol/trace';

export function eventWords(description: SystemDescription, domain: ProtectionDomain, record: TraceRecord): string {
  const { kind, channel, a } = record;
  const peer = peerOf(description, domain.name, channel)?.there.domain ?? 'a channel that it does not have';
  switch (kind) {
    case TRACE.NOTIFIED:
      return notifiedWords(domain, channel, peer);
    case TRACE.NOTIFY:
      return `notified ${peer}`;
    case TRACE.PPC_CALL:
      return `called ${peer}, procedure ${a}`;
    case TRACE.PPC_SERVED:
      return `answered a call of ${peer}, procedure ${a}`;
    case TRACE.FAULT:
      return 'faulted';
    case TRACE.REQUEST:
    case TRACE.RESPONSE:
      return messageWords(description, domain.name, record);
    case TRACE.RAN:
      return `went to sleep after ${Math.round(a / 1000)} \u00b5s`;
    default:
      return `record of kind ${kind}`;
  }
}

function notifiedWords(domain: ProtectionDomain, channel: number, peer: string): string {
  const irq = domain.irqs.find(({ id }) => id === channel);
  if (irq) return `took interrupt ${irq.intid}`;
  if (channel === REBOOT_CHANNEL) return 'was told that the virtual machine is another one now';
  return `was notified by ${peer}`;
}

function messageWords(description: SystemDescription, domain: string, record: TraceRecord): string {
  const { kind, channel, request, a, b } = record;
  const isFs = /^(fs|virq_command)/.test(peerOf(description, domain, channel)?.here.symbol ?? '');
  if (kind === TRACE.REQUEST)
    return isFs
      ? `command ${request}: ${nameIn(FS_CMD, a)}`
      : `request ${request}: ${b} ${b === 1 ? 'block' : 'blocks'} from block ${a} on`;
  return isFs
    ? `command ${request} was answered: ${nameIn(FS_STATUS, a)}`
    : `request ${request} was answered: ${nameIn(BLK_RESP_STATUS, a)}`;
}

const nameIn = (table: Readonly<Record<string, number>>, value: number) =>
  Object.keys(table).find((name) => table[name] === value) ?? String(value);

/** The two ends of a domain's channel. */
export function peerOf({ channels }: SystemDescription, domain: string, id: number): Ends | undefined {
  for (const { a, b } of channels) {
    if (a.domain === domain && a.id === id) return { here: a, there: b };
    if (b.domain === domain && b.id === id) return { here: b, there: a };
  }
  return undefined;
}

export interface Ends {
  readonly here: ChannelEnd;
  readonly there: ChannelEnd;
}
