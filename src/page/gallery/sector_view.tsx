/** Any disk as bytes, whatever is on it: one sector at a time, read through the block driver and never written. */
import { useEffect, useRef, useState } from 'react';
import type { Disk } from '../disk';
import { readSector, sectorRows } from './sector_rows';
import { useWidth } from './use_width';
import './gallery.css';

const SECTOR = 512;
/** Of a row of 16 bytes, in CSS pixels. */
const WIDTH_OF_16 = 560;

type Shown = { readonly bytes: Uint8Array } | { readonly failed: string };

interface SectorViewProps {
  readonly disk: Disk;
  /** Another system: what was read of the one before is not of this one's disk. */
  readonly starts: number;
}

export function SectorView({ disk, starts }: SectorViewProps) {
  const [sectors, setSectors] = useState(0);
  const [sector, setSector] = useState(0);
  const [wanted, setWanted] = useState('0');
  const [problem, setProblem] = useState<string>();
  const [reads, setReads] = useState(0);
  const shown = useSector(disk, sector, `${starts} ${reads}`);
  const place = useRef<HTMLElement>(null);
  const perRow = useWidth(place) < WIDTH_OF_16 ? 8 : 16;

  // biome-ignore lint/correctness/useExhaustiveDependencies: another system may have another disk
  useEffect(() => {
    disk.size().then(
      (size) => setSectors(size / SECTOR),
      () => setSectors(0),
    );
  }, [disk, starts]);
  const go = (to: number | string) => {
    setProblem(typeof to === 'string' ? to : undefined);
    if (typeof to === 'string') return;
    setSector(to);
    setWanted(String(to));
  };

  return (
    <section ref={place} aria-label="The disk as bytes">
      <form
        className="goto"
        onSubmit={(event) => {
          event.preventDefault();
          go(readSector(wanted, sectors));
        }}
      >
        <label>
          Sector, of {sectors}
          <input value={wanted} onChange={({ target }) => setWanted(target.value)} />
        </label>
        <button className="btn" type="submit">
          Go
        </button>
        <button className="btn" type="button" disabled={sector === 0} onClick={() => go(sector - 1)}>
          Previous
        </button>
        <button className="btn" type="button" disabled={sector + 1 >= sectors} onClick={() => go(sector + 1)}>
          Next
        </button>
        <button className="btn" type="button" onClick={() => setReads(reads + 1)}>
          Read again
        </button>
      </form>
      <p className="failed" role="status">
        {problem ?? (shown && 'failed' in shown ? `Sector ${sector} cannot be read: ${shown.failed}` : '')}
      </p>
      {shown && 'bytes' in shown && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls sideways where the window is narrow
        <section className="sector" aria-label={`Sector ${sector}`} tabIndex={0}>
          {sectorRows(sector, shown.bytes, perRow).map(({ offset, hex, ascii }) => (
            <div key={offset}>
              <span className="off">{offset}</span>
              {`  ${hex}  `}
              <span className="asc">{ascii}</span>
            </div>
          ))}
        </section>
      )}
    </section>
  );
}

/** `version`: what makes it be read anew. */
function useSector(disk: Disk, sector: number, version: string): Shown | undefined {
  const [shown, setShown] = useState<Shown>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new version is read anew
  useEffect(() => {
    let isWanted = true;
    const show = (next: Shown) => {
      if (isWanted) setShown(next);
    };
    disk.bytes(sector * SECTOR, SECTOR).then(
      (bytes) => show({ bytes }),
      (error: Error) => show({ failed: error.message }),
    );
    return () => {
      isWanted = false;
    };
  }, [disk, sector, version]);
  return shown;
}
