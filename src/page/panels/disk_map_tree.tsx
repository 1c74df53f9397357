/** The files of the volume, as its directories have them, deleted ones among them: arrows, Home and End move, Enter chooses. */
// biome-ignore-all lint/a11y/useKeyWithClickEvents: the tree has the keys of all its rows
import { type KeyboardEvent, memo, useMemo, useRef, useState } from 'react';
import { fillWords, keyOf, sizeWords } from '../diskmap/map_words';
import type { Selection } from '../diskmap/selection';
import type { FatNode } from '../fat/node';
import type { Volume } from '../fat/volume';
import { useStore } from '../use';

/** A directory may have more than anyone reads. */
const MOST_ROWS = 500;
/** With so few all directories are open. */
const FEW = 60;

const KEYS = ['Enter', ' ', 'ArrowDown', 'ArrowUp', 'ArrowLeft', 'ArrowRight', 'Home', 'End'];

interface Row {
  readonly node: FatNode;
  readonly level: number;
  readonly isOpen: boolean | undefined;
}

export const DiskMapTree = memo(function DiskMapTree({ volume, selection }: { volume: Volume; selection: Selection }) {
  const { path: chosen, litPath, litCluster } = useStore(selection);
  const [toggled, setToggled] = useState<ReadonlySet<string>>(new Set());
  const [at, setAt] = useState<string>();
  const tree = useRef<HTMLDivElement>(null);
  const { rows, unseen } = useMemo(() => rowsOf(volume, toggled), [volume, toggled]);
  const lit = litPath ?? (litCluster === undefined ? undefined : ownerKey(volume, litCluster));
  const current = rows.find(({ node }) => keyOf(node) === at) ?? rows[0];

  const toggle = (key: string) => {
    const next = new Set(toggled);
    if (!next.delete(key)) next.add(key);
    setToggled(next);
  };
  const choose = ({ node }: Row) => {
    const key = keyOf(node);
    selection.set(key === chosen ? { path: undefined } : { path: key, cluster: undefined, lens: 'entry' });
  };
  const focus = (row: Row | undefined) => {
    if (!row) return;
    setAt(keyOf(row.node));
    tree.current?.querySelector<HTMLElement>(`[data-id="${row.node.id}"]`)?.focus();
  };
  const moved = (event: KeyboardEvent) => {
    const index = rows.indexOf(current!);
    const row = rows[index];
    if (!row || !KEYS.includes(event.key)) return;
    event.preventDefault();
    const { node, isOpen } = row;
    if (event.key === 'Enter' || event.key === ' ') choose(row);
    else if (event.key === 'ArrowDown') focus(rows[index + 1]);
    else if (event.key === 'ArrowUp') focus(rows[index - 1]);
    else if (event.key === 'Home') focus(rows[0]);
    else if (event.key === 'End') focus(rows.at(-1));
    else if (isOpen === (event.key === 'ArrowLeft')) toggle(keyOf(node));
    else if (event.key === 'ArrowLeft') focus(rows.find((above) => above.node.id === node.parent));
    else if (isOpen) focus(rows[index + 1]);
  };

  return (
    <div className="disk-map-files">
      <div
        ref={tree}
        role="tree"
        aria-label="Files"
        onKeyDown={moved}
        onPointerLeave={() => selection.set({ litPath: undefined })}
      >
        {rows.map((row) => {
          const { node, level, isOpen } = row;
          const key = keyOf(node);
          return (
            <div
              key={node.id}
              role="treeitem"
              aria-level={level}
              aria-selected={key === chosen}
              aria-expanded={isOpen}
              className={`${node.kind}${key === lit ? ' lit' : ''}`}
              data-id={node.id}
              tabIndex={row === current ? 0 : -1}
              style={{ paddingLeft: `${8 + (level - 1) * 14}px` }}
              onFocus={() => {
                setAt(key);
                selection.set({ litPath: key });
              }}
              onBlur={() => selection.set({ litPath: undefined })}
              onPointerEnter={() => selection.set({ litPath: key, litCluster: undefined })}
              onClick={() => {
                setAt(key);
                if (isOpen !== undefined && key === chosen) toggle(key);
                else choose(row);
              }}
            >
              <span className="twist" aria-hidden="true">
                {isOpen === undefined ? '' : isOpen ? '▾' : '▸'}
              </span>
              <span className="name">{node.name}</span>{' '}
              <small>
                {node.kind === 'directory' ? node.children.length : sizeWords(node.size)}
                <span className="sr">{SAID[node.kind]}</span>
              </small>
            </div>
          );
        })}
      </div>
      {rows.length === 0 && <p>No files yet: what Python writes appears here.</p>}
      {unseen > 0 && <p>And {unseen} more.</p>}
      <p>
        {fillWords(volume).map((line) => (
          <span key={line}>{line}</span>
        ))}
      </p>
    </div>
  );
});

/** What the look of a row says. */
const SAID = { root: '', label: '', file: '', directory: ' entries, directory', deleted: ', deleted' } as const;

function ownerKey({ owners, nodes }: Volume, cluster: number): string | undefined {
  const owner = nodes[owners[cluster] ?? -1];
  return owner && keyOf(owner);
}

function rowsOf({ nodes }: Volume, toggled: ReadonlySet<string>): { rows: Row[]; unseen: number } {
  const rows: Row[] = [];
  let unseen = 0;
  const opensAll = nodes.length <= FEW;
  const list = (ids: readonly number[], level: number) => {
    for (const id of ids) {
      const node = nodes[id]!;
      if (node.kind === 'label') continue;
      if (rows.length >= MOST_ROWS) {
        unseen++;
        continue;
      }
      const isDirectory = node.kind === 'directory';
      const isOpen = isDirectory ? opensAll !== toggled.has(keyOf(node)) : undefined;
      rows.push({ node, level, isOpen });
      if (isOpen) list(node.children, level + 1);
    }
  };
  list(nodes[0]?.children ?? [], 1);
  return { rows, unseen };
}
