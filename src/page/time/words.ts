/** Who is next and why, in words. Text in backquotes is the system's voice. */
import { DEVICE_ID, type Runnable } from '../../microkit/gate';
import type { Next } from '../../microkit/gate_order';
import type { SystemDescription } from '../../microkit/sdf';
import { REBOOT_CHANNEL } from '../../protocol/boot';
import { peerOf } from '../graph/events';
import type { TimeState } from './state';

/** What it takes. */
export function takesWords(description: SystemDescription, { domain, id }: Runnable): string {
  const found = description.domains.find(({ name }) => name === domain);
  const irq = found?.irqs.find((line) => line.id === id);
  if (irq) return `takes interrupt ${irq.intid}`;
  if (id === REBOOT_CHANNEL) return 'learns that the virtual machine is another one';
  if (id === DEVICE_ID) return found?.device ? 'its device has something' : 'goes on computing';
  const peer = peerOf(description, domain, id)?.there.domain;
  return peer ? `notified by \`${peer}\`` : `channel ${id}`;
}

/** Why it is this one. */
export function whyWords({ priority, over, ties }: Next): string {
  const named = ties.map((domain) => `\`${domain}\``).join(', ');
  if (ties.length > 0) return `priority ${priority}, as ${named}: the seed chose`;
  return over ? `priority ${priority} beats \`${over.domain}\` at ${over.priority}` : 'nobody else can run';
}

/** Of a system that stands still: the sentence in the strip. */
export function heldWords({ mode, stop, busy, next }: TimeState): string | undefined {
  const names = busy.map((domain) => `\`${domain}\``).join(', ');
  if (mode === 'pausing') return busy.length > 0 ? `Waiting for ${names}.` : 'Pausing.';
  if (busy.length > 0)
    return `${names} still ${busy.length === 1 ? 'computes' : 'compute'}; everybody else stands still.`;
  if (stop) return `Stopped: ${stop.words.replace(/^(\w+)/, '`$1`')}`;
  return next ? undefined : 'Nothing to do: everybody waits for a key, a packet or a deadline.';
}
