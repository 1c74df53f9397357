/** Moments in words. */
import type { WriteEntry } from '../../protocol/write_log_reader';
import type { Examined, Verdict } from './examine';

export const seconds = (timeNs: number) => `${(timeNs / 1e9).toFixed(3)} s`;

const counted = (count: number, one: string) => `${count} ${one}${count === 1 ? '' : 's'}`;

export interface Span {
  /** The oldest and the newest moment that can be had. */
  readonly first: number;
  readonly last: number;
}

/** As in `After write 12 of 31, 1.204 s after boot`. */
export function momentWords(moment: number, { first, last }: Span, write: WriteEntry | undefined): string {
  if (last === 0) return 'Nothing has been written yet';
  if (moment === 0) return `Before the first of ${counted(last, 'write')}`;
  const which = `After write ${moment} of ${last}`;
  if (!write) return moment === first ? `${which}, the oldest moment that the log leads back to` : which;
  return `${which}, ${seconds(write.timeNs)} after boot`;
}

export const VERDICT_WORDS: Readonly<Record<Verdict, string>> = {
  clean: 'clean',
  lost: 'lost clusters',
  errors: 'errors',
  unreadable: 'no volume',
};

/** What fsck would say, in one sentence. */
export function fsckWords({ verdict, findings, problem }: Examined): string {
  if (verdict === 'unreadable') return `fsck would find no volume: ${problem}`;
  if (verdict === 'clean') return 'fsck would say: clean.';
  const lost = findings.flatMap(({ severity, clusters }) => (severity === 'lost' ? clusters : []));
  const errors = findings.filter(({ severity }) => severity === 'error');
  const parts = [
    ...(errors.length > 0 ? [counted(errors.length, 'error')] : []),
    ...(lost.length > 0 ? [counted(lost.length, 'lost cluster')] : []),
  ];
  return `fsck would say: ${parts.join(' and ')}.`;
}

/** What a device with a volatile cache could have made of the writes since the last flush. */
export function cacheWords(moment: number, flushed: number): string {
  const loose = moment - flushed;
  if (loose === 0) return 'All of it had been flushed: no cache could have lost any of it.';
  const which = loose === 1 ? 'The last write was' : `The last ${loose} writes were`;
  const could = loose === 1 ? 'could have lost it' : 'could have lost any of them, in any combination';
  return `${which} not flushed yet: a device with a volatile cache ${could}. Shown is the order of arrival.`;
}
