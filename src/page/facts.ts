/** The strip's sentence: what is being waited for, or the last thing that happened, from counts that the system keeps itself. */
import type { DomainStatus } from '../microkit/status';
import type { MachineState } from './machine_state';

/** Text in backquotes is the system's voice. */
export type Sentence = string;

export interface LineCost {
  readonly line: string;
  readonly notifications: number;
  readonly byDomain: readonly { readonly name: string; readonly count: number }[];
}

const LINE_SHOWN = 48;
const DOMAINS_NAMED = 3;

export function sentence(state: MachineState, domains: readonly DomainStatus[], cost: LineCost | undefined): Sentence {
  if (state.phase === 'failed') return `The system stopped. ${state.failure ?? ''}`;
  if (state.phase === 'starting') return starting(domains);
  if (state.scripted)
    return 'A script is running Python over the serial line. Your keys wait until it is done; Ctrl C ends it.';
  if (state.keysTo === 1)
    return 'Your keys go to `linux_fs_vm`, the console of the virtual machine. Ctrl \\ 0 Enter comes back to Python.';
  if (state.restarting) return '`micropython` starts again, alone. The file system and everything else go on.';
  if (domains.some(({ name, state: doing }) => name === 'micropython' && doing === 'running'))
    return 'Python is computing; `micropython` has not waited for anything since. Ctrl C stops it.';
  if (cost && cost.notifications > 0) return costSentence(cost);
  const ms = state.promptMs === undefined ? '' : ` ${Math.round(state.promptMs)} ms after you opened the page`;
  return `Ready${ms}. ${domains.length} workers, all of them asleep until you type.`;
}

export function upWords(domains: readonly DomainStatus[]): string {
  if (domains.length === 0) return '';
  const gone = domains.filter(({ state }) => state === 'killed' || state === 'hung' || state === 'restarting');
  const names = gone.length > 2 ? '' : gone.map(({ name, state }) => `${name} ${state}, `).join('');
  return `${names}${domains.filter(isUp).length} of ${domains.length} up`;
}

function isUp({ state }: DomainStatus): boolean {
  return !['down', 'starting', 'restarting', 'killed', 'hung', 'faulted', 'dead'].includes(state);
}

function starting(domains: readonly DomainStatus[]): Sentence {
  if (domains.length === 0) return 'Starting the workers.';
  const waiting = domains.filter((domain) => !isUp(domain));
  const first = waiting[0];
  if (!first) return 'Every domain is up; `micropython` is about to print its prompt.';
  return `Waiting for \`${first.name}\`: ${domains.length - waiting.length} of ${domains.length} are up. Keys you type now will reach the prompt.`;
}

function costSentence({ line, notifications, byDomain }: LineCost): Sentence {
  const shown = line.length > LINE_SHOWN ? `${line.slice(0, LINE_SHOWN - 1)}\u2026` : line;
  const named = byDomain.slice(0, DOMAINS_NAMED).map(({ name, count }) => `\`${name}\` ${count}`);
  const rest = byDomain.length - named.length;
  const others = rest > 0 ? ` and ${rest} more` : '';
  return `\`${shown.replaceAll('`', "'")}\` took ${notifications} notifications: ${named.join(', ')}${others}`;
}

/** What a line cost: counts after it, less counts before it. */
export function lineCost(line: string, before: readonly DomainStatus[], after: readonly DomainStatus[]): LineCost {
  const byDomain = after
    .map(({ name, notifications }) => {
      const start = before.find((domain) => domain.name === name)?.notifications ?? 0;
      return { name, count: Math.max(0, notifications - start) };
    })
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count);
  return { line, notifications: byDomain.reduce((sum, { count }) => sum + count, 0), byDomain };
}
