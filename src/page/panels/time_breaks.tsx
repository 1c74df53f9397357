/** Breakpoints: the ones that are set, and a choice of those that are asked for most. */
import { useState } from 'react';
import type { SetBreakpoint } from '../../microkit/breakpoints';
import type { Desk } from '../desk';
import { BREAK_CHOICES, breakWords, choiceOf } from '../time/break_choices';
import type { TimeControl } from '../time/control';

interface Props {
  readonly desk: Desk;
  readonly time: TimeControl;
  readonly breaks: readonly SetBreakpoint[];
}

export function TimeBreaks({ desk, time, breaks }: Props) {
  const domains = desk.machine.memory()?.description.domains ?? [];
  const [choice, setChoice] = useState<string>(BREAK_CHOICES[0]!.label);
  const [problem, setProblem] = useState<string>();
  const set = async () => {
    try {
      time.breakAt(await choiceOf(desk.machine, choice));
      setProblem(undefined);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <div className="time-breaks">
      <label>
        <span>Stop</span>
        <select value={choice} onChange={({ target }) => setChoice(target.value)}>
          {BREAK_CHOICES.map(({ label }) => (
            <option key={label}>{label}</option>
          ))}
          <optgroup label="before a notification to">
            {domains.map(({ name }) => (
              <option key={name}>{name}</option>
            ))}
          </optgroup>
        </select>
      </label>
      <button className="btn s" type="button" onClick={() => void set()}>
        Set
      </button>
      {problem && <span role="alert">{problem}</span>}
      {breaks.length > 0 && (
        <ul aria-label="Breakpoints">
          {breaks.map(({ id, breakpoint }) => (
            <li key={id}>
              {breakWords(breakpoint)}
              <button
                className="time-clear"
                type="button"
                aria-label={`Clear: ${breakWords(breakpoint)}`}
                onClick={() => time.clear(id)}
              >
                &times;
              </button>
            </li>
          ))}
        </ul>
      )}
      {breaks.length > 0 && (
        <span className="time-note">While one is set, the system goes by single grants: slower, in one order.</span>
      )}
    </div>
  );
}
