/** What is done with the timeline: search, zoom, the list beside it, export. */
import { useState } from 'react';
import type { Desk } from '../desk';
import { saveFile } from '../files/save_file';
import { Sign } from '../icons';
import { EXPORTS, type ExportFormat, exported } from '../time/export';
import type { Timeline } from '../time/timeline';

interface Props {
  readonly desk: Desk;
  readonly timeline: Timeline;
  readonly listed: boolean;
  list(on: boolean): void;
}

export function TimeHead({ desk, timeline, listed, list }: Props) {
  const { records, lost, search, right } = timeline.state;
  return (
    <header className="time-head">
      <h2>Timeline</h2>
      <span className="time-counts">
        {records.toLocaleString('en')} records
        {lost > 0 && `, ${lost.toLocaleString('en')} older ones overwritten`}
      </span>
      <search className="time-search">
        <Sign name="find" />
        <input
          type="search"
          placeholder="Component or event"
          aria-label="Search the timeline"
          value={search}
          onChange={({ target }) => timeline.search(target.value)}
          onKeyDown={({ key, shiftKey }) => key === 'Enter' && timeline.move(shiftKey ? -1 : 1)}
        />
      </search>
      <span className="grow" />
      <div className="time-zoom" role="toolbar" aria-label="What is shown">
        <button className="btn s" type="button" aria-label="Show more time" onClick={() => timeline.zoom(1.5, 0.5)}>
          &minus;
        </button>
        <button className="btn s" type="button" aria-label="Show less time" onClick={() => timeline.zoom(1 / 1.5, 0.5)}>
          +
        </button>
        <button className="btn s" type="button" onClick={() => timeline.fit()}>
          Last burst
        </button>
        <button className="btn s" type="button" aria-pressed={right === undefined} onClick={() => timeline.pan(1e12)}>
          Newest
        </button>
        <button className="btn s" type="button" onClick={() => timeline.clear()}>
          Clear
        </button>
        <button className="btn s" type="button" aria-pressed={listed} onClick={() => list(!listed)}>
          List
        </button>
      </div>
      <Export desk={desk} timeline={timeline} />
    </header>
  );
}

function Export({ desk, timeline }: Pick<Props, 'desk' | 'timeline'>) {
  const [format, setFormat] = useState<ExportFormat>('perfetto');
  const save = () => {
    timeline.read();
    if (!timeline.recording) return;
    const { name, type } = EXPORTS[format];
    const file = exported(format, timeline.recording);
    saveFile(new Blob([file], { type }), `${desk.machine.board.name}.${name}`);
  };
  return (
    <div className="time-export">
      <select
        aria-label="Format to save the recording in"
        value={format}
        onChange={({ target }) => setFormat(target.value as ExportFormat)}
      >
        {Object.entries(EXPORTS).map(([key, { label }]) => (
          <option key={key} value={key}>
            {label}
          </option>
        ))}
      </select>
      <button className="btn s" type="button" onClick={save}>
        Save
      </button>
    </div>
  );
}
