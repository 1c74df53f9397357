/** The disk as it would be had the power gone after any of its last writes: a slider over the write log, and what fsck would say at each point. */
import { useEffect, useMemo, useSyncExternalStore } from 'react';
import type { Desk } from '../desk';
import { Causes } from '../powercut/cause';
import { originOf } from '../powercut/origin';
import { PowerCutModel } from '../powercut/power_cut_model';
import { PowerCutActs } from './power_cut_acts';
import { PowerCutBytes } from './power_cut_bytes';
import { PowerCutFiles } from './power_cut_files';
import { PowerCutSaid } from './power_cut_said';
import { PowerCutSlider } from './power_cut_slider';
import { VerdictPatterns } from './power_cut_verdict';
import '../style/power_cut.css';

export function PowerCut({ desk }: { desk: Desk }) {
  const model = usePowerCut(desk);
  const causes = useMemo(() => new Causes(desk.machine), [desk]);
  const state = useSyncExternalStore(model.subscribe, () => model.state);
  return (
    <section className="power-cut" aria-label="Power cut">
      <VerdictPatterns />
      <p className="pc-lead">
        Every write that reaches the disk is kept for a while, with what was there before. So the disk can be had as it
        would be, had the power gone at any of these points.
      </p>
      {state.last === state.first ? (
        <p className="pc-empty">
          {state.last === 0 ? UNWRITTEN : 'There is no way back to a point before now. The next write makes one.'}
        </p>
      ) : (
        <PowerCutSlider model={model} state={state} causes={causes} />
      )}
      {model.history.isBlind && <p className="pc-lead">{BLIND}</p>}
      <PowerCutSaid model={model} state={state} causes={causes} />
      {state.trouble && (
        <p className="failed" role="status">
          {state.trouble}
        </p>
      )}
      <PowerCutActs desk={desk} model={model} state={state} />
      <div className="pc-columns">
        <PowerCutFiles state={state} />
        <PowerCutBytes state={state} />
      </div>
    </section>
  );
}

const UNWRITTEN =
  'Nothing has been written since the system started. Write a file in Python: each of its writes becomes a point here.';
const BLIND = 'Something was written over that could not be read before: there is no way back over such a write.';

function usePowerCut(desk: Desk): PowerCutModel {
  const model = useMemo(() => {
    const { disk, memory, options } = desk.machine;
    return new PowerCutModel({ disk, memory, partition: options.partition ?? 0, origin: originOf(desk.machine) });
  }, [desk]);
  useEffect(() => {
    model.poke();
    const stops = [desk.watch.subscribe(model.poke), desk.machine.subscribe(model.poke)];
    return () => {
      for (const stop of stops) stop();
      model.stop();
    };
  }, [desk, model]);
  return model;
}
