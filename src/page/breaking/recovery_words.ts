/** A recovery in words. Text in backquotes is the system's voice. */
import type { Flight } from './flights';
import type { Patient, StepName } from './recovery';
import type { RecoveryState } from './recovery_watch';

/** Within which the virtual machine is to be back. */
export const PROMISE_MS = 2000;

export function causeWords({ cause }: Patient): string {
  return { killed: 'the kill', hung: 'it hung', failed: 'it failed' }[cause];
}

export function stepWords(name: StepName, { patient, flights, steps }: RecoveryState): string {
  const isDone = steps.some((step) => step.name === name && step.atMs !== undefined);
  switch (name) {
    case 'begun':
      return { killed: 'killed', hung: 'in an endless loop', failed: patient.why ?? 'failed' }[patient.cause];
    case 'found':
      return patient.cause === 'hung' && !isDone ? 'noticed when somebody waits for it' : 'noticed, and ended';
    case 'noticed':
      return `${patient.parent ?? 'its monitor'} noticed`;
    case 'built':
      return patient.kind === 'guest' ? 'fresh memory, fresh queues' : 'its worker is gone for certain';
    case 'up':
      return patient.kind === 'guest' ? 'kernel up, disk found' : 'started again';
    case 'mounted':
      return isDone ? 'disk mounted' : 'mount the disk';
    case 'decided':
      if (flights.length > 0) return isDone ? 'in-flight commands decided' : 'send again what was in flight';
      return isDone ? 'nothing was in flight' : 'send again what was in flight';
    case 'answered':
      return 'first answer';
    case 'prompt':
      return 'prompt';
  }
}

export function fateWords(fate: Flight['fate']): string {
  return {
    waits: 'waits',
    again: 'sent again',
    answered: 'sent again, answered',
    EIO: 'OSError 5',
    ESTALE: 'OSError 116, its file is gone',
  }[fate];
}

export function recoverySentence({ patient, downMs, verdict, asked }: RecoveryState): string {
  const name = `\`${patient.domain}\``;
  if (downMs === undefined && patient.cause === 'hung')
    return `${name} is in an endless loop. Whoever waits for it complains after a second, and then it is ended.`;
  if (downMs === undefined) return `${name} is down.`;
  const down = `${name} was down for ${(downMs / 1000).toFixed(2)} s.`;
  const idle = patient.kind === 'guest' && !asked ? ' It mounts when a file is asked for.' : '';
  if (!verdict) return `${down}${idle}`;
  const { missed } = verdict;
  const others =
    missed.length === 0
      ? 'Nobody else missed a beat.'
      : `${missed.map((one) => `\`${one}\``).join(', ')} missed ${missed.length === 1 ? 'a beat' : 'beats'} meanwhile.`;
  return `${down} ${others}${idle}`;
}
