/** Any component: its heartbeat, and two ways to end that. */
import { type ReactNode, useMemo, useSyncExternalStore } from 'react';
import type { Breaking } from '../breaking/breaking';
import { killDomain } from '../breaking/kill_domain';
import type { Desk } from '../desk';
import { stateOf } from '../graph/words';
import { BreakBeats } from './break_beats';
import { StateGlyph } from './graph_glyphs';

export function BreakComponents({ desk, breaking }: { desk: Desk; breaking: Breaking }) {
  const { domains } = useSyncExternalStore(desk.watch.subscribe, () => desk.watch.activity);
  const listed = domains.map(({ name }) => name).join(' ');
  const names = useMemo(() => (listed === '' ? [] : listed.split(' ')), [listed]);
  const row = (name: string, lane: ReactNode) => (
    <ComponentRow desk={desk} name={name} state={stateOf(domains.find((domain) => domain.name === name))} lane={lane} />
  );
  return (
    <section className="fault-group components" aria-label="Any component">
      <h3>
        Any component <span className="aside">heartbeats of the last {SHOWN_MS / 1000} s</span>
      </h3>
      <BreakBeats
        breaking={breaking}
        names={names}
        span={liveSpan}
        summary="Components, each with its heartbeat"
        row={row}
      />
    </section>
  );
}

/** The lanes are short here. */
const SHOWN_MS = 800;

const liveSpan = () => {
  const to = performance.now();
  return { from: to - SHOWN_MS, to };
};

interface RowProps {
  readonly desk: Desk;
  readonly name: string;
  readonly state: ReturnType<typeof stateOf>;
  readonly lane: ReactNode;
}

function ComponentRow({ desk, name, state, lane }: RowProps) {
  const { stage, machine, watch } = desk;
  const isGone = state.name === 'killed' || state.name === 'faulted' || state.name === 'dead';
  const light = { onFocus: () => stage.light(name), onBlur: () => stage.light(undefined) };
  const kill = () => {
    killDomain(machine, name).catch(() => {});
    watch.poke();
  };
  const hang = () => {
    machine.hang(name);
    watch.poke();
  };
  return (
    <li
      className="component"
      data-state={state.name}
      onPointerEnter={() => stage.light(name)}
      onPointerLeave={() => stage.light(undefined)}
    >
      <StateGlyph shape={state.shape} />
      <code>{name}</code>
      <span className="sr">{state.word}</span>
      {lane}
      <Act word="Kill" name={name} possible={!isGone} act={kill} {...light} />
      <Act word="Hang" name={name} possible={!isGone && state.name !== 'hung'} act={hang} {...light} />
    </li>
  );
}

interface ActProps {
  readonly word: string;
  readonly name: string;
  readonly possible: boolean;
  act(): void;
  onFocus(): void;
  onBlur(): void;
}

function Act({ word, name, possible, act, ...light }: ActProps) {
  return (
    <button
      className="btn s quiet act"
      type="button"
      aria-disabled={!possible}
      onClick={() => {
        if (possible) act();
      }}
      {...light}
    >
      {word}
      <span className="sr"> {name}</span>
    </button>
  );
}
