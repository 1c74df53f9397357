/** The mounted disk's files: a folder, what is under way in it, or one file; through the file system, as MicroPython sees it. */
import '../style/files.css';
import { useEffect, useMemo, useRef } from 'react';
import type { Desk } from '../desk';
import { fromDrop } from '../files/dropped_tree';
import type { FileView } from '../files/file_view';
import { filesOf } from '../files/files_desk';
import type { FilesModel } from '../files/files_model';
import type { MachineState } from '../machine_state';
import { mountWords, storageWords } from '../storage_words';
import { useStore } from '../use';
import { FilesGrid } from './files_grid';
import { FilesNotice } from './files_notice';
import { FilesSpace } from './files_space';
import { FilesChosen, FilesToolbar } from './files_toolbar';
import { FilesView } from './files_view';
import { FilesWork } from './files_work';

interface Props {
  readonly desk: Desk;
  readonly state: MachineState;
  /** Shows the terminal where there is room for one pane only. */
  terminal(): void;
}

export function FilesPanel({ desk, state, terminal }: Props) {
  const model = useMemo(() => filesOf(desk), [desk]);
  const files = useStore(model);
  const { path } = useStore(model.listing);
  useDrop(desk, model);
  useFocusBack(files.view);
  return (
    <div className="files">
      <FilesToolbar model={model} path={path} view={files.view} />
      {files.view ? (
        <FilesView
          key={files.view.path}
          model={model}
          view={files.view}
          run={(file) => {
            terminal();
            void model.run(file);
          }}
        />
      ) : (
        <>
          <FilesChosen model={model} chosen={files.selection.chosen} />
          <Folder model={model} state={state} />
        </>
      )}
      <FilesWork model={model} path={path} short={files.view !== undefined} />
      <FilesNotice model={model} />
      <FilesSpace model={model} storage={storageWords(state.storage)} />
    </div>
  );
}

/** A drop on the page is an upload while this view is shown. */
function useDrop(desk: Desk, model: FilesModel): void {
  useEffect(
    () =>
      desk.dropped.upload({
        says: () => `Drop to upload into ${model.listing.state.path}, disk images too`,
        take: (data) => {
          void fromDrop(data).then((given) => model.upload(given));
        },
      }),
    [desk, model],
  );
}

/** The keys go on in the folder when a file is closed. */
function useFocusBack(view: FileView | undefined): void {
  const before = useRef(view);
  useEffect(() => {
    if (before.current && !view) document.querySelector<HTMLElement>('.files-grid')?.focus();
    before.current = view;
  }, [view]);
}

function Folder({ model, state }: { model: FilesModel; state: MachineState }) {
  const { phase, problem, errno, path } = useStore(model.listing);
  const { naming } = useStore(model);
  if (phase === 'failed') return <Refused model={model} problem={problem} errno={errno} state={state} />;
  const isEmpty = phase === 'shown' && model.rows.length === 0 && naming === undefined;
  return (
    <>
      <FilesGrid model={model} />
      {phase === 'loading' && <p className="files-empty">{`Reading ${path}`}</p>}
      {isEmpty && (
        <div className="files-empty">
          <p>
            <b>This disk is empty.</b>
          </p>
          <p>Drop files or folders here, choose Upload, or let Python write one.</p>
        </div>
      )}
    </>
  );
}

interface RefusedProps {
  readonly model: FilesModel;
  readonly problem: string | undefined;
  readonly errno: string | undefined;
  readonly state: MachineState;
}

function Refused({ model, problem, errno, state }: RefusedProps) {
  return (
    <div className="files-empty" role="status">
      <p>
        <b>{problem}</b>
      </p>
      {errno === 'ENODEV' && (
        <p>{`${mountWords(state.mount)} Open another image on the Disk tab, or reset the disk.`}</p>
      )}
      {state.phase === 'ready' && (
        <button className="btn s" type="button" onClick={() => model.listing.refresh()}>
          Look again
        </button>
      )}
    </div>
  );
}
