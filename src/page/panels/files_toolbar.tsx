/** Where we are, what can be put here, and what can be done with what is chosen. */
import { useRef } from 'react';
import { fromInput } from '../files/dropped_tree';
import type { FileView } from '../files/file_view';
import type { FilesModel } from '../files/files_model';
import { nameOf, steps } from '../files/paths';
import { countWords, exactWords } from '../files/words';
import { Sign } from '../icons';
import { useStore } from '../use';

interface Props {
  readonly model: FilesModel;
  readonly path: string;
  readonly view: FileView | undefined;
}

export function FilesToolbar({ model, path, view }: Props) {
  return (
    <div className="files-bar">
      <Crumbs model={model} path={path} view={view} />
      <span className="grow" />
      {!view && <PutHere model={model} />}
    </div>
  );
}

function Crumbs({ model, path, view }: Props) {
  const folders = steps(path);
  return (
    <nav className="files-crumbs" aria-label="Folder">
      {folders.map((step, i) => {
        const isHere = !view && i === folders.length - 1;
        return (
          <span key={step.path}>
            {i > 1 && <i aria-hidden="true">/</i>}
            <button
              type="button"
              aria-label={step.path === '/' ? '/, the root' : undefined}
              aria-current={isHere ? 'page' : undefined}
              onClick={() => model.go(step.path, view ? nameOf(view.path) : undefined)}
            >
              {step.name}
            </button>
          </span>
        );
      })}
      {view && (
        <span>
          {folders.length > 1 && <i aria-hidden="true">/</i>}
          <b aria-current="page">{nameOf(view.path)}</b>
        </span>
      )}
    </nav>
  );
}

function PutHere({ model }: { model: FilesModel }) {
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const take = (input: HTMLInputElement) => {
    // The list empties itself with the input.
    const given = fromInput([...(input.files ?? [])]);
    input.value = '';
    if (given.files.length > 0) model.upload(given);
  };
  return (
    <div className="files-put">
      <button className="btn s solid" type="button" onClick={() => files.current!.click()}>
        <Sign name="upload" /> Upload
      </button>
      <button className="btn s" type="button" onClick={() => folder.current!.click()}>
        Folder
      </button>
      <button className="btn s" type="button" onClick={() => model.name('folder')}>
        New folder
      </button>
      <input ref={files} type="file" multiple hidden onChange={({ target }) => take(target)} />
      <input ref={folder} type="file" {...{ webkitdirectory: '' }} hidden onChange={({ target }) => take(target)} />
    </div>
  );
}

export function FilesChosen({ model, chosen }: { model: FilesModel; chosen: ReadonlySet<string> }) {
  const { path } = useStore(model.listing);
  const names = [...chosen];
  const [only] = names;
  const act = (work: (names: readonly string[]) => void) => () => work(names);
  return (
    <div className="files-chosen picked" role="toolbar" aria-label="Chosen files">
      <span className="files-count">{countOf(model, chosen)}</span>
      <span className="grow" />
      <button className="btn s quiet" type="button" disabled={names.length !== 1} onClick={() => model.open(only!)}>
        Open
      </button>
      <button
        className="btn s quiet"
        type="button"
        disabled={names.length !== 1}
        onClick={() => model.name({ of: only! })}
      >
        Rename
      </button>
      <button
        className="btn s quiet"
        type="button"
        disabled={model.entries.length === 0}
        title={names.length === 0 ? 'Everything in this folder, as a .zip' : undefined}
        onClick={act((some) => model.download(some.length > 0 ? some : model.entries.map(({ name }) => name)))}
      >
        {names.length === 0 ? 'Download all' : 'Download'}
      </button>
      <button
        className="btn s quiet"
        type="button"
        disabled={names.length === 0}
        onClick={act((some) => model.deletions.remove(path, some))}
      >
        Delete
      </button>
    </div>
  );
}

function countOf(model: FilesModel, chosen: ReadonlySet<string>): string {
  const picked = model.entries.filter(({ name }) => chosen.has(name));
  const bytes = picked.reduce((sum, { size }) => sum + size, 0);
  if (picked.length > 0) return `${exactWords(picked.length)} chosen${bytes > 0 ? `, ${exactWords(bytes)} bytes` : ''}`;
  const folders = model.entries.filter(({ folder }) => folder).length;
  const files = model.entries.length - folders;
  const parts = [files > 0 ? countWords(files, 'file') : '', folders > 0 ? countWords(folders, 'folder') : ''];
  return parts.filter((part) => part !== '').join(', ');
}
