/** The network's frames: the same one at each hop, taken apart. Captured while this view is shown, unless it is stopped. */
import '../style/packets.css';
import { useEffect, useMemo } from 'react';
import type { Desk } from '../desk';
import { Sign } from '../icons';
import type { HopName } from '../packets/hops';
import { HOPS } from '../packets/hops';
import { LEGEND } from '../packets/packet_words';
import type { PacketsModel } from '../packets/packets_model';
import { packetsOf } from '../packets/packets_of';
import { useStore } from '../use';
import { PacketsDetail } from './packets_detail';
import { PacketsList } from './packets_list';

export function PacketsPanel({ desk }: { desk: Desk }) {
  const model = useMemo(() => packetsOf(desk.machine), [desk]);
  const state = useStore(model);
  useEffect(() => {
    model.capture('view', true);
    return () => model.capture('view', false);
  }, [model]);
  const { rows, total, chosen, losses } = state;
  return (
    <div className="packets">
      <Toolbar model={model} />
      <PacketsList model={model} />
      {rows.length === 0 && <Empty total={total} capturing={state.capturing} />}
      {chosen && <PacketsDetail key={chosen.number} frame={chosen} close={() => model.choose(undefined)} />}
      <footer className="packets-foot">
        <p>{LEGEND}</p>
        {losses.length > 0 && (
          // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls
          <section tabIndex={0} aria-label="What did not get through">
            <ul>
              {losses.map((words) => (
                <li key={words}>{words}</li>
              ))}
            </ul>
          </section>
        )}
      </footer>
    </div>
  );
}

function Toolbar({ model }: { model: PacketsModel }) {
  const { capturing, filter, problem, rows, total } = useStore(model);
  return (
    <div className="packets-bar" role="toolbar" aria-label="Packets">
      <button className="btn s" type="button" onClick={() => model.capture('view', !capturing)}>
        {capturing ? 'Stop' : 'Capture'}
      </button>
      <button className="btn s quiet" type="button" disabled={total === 0} onClick={() => model.clear()}>
        Clear
      </button>
      <label className="packets-filter">
        <Sign name="find" />
        <span className="sr">Filter</span>
        <input
          type="search"
          value={filter}
          placeholder="tcp, port 53, host 10.0.2.2"
          spellCheck={false}
          autoComplete="off"
          aria-invalid={problem !== undefined}
          aria-describedby={problem === undefined ? undefined : 'packets-problem'}
          onChange={({ target }) => model.filter(target.value)}
        />
      </label>
      <Download model={model} disabled={total === 0} />
      <span className="packets-count" role="status">
        {rows.length === total ? `${total} ${total === 1 ? 'frame' : 'frames'}` : `${rows.length} of ${total} frames`}
      </span>
      {problem !== undefined && (
        <p id="packets-problem" className="failed">
          {problem}
        </p>
      )}
    </div>
  );
}

function Download({ model, disabled }: { model: PacketsModel; disabled: boolean }) {
  return (
    <label className="packets-download">
      <Sign name="download" />
      <span className="sr">Download as pcapng</span>
      <select
        value=""
        disabled={disabled}
        onChange={({ target }) => model.download(target.value === 'all' ? undefined : (target.value as HopName))}
      >
        <option value="" disabled>
          pcapng
        </option>
        <option value="all">All hops</option>
        {HOPS.map(({ name }) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

function Empty({ total, capturing }: { total: number; capturing: boolean }) {
  if (total > 0) return <p className="packets-empty">No frame passes the filter.</p>;
  return (
    <div className="packets-empty">
      <p>
        <b>{capturing ? 'No frame has passed yet.' : 'Frames are not being captured.'}</b>
      </p>
      <p>
        {capturing ? (
          <>
            Let Python send some: <code>import requests; requests.get('http://10.0.2.2/')</code>
          </>
        ) : (
          'Choose Capture.'
        )}
      </p>
    </div>
  );
}
