/** What select.poll asks of descriptors: sockets and keys may keep one waiting, everything else is always ready. */
import type { Stream } from './descriptors';
import { NetSocket, POLL } from './net_socket';
import type { Terminal } from './terminal';

export interface Wanted {
  readonly fd: number;
  readonly events: number;
  /** None for the terminal's, and for those that are closed. */
  readonly stream: Stream | undefined;
}

/** `FD:EVENTS` of those that are ready, with a space between. */
export function readiness(wanted: readonly Wanted[], terminal: Terminal): string {
  return wanted
    .map((each) => ({ fd: each.fd, events: eventsOf(each, terminal) }))
    .filter(({ events }) => events !== 0)
    .map(({ fd, events }) => `${fd}:${events}`)
    .join(' ');
}

function eventsOf({ fd, events, stream }: Wanted, terminal: Terminal): number {
  if (stream instanceof NetSocket) return stream.ready(events);
  if (fd === 0) return terminal.keysWaiting ? events & POLL.IN : 0;
  if (fd === 1 || fd === 2) return events & POLL.OUT;
  return stream ? events & (POLL.IN | POLL.OUT) : POLL.NVAL;
}
