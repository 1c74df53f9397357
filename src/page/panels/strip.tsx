/** The strip at the bottom: the pulse of the whole system, and one sentence about what it waits for or did last. */
import { lazy, Suspense, useState, useSyncExternalStore } from 'react';
import type { Desk } from '../desk';
import { sentence } from '../facts';
import type { MachineState } from '../machine_state';

const Transport = lazy(() => import('./transport').then((file) => ({ default: file.Transport })));

interface Props {
  readonly desk: Desk;
  readonly state: MachineState;
}

const BEAT_HEIGHT = 18;
const REST = 3;

export function Strip({ desk, state }: Props) {
  const pulse = <Pulse desk={desk} state={state} />;
  // Not before the prompt: nothing that the prompt does not need is loaded then.
  const [prompted, setPrompted] = useState(state.phase === 'ready');
  if (state.phase === 'ready' && !prompted) setPrompted(true);
  const alone = (
    <>
      <span className="transport-room" />
      {pulse}
    </>
  );
  return (
    <footer className={`strip ${state.phase}`}>
      {prompted ? (
        <Suspense fallback={alone}>
          <Transport desk={desk}>{pulse}</Transport>
        </Suspense>
      ) : (
        alone
      )}
      {state.phase === 'failed' && (
        <button className="btn s" type="button" onClick={() => desk.machine.restart().catch(() => {})}>
          Start it again
        </button>
      )}
    </footer>
  );
}

function Pulse({ desk, state }: Props) {
  const activity = useSyncExternalStore(desk.watch.subscribe, () => desk.watch.activity);
  const most = Math.max(1, ...activity.beats);
  return (
    <>
      <span className="beats" aria-hidden="true">
        {activity.beats.map((beat, i) => (
          <i
            // biome-ignore lint/suspicious/noArrayIndexKey: a beat is its place
            key={i}
            className={beat > 0 ? 'on' : ''}
            style={{ height: REST + (BEAT_HEIGHT - REST) * Math.sqrt(beat / most) }}
          />
        ))}
      </span>
      <p className="say" role="status">
        <Words text={sentence(state, activity.domains, desk.cost)} />
      </p>
    </>
  );
}

/** Text in backquotes is the system's voice. */
export function Words({ text }: { text: string }) {
  return (
    text
      .split('`')
      // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one sentence
      .map((part, i) => (i % 2 === 1 ? <code key={i}>{part}</code> : part))
  );
}
