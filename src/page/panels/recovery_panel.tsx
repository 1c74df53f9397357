/** How the domain that died comes back: a clock against a promise, the steps, what was in flight, and whether anybody else missed a beat. */
import { useEffect, useMemo, useState } from 'react';
import { type Breaking, breakingOf } from '../breaking/breaking';
import { LIVE_MS, type Span, spanAround } from '../breaking/lane_paths';
import type { RecoveryState } from '../breaking/recovery_watch';
import { PROMISE_MS, recoverySentence } from '../breaking/recovery_words';
import type { Desk } from '../desk';
import { Sign } from '../icons';
import { useStore } from '../use';
import { BreakBeats, type Cut } from './break_beats';
import { RecoveryClock, RecoveryFlights, RecoverySteps } from './recovery_parts';
import { Words } from './strip';
import '../style/break.css';

export function RecoveryPanel({ desk }: { desk: Desk }) {
  const breaking = useMemo(() => breakingOf(desk), [desk]);
  const recovery = useStore(breaking.recovery);
  return (
    <section className="recovery" aria-label="Recovery">
      {recovery ? <Recovered desk={desk} breaking={breaking} recovery={recovery} /> : <Nothing desk={desk} />}
    </section>
  );
}

function Nothing({ desk }: { desk: Desk }) {
  return (
    <div className="recovery-none">
      <p>Nothing has died yet.</p>
      <button className="btn s" type="button" onClick={() => desk.stage.open('break')}>
        Break it
      </button>
    </div>
  );
}

interface Props {
  readonly desk: Desk;
  readonly breaking: Breaking;
  readonly recovery: RecoveryState;
}

function Recovered({ desk, breaking, recovery }: Props) {
  const { patient } = recovery;
  const [live, setLive] = useState(false);
  const settled = useSettled(recovery) && !live;
  // What was felt of a recovery that is over stays; only who looks at now has to ask.
  useEffect(() => (settled ? undefined : breaking.feel()), [breaking, settled]);
  const others = useMemo(
    () =>
      (desk.machine.memory()?.description.domains ?? [])
        .map(({ name }) => name)
        .filter((name) => name !== patient.domain),
    [desk, patient],
  );
  const names = useMemo(() => [patient.domain, ...others], [patient, others]);
  const close = () => {
    desk.stage.choose(undefined);
    document.querySelector<HTMLElement>('.break-it')?.focus();
  };
  return (
    <>
      <div className="recovery-clock">
        <h2>Recovery</h2>
        <RecoveryClock frames={breaking.frames} recovery={recovery} />
        <RecoverySteps recovery={recovery} />
        <RecoveryFlights recovery={recovery} />
      </div>
      <div className="recovery-beats">
        <header className="slot-head">
          <h2>Who missed a beat</h2>
          <span className="grow" />
          <button className="btn s quiet" type="button" aria-pressed={live} onClick={() => setLive(!live)}>
            Live
          </button>
          <button className="btn s" type="button" onClick={() => desk.stage.open('break')}>
            Break more
          </button>
          <button className="btn s quiet" type="button" aria-label="Close Recovery" onClick={close}>
            <Sign name="cross" />
          </button>
        </header>
        <p className="recovery-sentence" role="status">
          <Words text={recoverySentence(recovery)} />
        </p>
        <RecoveryLanes breaking={breaking} recovery={recovery} names={names} live={live} settled={settled} />
        {recovery.downMs === undefined && <Late desk={desk} recovery={recovery} />}
      </div>
    </>
  );
}

/** The verdict is known, and the time that the lanes show of it is over. */
function useSettled({ patient, downMs, verdict }: RecoveryState): boolean {
  const [settled, setSettled] = useState(false);
  const isKnown = verdict !== undefined;
  useEffect(() => {
    setSettled(false);
    if (downMs === undefined || !isKnown) return;
    const timer = setTimeout(() => setSettled(true), spanAround(patient.atMs, downMs).to - performance.now());
    return () => clearTimeout(timer);
  }, [patient, downMs, isKnown]);
  return settled;
}

/** A guest whose monitor hangs never comes back, and says nothing. */
function Late({ desk, recovery }: { desk: Desk; recovery: RecoveryState }) {
  const [late, setLate] = useState(false);
  const { atMs } = recovery.patient;
  useEffect(() => {
    setLate(false);
    const timer = setTimeout(() => setLate(true), atMs + 2 * PROMISE_MS - performance.now());
    return () => clearTimeout(timer);
  }, [atMs]);
  if (!late) return null;
  return (
    <button className="btn s solid" type="button" onClick={() => void desk.machine.reboot().catch(() => {})}>
      Start the system again
    </button>
  );
}

interface LanesProps {
  readonly breaking: Breaking;
  readonly recovery: RecoveryState;
  readonly names: readonly string[];
  readonly live: boolean;
  readonly settled: boolean;
}

function RecoveryLanes({ breaking, recovery, names, live, settled }: LanesProps) {
  const { patient, downMs } = recovery;
  const cut: Cut = useMemo(() => {
    return { victim: patient.domain, from: patient.atMs, to: downMs === undefined ? undefined : patient.atMs + downMs };
  }, [patient, downMs]);
  const still = useMemo(() => (downMs === undefined ? undefined : spanAround(patient.atMs, downMs)), [patient, downMs]);
  const span = (): Span => {
    const now = performance.now();
    if (still && !live) return { ...still, now: Math.min(now, still.to) };
    return { from: now - LIVE_MS, to: now };
  };
  const shown = still && !live ? `${((still.to - patient.atMs) / 1000).toFixed(1)} s later` : 'now';
  return (
    <>
      <BreakBeats
        breaking={breaking}
        names={names}
        span={span}
        still={settled}
        cut={cut}
        summary={lanesSummary(recovery)}
      />
      <p className="lanes-axis" aria-hidden="true">
        <span>{still && !live ? 'before' : `${LIVE_MS / 1000} s ago`}</span>
        <span>{shown}</span>
      </p>
    </>
  );
}

function lanesSummary({ patient, downMs }: RecoveryState): string {
  const back = downMs === undefined ? 'is not back yet' : `was back after ${(downMs / 1000).toFixed(2)} seconds`;
  return `Heartbeats of all components; ${patient.domain} ${back}`;
}
