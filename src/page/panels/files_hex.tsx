/** A file's bytes, sixteen a row, beside what they are as ASCII; only the rows in sight are read and drawn. */
import { useRef } from 'react';
import { BLOCK, type FileView } from '../files/file_view';
import { hexRow } from '../files/hex';
import { useWindow } from './files_window';

const ROW = 20;
const PER_ROW = 16;
/** Browsers do not lay out elements much taller. */
const TALLEST = 8_000_000;

export function FilesHex({ view, size }: { view: FileView; size: number }) {
  const box = useRef<HTMLElement>(null);
  const count = Math.min(Math.ceil(size / PER_ROW), Math.floor(TALLEST / ROW));
  const [first, last] = useWindow(box, ROW, count);
  const rows = Array.from({ length: last - first }, (_, i) => rowAt(view, (first + i) * PER_ROW));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls
    <section ref={box} className="files-hex" tabIndex={0} aria-label="Bytes">
      {size === 0 && <p className="files-rest">This file is empty.</p>}
      <pre style={{ height: count * ROW }}>
        <code style={{ top: first * ROW }}>{rows.join('\n')}</code>
      </pre>
      {count * PER_ROW < size && (
        <p className="files-rest">{`Bytes up to ${count * PER_ROW} are shown. Download the file to see the rest.`}</p>
      )}
    </section>
  );
}

function rowAt(view: FileView, offset: number): string {
  const block = view.block(Math.floor(offset / BLOCK));
  const inside = offset % BLOCK;
  return hexRow(offset, block?.subarray(inside, inside + PER_ROW));
}
