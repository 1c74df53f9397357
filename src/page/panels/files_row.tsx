/** One row of a folder, and the field in which a name is typed. */
// biome-ignore-all lint/a11y/useSemanticElements: most rows of the grid are not in the tree, which a table cannot say
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus and says which of its rows is the active one
import { type KeyboardEvent, type MouseEvent, memo, useEffect, useRef } from 'react';
import type { FileEntry } from '../../protocol/control';
import type { FilesModel } from '../files/files_model';
import { isUnfinished } from '../files/names';
import { choose, extend, toggle, UP } from '../files/selection';
import { dateWords, exactWords } from '../files/words';
import { Sign } from '../icons';

export const rowId = (index: number) => `file-${index}`;

interface Props {
  readonly model: FilesModel;
  /** The row that leads up has none. */
  readonly entry: FileEntry | undefined;
  readonly name: string;
  readonly index: number;
  readonly height: number;
  readonly chosen: boolean;
  readonly current: boolean;
  readonly renaming: boolean;
  /** There are edits that are not on the disk. */
  readonly edited: boolean;
  done(): void;
}

export const FilesRow = memo(function FilesRow(props: Props) {
  const { model, entry, name, index, height, chosen, current, renaming, edited, done } = props;
  const isUp = name === UP;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid has the keys
    <div
      id={rowId(index)}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={chosen}
      className={`files-row${current ? ' current' : ''}`}
      style={{ top: index * height, height }}
      onClick={(event) => pick(event, model, name)}
    >
      <span role="gridcell" className="name">
        <Sign name={isUp || entry?.folder ? 'folder' : 'file'} />
        {renaming ? (
          <NameInput model={model} initial={name} label={`New name of ${name}`} done={done} />
        ) : (
          <button type="button" tabIndex={-1} title={name} onClick={(event) => open(event, model, name)}>
            {name}
          </button>
        )}
        {edited && <em>edited, not saved</em>}
        {entry?.readOnly && <em>read-only</em>}
        {isUnfinished(name) && <em>left by an upload that was cut short</em>}
      </span>
      <span role="gridcell" className="size">
        {entry && !entry.folder ? exactWords(entry.size) : ''}
      </span>
      <span role="gridcell" className="changed">
        {entry ? dateWords(entry.changedMs) : ''}
      </span>
      <span role="gridcell" className="act">
        {entry && (
          <button
            className="btn s quiet"
            type="button"
            tabIndex={-1}
            aria-label={`Download ${name}`}
            onClick={(event) => {
              event.stopPropagation();
              void model.download([name]);
            }}
          >
            <Sign name="download" />
          </button>
        )}
      </span>
    </div>
  );
});

function pick(event: MouseEvent, model: FilesModel, name: string): void {
  const { selection } = model.state;
  const isTouch = (event.nativeEvent as PointerEvent).pointerType === 'touch';
  if (event.shiftKey) model.select(extend(selection, model.rows, name));
  else if (event.ctrlKey || event.metaKey || isTouch) model.select(toggle(selection, name));
  else model.select(choose(name));
}

/** With Shift or Ctrl the name is part of the row, like the rest of it. */
function open(event: MouseEvent, model: FilesModel, name: string): void {
  if (event.shiftKey || event.ctrlKey || event.metaKey) return;
  event.stopPropagation();
  model.open(name);
}

interface NameInputProps {
  readonly model: FilesModel;
  readonly initial: string;
  readonly label: string;
  done(): void;
}

/** Enter and leaving it take the name, Escape does not. */
export function NameInput({ model, initial, label, done }: NameInputProps) {
  const input = useRef<HTMLInputElement>(null);
  const settled = useRef(false);
  useEffect(() => {
    const field = input.current!;
    field.focus();
    const dot = initial.lastIndexOf('.');
    field.setSelectionRange(0, dot > 0 ? dot : initial.length);
  }, [initial]);
  const leave = () => {
    settled.current = true;
    model.name(undefined);
    done();
  };
  const take = async () => {
    if (settled.current) return;
    settled.current = true;
    if (input.current!.value === '') return leave();
    if (await model.named(input.current!.value)) return done();
    settled.current = false;
    input.current?.focus();
  };
  const keyed = (event: KeyboardEvent) => {
    if (event.key === 'Enter') void take();
    if (event.key === 'Escape') leave();
    event.stopPropagation();
  };
  return (
    <input
      ref={input}
      className="files-input"
      aria-label={label}
      defaultValue={initial}
      spellCheck={false}
      autoComplete="off"
      onKeyDown={keyed}
      onBlur={() => void take()}
      onClick={(event) => event.stopPropagation()}
    />
  );
}
