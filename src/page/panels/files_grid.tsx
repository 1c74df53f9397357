/** A folder as rows. Only those in sight are drawn, so that twenty thousand scroll as twenty do. */
// biome-ignore-all lint/a11y/useSemanticElements: most rows of the grid are not in the tree, which a table cannot say
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus and says which of its rows is the active one
import { type KeyboardEvent, useCallback, useRef } from 'react';
import { isDirty } from '../files/drafts';
import type { FilesModel } from '../files/files_model';
import { gridKey } from '../files/grid_keys';
import { join } from '../files/paths';
import { useStore } from '../use';
import { FilesRow, NameInput, rowId } from './files_row';
import { useInSight, usePhone, useWindow } from './files_window';

const ROW = 32;
const ROW_PHONE = 40;

export function FilesGrid({ model }: { model: FilesModel }) {
  const { selection, naming } = useStore(model);
  const { path } = useStore(model.listing);
  const drafts = useStore(model.drafts);
  const edited = new Set([...drafts.values()].filter(isDirty).map((draft) => draft.path));
  const grid = useRef<HTMLDivElement>(null);
  const row = usePhone() ? ROW_PHONE : ROW;
  const { rows, entries } = model;
  const [first, last] = useWindow(grid, row, rows.length);
  const at = selection.at === undefined ? -1 : rows.indexOf(selection.at);
  useInSight(grid, { at, key: selection.at, height: row, list: path });
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  const drawn = rows.slice(first, last).map((name, i) => ({ name, index: first + i }));
  // The row that the keys act from is in the tree even when it is out of sight.
  if (at >= 0 && (at < first || at >= last)) drawn.push({ name: rows[at]!, index: at });
  const done = useCallback(() => grid.current?.focus(), []);
  const keyed = (event: KeyboardEvent) => {
    if (event.target instanceof HTMLInputElement) return;
    const page = Math.max(1, Math.floor((grid.current!.clientHeight - row) / row) - 1);
    if (gridKey(event, model, page)) event.preventDefault();
  };
  return (
    <div
      ref={grid}
      className="files-grid"
      role="grid"
      aria-label={`Files in ${path}`}
      aria-multiselectable="true"
      aria-rowcount={rows.length + 1}
      aria-activedescendant={at >= 0 ? rowId(at) : undefined}
      tabIndex={0}
      onKeyDown={keyed}
    >
      <div role="rowgroup" className="files-head">
        <div role="row" aria-rowindex={1} className="files-row">
          <span role="columnheader">Name</span>
          <span role="columnheader" className="size">
            Size
          </span>
          <span role="columnheader" className="changed">
            Changed
          </span>
          <span role="columnheader">
            <span className="sr">Actions</span>
          </span>
        </div>
      </div>
      {naming === 'folder' && <NewFolder model={model} done={done} />}
      <div role="rowgroup" className="files-body" style={{ height: rows.length * row }}>
        {drawn.map(({ name, index }) => (
          <FilesRow
            key={name}
            model={model}
            entry={byName.get(name)}
            name={name}
            index={index}
            height={row}
            chosen={selection.chosen.has(name)}
            current={name === selection.at}
            renaming={typeof naming === 'object' && naming.of === name}
            edited={edited.has(join(path, name))}
            done={done}
          />
        ))}
      </div>
    </div>
  );
}

function NewFolder({ model, done }: { model: FilesModel; done: () => void }) {
  return (
    <div role="rowgroup">
      <div role="row" aria-rowindex={2} className="files-row">
        <span role="gridcell" className="name">
          <NameInput model={model} initial="" label="Name of the new folder" done={done} />
        </span>
      </div>
    </div>
  );
}
