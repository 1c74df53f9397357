/** A domain's state as the page shows it, read from its control page. */
import { CONTROL, PD_STATE, type PdStateName } from '../protocol/boot';
import type { ProtectionDomain } from './sdf';

export interface DomainStatus {
  readonly name: string;
  readonly state: Exclude<Lowercase<PdStateName>, 'paused'> | 'passive' | 'faulted' | 'killed' | 'hung' | 'restarting';
  /** How often it has been started. */
  readonly generation: number;
  /** Notifications it handled. */
  readonly notifications: number;
  /** Milliseconds from the start of its worker until it was up; undefined while it is not. */
  readonly bootMs?: number | undefined;
}

export interface StatusSource {
  readonly domain: ProtectionDomain;
  readonly fault?: string | undefined;
  /** Its worker was ended and the next one is not there yet. */
  readonly ending?: boolean;
  /** Its worker was ended for good. */
  readonly buried?: Promise<void> | undefined;
  /** It was put into an endless loop. */
  readonly hung?: boolean;
  readonly bootMs?: number | undefined;
}

export function statusOf(source: StatusSource, words: Int32Array): DomainStatus {
  const { domain, bootMs } = source;
  return {
    name: domain.name,
    state: done(source) ?? stateOf(domain, words),
    generation: Atomics.load(words, CONTROL.GENERATION),
    notifications: Atomics.load(words, CONTROL.NOTIFICATIONS),
    bootMs,
  };
}

/** What was done to it, where its own words are not the last ones. */
function done({ fault, buried, ending, hung }: StatusSource): DomainStatus['state'] | undefined {
  if (fault !== undefined) return 'faulted';
  if (buried) return 'killed';
  if (ending) return 'restarting';
  return hung ? 'hung' : undefined;
}

function stateOf({ passive }: ProtectionDomain, words: Int32Array): DomainStatus['state'] {
  const value = Atomics.load(words, CONTROL.STATE);
  // A domain that is held at the gate waits; that the system is paused is the gate's to tell.
  const shown = value === PD_STATE.PAUSED ? PD_STATE.WAITING : value;
  const name = (Object.keys(PD_STATE) as PdStateName[]).find((key) => PD_STATE[key] === shown)!;
  const state = name.toLowerCase() as Exclude<Lowercase<PdStateName>, 'paused'>;
  return state === 'waiting' && passive ? 'passive' : state;
}
