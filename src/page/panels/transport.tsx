/** Time in hand: pause, step, speed, and who is next while the system stands still; what lies beside it is shown while it runs. */
import { type ReactNode, useEffect } from 'react';
import type { Desk } from '../desk';
import { Sign } from '../icons';
import type { TimeControl } from '../time/control';
import { notchOf, SPEEDS, speedWords } from '../time/speeds';
import type { TimeState } from '../time/state';
import { timeOf } from '../time/time_of';
import { heldWords, takesWords, whyWords } from '../time/words';
import { usePart, useStore } from '../use';
import { Words } from './strip';
import { Quiz } from './time_quiz';
import '../style/time.css';

export function Transport({ desk, children }: { desk: Desk; children: ReactNode }) {
  const time = timeOf(desk.machine);
  const state = useStore(time);
  useKeys(desk, time);
  const held = state.mode === 'paused' || state.mode === 'pausing';
  return (
    <>
      <div className="transport" role="toolbar" aria-label="Time">
        <button
          className={held ? 'btn solid' : 'btn'}
          type="button"
          disabled={state.mode === 'starting'}
          aria-keyshortcuts="P"
          onClick={() => toggle(time)}
        >
          <Sign name={held ? 'resume' : 'pause'} />
          <span className="word">{held ? 'Resume' : 'Pause'}</span> <kbd>P</kbd>
        </button>
        {held && <StepButtons time={time} />}
        <Speed time={time} state={state} held={held} />
      </div>
      {held ? <NextWords desk={desk} state={state} /> : children}
      <DrawerButton desk={desk} breaks={state.breaks.length} />
    </>
  );
}

function StepButtons({ time }: { time: TimeControl }) {
  return (
    <>
      <button className="btn" type="button" aria-keyshortcuts="S" onClick={() => void time.step()}>
        <Sign name="step" />
        <span className="word">Step</span> <kbd>S</kbd>
      </button>
      <button
        className="btn statement"
        type="button"
        title="To the next prompt"
        aria-keyshortcuts="Shift+S"
        onClick={() => void time.stepStatement()}
      >
        <Sign name="statement" />
        <span className="word">Step statement</span>
      </button>
    </>
  );
}

function Speed({ time, state, held }: { time: TimeControl; state: TimeState; held: boolean }) {
  const speed = held ? 0 : state.speed;
  return (
    <label className="speed">
      <span>Speed</span>
      <input
        type="range"
        min={0}
        max={SPEEDS.length - 1}
        value={notchOf(speed)}
        disabled={state.mode === 'starting'}
        aria-label="Speed"
        aria-valuetext={speedWords(speed)}
        onChange={({ target }) => void time.setSpeed(SPEEDS[Number(target.value)]!)}
      />
      <b>{state.statement ? 'to the prompt' : speedWords(speed)}</b>
    </label>
  );
}

function NextWords({ desk, state }: { desk: Desk; state: TimeState }) {
  const description = desk.machine.memory()?.description;
  const { next } = state;
  const held = heldWords(state);
  return (
    <div className="next">
      <p role="status">
        {held && <Words text={held} />}
        {next && !state.stop && description && (
          <Quiz key={state.steps} next={next}>
            Next: <code>{next.domain}</code>{' '}
            <span className="why">
              <Words text={`${takesWords(description, next)}; ${whyWords(next)}`} />
            </span>
          </Quiz>
        )}
      </p>
    </div>
  );
}

function DrawerButton({ desk: { stage }, breaks }: { desk: Desk; breaks: number }) {
  const open = usePart(stage, ({ drawer }) => drawer);
  return (
    <button
      className="btn quiet timeline-button"
      type="button"
      aria-expanded={open}
      aria-keyshortcuts="T"
      onClick={() => stage.toggleDrawer()}
    >
      <Sign name="timeline" />
      <span className="word">Timeline</span>
      {breaks > 0 && (
        <span className="count" title="Breakpoints">
          {breaks}
          <span className="sr"> breakpoints</span>
        </span>
      )}
    </button>
  );
}

function toggle(time: TimeControl): void {
  if (time.state.mode === 'starting') return;
  void (time.paused ? time.resume() : time.pause());
}

/** For as long as the page: P, S, Shift+S outside the terminal. */
function useKeys({ acts }: Desk, time: TimeControl): void {
  useEffect(() => {
    const once = (act: () => Promise<unknown>) => () => {
      if (time.state.mode !== 'starting') void act();
    };
    acts.pause = () => toggle(time);
    acts.step = once(() => time.step());
    acts.stepStatement = once(() => time.stepStatement());
    return () => {
      delete acts.pause;
      delete acts.step;
      delete acts.stepStatement;
    };
  }, [acts, time]);
}
