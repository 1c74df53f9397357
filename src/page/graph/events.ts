/** A flight recorder's records in words. */
import type { ChannelEnd, ProtectionDomain, SystemDescription } from '../../microkit/sdf';
import { BLK_RESP_STATUS } from '../../protocol/blk_queue';
import { REBOOT_CHANNEL } from '../../protocol/boot';
import { FS_CMD, FS_STATUS } from '../../protocol/fs';
import { TRACE, type TraceRecord } from '../../protocol/trace';
import { unpackBlocks, unpackDisk } from '../../protocol/trace_words';
import { blockWords, clusterWords, many, nameIn, whatWords } from '../follow/words';

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
    case TRACE.STATEMENT:
      return `began statement ${a}`;
    case TRACE.STATEMENT_END:
      return `ended statement ${a}`;
    case TRACE.CLUSTERS:
      return `request ${record.request}: the contents are in ${clusterWords(a, record.b)}`;
    case TRACE.DISK_READ:
    case TRACE.DISK_WRITE:
    case TRACE.DISK_FLUSH:
      return diskWords(record);
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
  const { code, count } = unpackBlocks(b);
  if (kind === TRACE.REQUEST)
    return isFs ? `command ${request}: ${nameIn(FS_CMD, a)}` : `request ${request}: ${blockWords(code, a, count)}`;
  return isFs
    ? `command ${request} was answered: ${nameIn(FS_STATUS, a)}`
    : `request ${request} was answered: ${nameIn(BLK_RESP_STATUS, a)}`;
}

function diskWords({ kind, request, a, b }: TraceRecord): string {
  const { asked, ahead, why } = unpackDisk(b);
  if (kind === TRACE.DISK_FLUSH) return `request ${request}: has its disk write down what it holds`;
  const verb = kind === TRACE.DISK_READ ? 'reads' : 'writes';
  const further = ahead > 0 ? `, ${ahead} of them ahead` : '';
  return `request ${request}: ${verb} ${whatWords(why)}, ${many(asked + ahead, 'page')} from sector ${a} on${further}`;
}

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
