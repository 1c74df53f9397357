/** One file: as text, as bytes, as a picture, or in the editor. */
import { type KeyboardEvent, lazy, Suspense, useEffect, useRef } from 'react';
import type { Look } from '../files/file_kind';
import type { FileView } from '../files/file_view';
import type { FilesModel } from '../files/files_model';
import { nameOf } from '../files/paths';
import { countWords, exactWords } from '../files/words';
import { Sign } from '../icons';
import { useStore } from '../use';
import { FilesHex } from './files_hex';

const FilesEditor = lazy(() => import('./files_editor').then((file) => ({ default: file.FilesEditor })));

const LABELS: Readonly<Record<Look, string>> = { edit: 'Edit', text: 'Text', hex: 'Hex', picture: 'Picture' };

interface Props {
  readonly model: FilesModel;
  readonly view: FileView;
  run(path: string): void;
}

export function FilesView({ model, view, run }: Props) {
  const state = useStore(view);
  const section = useRef<HTMLElement>(null);
  useEffect(() => section.current?.focus(), []);
  const name = nameOf(view.path);
  const keyed = (event: KeyboardEvent) => {
    const isTyping = event.target instanceof HTMLElement && event.target.isContentEditable;
    if (isTyping || (event.key !== 'Escape' && event.key !== 'Backspace')) return;
    event.preventDefault();
    model.up();
  };
  return (
    <section ref={section} className="files-view" aria-label={name} tabIndex={-1} onKeyDown={keyed}>
      <div className="files-chosen" role="toolbar" aria-label="Ways to look at it">
        <button className="btn s quiet" type="button" onClick={() => model.up()}>
          <Sign name="back" /> Back
        </button>
        <span className="files-count">{state.phase === 'shown' && countWords(state.size, 'byte')}</span>
        <span className="grow" />
        {state.looks.map((look) => (
          <button
            key={look}
            className="btn s quiet look"
            type="button"
            aria-pressed={state.look === look}
            onClick={() => view.show(look)}
          >
            {LABELS[look]}
          </button>
        ))}
      </div>
      {state.phase === 'reading' && <p className="files-empty">{`Reading ${name}`}</p>}
      {state.phase === 'failed' && (
        <p className="files-empty failed" role="alert">
          {state.problem}
        </p>
      )}
      {state.phase === 'shown' && <Contents model={model} view={view} run={run} />}
    </section>
  );
}

function Contents({ model, view, run }: Props) {
  const { look, size, picture, text, textBytes } = useStore(view);
  if (look === 'edit')
    return (
      <Suspense fallback={<p className="files-empty">The editor is being loaded</p>}>
        <FilesEditor model={model} path={view.path} run={run} />
      </Suspense>
    );
  if (look === 'hex') return <FilesHex view={view} size={size} />;
  if (look === 'picture')
    return <div className="files-picture">{picture && <img src={picture} alt={nameOf(view.path)} />}</div>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls
    <section className="files-text" tabIndex={0} aria-label="Text">
      <pre>{size === 0 ? 'This file is empty.' : text}</pre>
      {textBytes < size && (
        <p className="files-rest">
          {`${exactWords(textBytes)} of ${exactWords(size)} bytes are shown.`}{' '}
          <button className="btn s" type="button" onClick={() => view.more()}>
            More
          </button>
        </p>
      )}
    </section>
  );
}
