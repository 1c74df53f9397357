/** The editor of one file: saves with Ctrl-S, runs a Python program at the prompt, and asks when somebody else wrote the file. */
import { useEffect, useRef, useState } from 'react';
import { isDirty } from '../files/drafts';
import { type Editor, openEditor } from '../files/editor';
import { sentence } from '../files/errors';
import { isPython } from '../files/file_kind';
import type { FilesModel } from '../files/files_model';
import { nameOf } from '../files/paths';
import { useStore } from '../use';

interface Props {
  readonly model: FilesModel;
  readonly path: string;
  run(path: string): void;
}

export function FilesEditor({ model, path, run }: Props) {
  const draft = useStore(model.drafts).get(path);
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    model.drafts.open(path).catch((error) => setProblem(sentence(error)));
  }, [model, path]);
  if (problem !== undefined) return <p className="files-empty failed">{problem}</p>;
  if (!draft) return <p className="files-empty">{`Reading ${nameOf(path)}`}</p>;
  const dirty = isDirty(draft);
  return (
    <>
      <div className="files-chosen">
        <span className="files-count" role="status">
          {draft.problem ?? (dirty ? 'Edited, not saved' : 'As it is on the disk')}
        </span>
        <span className="grow" />
        {dirty && (
          <button className="btn s quiet" type="button" onClick={() => model.drafts.revert(path)}>
            Revert
          </button>
        )}
        <button className="btn s" type="button" disabled={!dirty} onClick={() => model.save(path)}>
          Save <kbd>Ctrl S</kbd>
        </button>
        {isPython(path) && (
          <button className="btn s solid" type="button" onClick={() => run(path)}>
            Run
          </button>
        )}
      </div>
      {draft.theirs !== undefined && (
        <div className="files-question" role="alert">
          <span className="files-why">Somebody else wrote this file while you edited it.</span>
          <button className="btn s" type="button" onClick={() => model.drafts.takeTheirs(path)}>
            Take theirs
          </button>
          <button className="btn s" type="button" onClick={() => model.drafts.keepMine(path)}>
            Keep mine
          </button>
        </div>
      )}
      <Text key={path} model={model} path={path} text={draft.text} version={draft.version} run={run} />
    </>
  );
}

function Text({ model, path, text, version, run }: Props & { text: string; version: number }) {
  const place = useRef<HTMLDivElement>(null);
  const editor = useRef<Editor>(undefined);
  const latest = useRef({ text, run });
  latest.current = { text, run };
  useEffect(() => {
    const opened = openEditor(place.current!, {
      text: latest.current.text,
      python: isPython(path),
      label: nameOf(path),
      typed: (now) => model.drafts.typed(path, now),
      save: () => void model.save(path),
      run: () => latest.current.run(path),
    });
    editor.current = opened;
    opened.focus();
    return () => opened.close();
  }, [model, path]);
  useEffect(() => {
    if (version > 0) editor.current?.replace(latest.current.text);
  }, [version]);
  return <div className="files-editor" ref={place} />;
}
