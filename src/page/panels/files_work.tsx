/** What is under way in the folder that is shown, one row each: how far it is, how fast, what went wrong, what it asks. */
import type { FilesModel } from '../files/files_model';
import { rateWords } from '../files/words';
import type { Choice, WorkRow } from '../files/work_rows';
import { Sign } from '../icons';
import { bytesWords } from '../storage_words';
import { useStore } from '../use';

interface Props {
  readonly model: FilesModel;
  readonly path: string;
  /** One line is enough, beside a file. */
  readonly short: boolean;
}

export function FilesWork({ model, path, short }: Props) {
  const uploads = useStore(model.uploads);
  const jobs = useStore(model.jobs);
  const all = [...jobs, ...uploads];
  const here = short ? [] : all.filter(({ folder }) => folder === path);
  const elsewhere = all.length - here.length;
  if (all.length === 0) return null;
  return (
    <ul className="files-work" aria-label="Under way">
      {here.map((row) => (
        <Row key={row.key} row={row} />
      ))}
      {elsewhere > 0 && (
        <li className="files-elsewhere">
          {short ? `${elsewhere} under way or waiting for an answer` : `${elsewhere} more in other folders`}
        </li>
      )}
    </ul>
  );
}

function Row({ row }: { row: WorkRow }) {
  const { state, name } = row;
  const hasFailed = state.is === 'failed';
  return (
    <li className={`files-row work ${state.is}`}>
      <span className="name">
        <Sign name={hasFailed ? 'warning' : row.sign} />
        <span title={name}>{name}</span>
      </span>
      <span className="size">{sizeOf(row)}</span>
      <State row={row} />
      <span className="act">
        {hasFailed && state.retry && (
          <button className="btn s" type="button" onClick={row.retry}>
            Retry
          </button>
        )}
        {hasFailed && (
          <button className="btn s" type="button" aria-label={`Dismiss ${name}`} onClick={row.cancel}>
            Dismiss
          </button>
        )}
        {(state.is === 'running' || state.is === 'waiting') && (
          <button className="btn s quiet" type="button" aria-label={`Cancel ${name}`} onClick={row.cancel}>
            <Sign name="cross" />
          </button>
        )}
      </span>
    </li>
  );
}

function sizeOf({ state, size }: WorkRow): string {
  if (state.is === 'running' && state.unit === 'files') return `${state.done} of ${state.total}`;
  if (size === undefined) return '';
  return state.is === 'running' ? `${bytesWords(state.done)} of ${bytesWords(size)}` : bytesWords(size);
}

function State({ row }: { row: WorkRow }) {
  const { state } = row;
  switch (state.is) {
    case 'waiting':
      return <span className="state">waits its turn</span>;
    case 'failed':
      return (
        <span className="state" role="alert">
          {state.why}
        </span>
      );
    case 'asking':
      return <Question row={row} there={state.there} others={state.others} />;
    case 'running':
      return (
        <span className="state">
          <progress
            className="files-progress"
            aria-label={`How far ${row.name} is`}
            value={state.total > 0 ? state.done / state.total : 0}
          />
          {state.perSecond !== undefined && rateWords(state.perSecond)}
        </span>
      );
  }
}

const ANSWERS: readonly { readonly choice: Choice; readonly label: string }[] = [
  { choice: 'replace', label: 'Replace' },
  { choice: 'both', label: 'Keep both' },
  { choice: 'skip', label: 'Skip' },
];

function Question({ row, there, others }: { row: WorkRow; there: 'file' | 'folder'; others: number }) {
  const possible = ANSWERS.filter(({ choice }) => choice !== 'replace' || there === 'file');
  return (
    <span className="state question">
      <span>There is {there === 'file' ? 'one' : 'a folder'} of that name.</span>
      {possible.map(({ choice, label }) => (
        <button
          key={choice}
          className="btn s"
          type="button"
          aria-label={`${label}: ${row.name}`}
          onClick={() => row.answer(choice, false)}
        >
          {label}
        </button>
      ))}
      {others > 0 &&
        possible.map(({ choice, label }) => (
          <button key={choice} className="btn s quiet" type="button" onClick={() => row.answer(choice, true)}>
            {label}, all {others + 1}
          </button>
        ))}
    </span>
  );
}
