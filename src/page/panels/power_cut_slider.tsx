/** The slider over the moments, under a strip that shows what fsck would say at each, and where the disk was flushed. */
import { useMemo } from 'react';
import type { Causes } from '../powercut/cause';
import type { Verdict } from '../powercut/examine';
import type { PowerCutModel, PowerCutState } from '../powercut/power_cut_model';
import { momentWords, VERDICT_WORDS } from '../powercut/words';
import { Verdicts } from './power_cut_verdict';

interface Props {
  readonly model: PowerCutModel;
  readonly state: PowerCutState;
}

interface SliderProps extends Props {
  readonly causes: Causes;
}

/** More flushes than this are not drawn one by one. */
const MOST_TICKS = 400;
const MOST_STRETCHES = 60;
/** Of the strip: in less there is no room for a word. */
const LEAST_SHARE = 0.06;

export function PowerCutSlider({ model, state, causes }: SliderProps) {
  const { first, last, chosen, verdicts, examined } = state;
  const verdict = verdicts.get(chosen) ?? examined?.verdict;
  const words = momentWords(chosen, state, model.history.writeBefore(chosen));
  const trouble = nextTrouble(state);
  const flushed = model.flushedBefore(chosen === first ? chosen : chosen - 1);
  const go = (moment: number) => model.choose(moment);
  return (
    <div className="pc-slider">
      <Strip model={model} state={state} />
      <input
        type="range"
        min={first}
        max={last}
        step={1}
        value={chosen}
        aria-label="Moment of the power cut"
        aria-valuetext={`${words}: ${verdict ? VERDICT_WORDS[verdict] : 'not checked yet'}`}
        onChange={({ target }) => go(Number(target.value))}
      />
      <Stretches model={model} state={state} causes={causes} />
      <div className="pc-ends" aria-hidden="true">
        <span>{first === 0 ? 'before the first write' : `write ${first}, the oldest that can be had`}</span>
        <span>now, {last} writes</span>
      </div>
      <div className="pc-steps">
        <button className="btn s" type="button" disabled={chosen === first} onClick={() => go(chosen - 1)}>
          Previous write
        </button>
        <button className="btn s" type="button" disabled={chosen === last} onClick={() => go(chosen + 1)}>
          Next write
        </button>
        <button className="btn s" type="button" disabled={flushed === chosen} onClick={() => go(flushed)}>
          Last flush before
        </button>
        <button className="btn s" type="button" disabled={trouble === undefined} onClick={() => go(trouble!)}>
          Next that is not clean
        </button>
        <button className="btn s" type="button" disabled={chosen === last} onClick={() => go(last)}>
          Now
        </button>
        {state.onlyNear && verdicts.size <= last - first && (
          <button className="btn s" type="button" onClick={() => model.checkAll()}>
            Check every point of this large volume
          </button>
        )}
      </div>
      <Verdicts />
    </div>
  );
}

/** Whose the writes are, where there is room to say it; the chosen one's is in the sentences below. */
function Stretches({ model, state: { first, last, chosen }, causes }: SliderProps) {
  // biome-ignore lint/correctness/useExhaustiveDependencies: the writes are others when the ends are
  const stretches = useMemo(() => causes.stretches(model.history.writes), [causes, model, first, last]);
  if (stretches.length > MOST_STRETCHES) return null;
  const percent = (moments: number) => `${(moments / (last - first)) * 100}%`;
  return (
    <div className="pc-stretches" aria-hidden="true">
      {stretches.map(({ from, to, text }) => (
        <span
          key={from}
          className={chosen >= from && chosen <= to ? 'lit' : undefined}
          style={{ left: percent(from - 0.5 - first), width: percent(Math.min(last, to + 0.5) - from + 0.5) }}
          title={text}
        >
          {(to - from + 1) / (last - first) > LEAST_SHARE && text}
        </span>
      ))}
    </div>
  );
}

/** The next moment, from the chosen one on and around, at which fsck would find something. */
function nextTrouble({ first, last, chosen, verdicts }: PowerCutState): number | undefined {
  const count = last - first + 1;
  for (let i = 1; i < count; i++) {
    const moment = first + ((chosen - first + i) % count);
    const verdict = verdicts.get(moment);
    if (verdict && verdict !== 'clean') return moment;
  }
  return undefined;
}

function Strip({ model, state }: Props) {
  const { first, last, chosen, base, marked, verdicts } = state;
  const span = last - first;
  const at = (moment: number) => `${((moment - first) / span) * 100}%`;
  const flushes = [...model.history.flushes.keys()].filter((moment) => moment >= first && moment <= last);
  return (
    <svg className="pc-strip" role="img" aria-label={stripWords(state)}>
      {runsOf(first, last, verdicts).map(({ from, to, verdict }) => (
        <rect
          key={from}
          className={`pc-${verdict ?? 'unknown'}`}
          data-verdict={verdict ?? 'unknown'}
          x={at(Math.max(first, from - 0.5))}
          width={`${((Math.min(last, to + 0.5) - Math.max(first, from - 0.5)) / span) * 100}%`}
          y="8"
          height="26"
        />
      ))}
      {flushes.length <= MOST_TICKS &&
        flushes.map((moment) => (
          <line key={moment} className="flush" x1={at(moment)} x2={at(moment)} y1="36" y2="42" />
        ))}
      {marked && <line className="base" x1={at(base)} x2={at(base)} y1="2" y2="36" />}
      <line className="key" x1={at(chosen)} x2={at(chosen)} y1="0" y2="44" />
      <line className="now" x1={at(chosen)} x2={at(chosen)} y1="0" y2="44" />
    </svg>
  );
}

interface Run {
  readonly from: number;
  to: number;
  readonly verdict: Verdict | undefined;
}

/** Neighbours with the same verdict are one. */
function runsOf(first: number, last: number, verdicts: ReadonlyMap<number, Verdict>): Run[] {
  const runs: Run[] = [];
  for (let moment = first; moment <= last; moment++) {
    const verdict = verdicts.get(moment);
    const run = runs.at(-1);
    if (run && run.verdict === verdict) run.to = moment;
    else runs.push({ from: moment, to: moment, verdict });
  }
  return runs;
}

function stripWords({ first, last, verdicts }: PowerCutState): string {
  const counts = new Map<Verdict, number>();
  for (const verdict of verdicts.values()) counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
  const parts = [...counts].map(([verdict, count]) => `${VERDICT_WORDS[verdict]} at ${count}`);
  const unknown = last - first + 1 - verdicts.size;
  return `What fsck would say at ${last - first + 1} points: ${[...parts, ...(unknown > 0 ? [`not checked yet at ${unknown}`] : [])].join(', ')}`;
}
