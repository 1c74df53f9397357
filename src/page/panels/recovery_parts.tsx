/** Parts of the recovery panel: the clock with its promise, the steps, the commands in flight. */
import { useEffect, useRef } from 'react';
import type { Frames } from '../breaking/frames';
import type { RecoveryState } from '../breaking/recovery_watch';
import { causeWords, fateWords, PROMISE_MS, stepWords } from '../breaking/recovery_words';
import { Sign } from '../icons';
import { BreakSign } from './break_signs';

const seconds = (ms: number) => (ms / 1000).toFixed(2);

interface ClockProps {
  readonly frames: Frames;
  readonly recovery: RecoveryState;
}

/** It runs without React: sixty times a second is too often for that. */
export function RecoveryClock({ frames, recovery: { patient, downMs } }: ClockProps) {
  const figure = useRef<HTMLSpanElement>(null);
  const bar = useRef<HTMLElement>(null);
  const { atMs } = patient;
  useEffect(() => {
    const show = (ms: number) => {
      figure.current!.textContent = seconds(ms);
      bar.current!.style.inlineSize = `${Math.min(1, ms / PROMISE_MS) * 100}%`;
    };
    if (downMs !== undefined) return show(downMs);
    return frames.want(() => show(performance.now() - atMs));
  }, [frames, atMs, downMs]);
  const late = downMs !== undefined && downMs > PROMISE_MS;
  return (
    <>
      <p className="recovery-figure" role="timer" aria-live="off">
        <span ref={figure} />
        <small> s</small>
      </p>
      <div className={late ? 'promise late' : 'promise'} aria-hidden="true">
        <i ref={bar} />
      </div>
      <p className="promise-words">
        <span>since {causeWords(patient)}</span>
        <span>promise: {PROMISE_MS / 1000} s</span>
      </p>
    </>
  );
}

export function RecoverySteps({ recovery }: { recovery: RecoveryState }) {
  const { steps, downMs } = recovery;
  const now = downMs === undefined ? steps.find(({ atMs }) => atMs === undefined)?.name : undefined;
  return (
    <ol className="recovery-steps" aria-label="Steps">
      {steps.map(({ name, atMs }) => {
        const state = atMs !== undefined ? 'done' : name === now ? 'now' : 'open';
        return (
          <li key={name} className={state} data-step={name} aria-current={state === 'now' ? 'step' : undefined}>
            {state === 'done' ? <Sign name="tick" /> : <i className="mark" aria-hidden="true" />}
            <span>{stepWords(name, recovery)}</span>
            <time>{atMs === undefined ? '' : atMs > 60_000 ? 'later' : (atMs / 1000).toFixed(3)}</time>
          </li>
        );
      })}
    </ol>
  );
}

/** More of them would push the rest away. */
const SHOWN = 8;

export function RecoveryFlights({ recovery: { flights, patient } }: { recovery: RecoveryState }) {
  if (patient.kind !== 'guest') return null;
  return (
    <>
      <h3>In flight when it died</h3>
      {flights.length === 0 && <p className="nothing">nothing</p>}
      <ul className="flights">
        {flights.slice(0, SHOWN).map(({ client, request, command, fate }) => (
          <li key={`${client} ${request}`} data-fate={fate}>
            <BreakSign name={fate === 'EIO' || fate === 'ESTALE' ? 'kill' : 'restart'} />
            <span>
              <code>{command}</code>
              {client === 'micropython' ? '' : ` of ${client}`}: {fateWords(fate)}
            </span>
          </li>
        ))}
      </ul>
      {flights.length > SHOWN && <p className="nothing">and {flights.length - SHOWN} more</p>}
    </>
  );
}
