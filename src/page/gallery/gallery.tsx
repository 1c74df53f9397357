/** Disks to start on: made ones as cards, and a fresh one of any kind. */
import { useId, useState } from 'react';
import type { FatBits } from '../../specs/fat';
import { Sign } from '../icons';
import { bytesWords } from '../storage_words';
import { CLUSTER_SIZES, type FreshChoice, freshDisk, freshProblem } from './fresh_disk';
import type { MadeDisk, PartitionTable } from './made_disk';
import { MADE_DISKS } from './made_disks';
import './gallery.css';

interface GalleryProps {
  readonly disabled: boolean;
  make(disk: MadeDisk): void;
}

export function Gallery({ disabled, make }: GalleryProps) {
  return (
    <section aria-label="Disks to start on">
      <h3>Start on a made disk</h3>
      <div className="made">
        {MADE_DISKS.map((disk) => (
          <button key={disk.name} className="made-disk" type="button" disabled={disabled} onClick={() => make(disk)}>
            <b>{disk.name}</b>
            <span>{disk.says}</span>
          </button>
        ))}
      </div>
      <FreshForm disabled={disabled} make={make} />
    </section>
  );
}

const TABLES: readonly (readonly [PartitionTable, string])[] = [
  ['none', 'none'],
  ['mbr', 'MBR'],
  ['gpt', 'GPT'],
];

function FreshForm({ disabled, make }: GalleryProps) {
  const [choice, setChoice] = useState<FreshChoice>({ bits: 16, megabytes: 64, clusterSize: undefined, table: 'mbr' });
  const problem = freshProblem(choice);
  const id = useId();
  const change = (part: Partial<FreshChoice>) => setChoice({ ...choice, ...part });
  return (
    <form
      className="fresh"
      onSubmit={(event) => {
        event.preventDefault();
        if (!problem) make(freshDisk(choice));
      }}
    >
      <h3>Start on a fresh disk</h3>
      <label>
        Type
        <select value={choice.bits} onChange={({ target }) => change({ bits: Number(target.value) as FatBits })}>
          {[12, 16, 32].map((bits) => (
            <option key={bits} value={bits}>{`FAT${bits}`}</option>
          ))}
        </select>
      </label>
      <label>
        Size in MiB
        <input
          type="number"
          min="1"
          max="4096"
          value={Number.isNaN(choice.megabytes) ? '' : choice.megabytes}
          aria-describedby={id}
          aria-invalid={problem !== undefined}
          onChange={({ target }) => change({ megabytes: target.valueAsNumber })}
        />
      </label>
      <label>
        Clusters
        <select
          value={choice.clusterSize ?? ''}
          onChange={({ target }) => change({ clusterSize: target.value === '' ? undefined : Number(target.value) })}
        >
          <option value="">as mkfs.fat</option>
          {CLUSTER_SIZES.map((size) => (
            <option key={size} value={size}>
              {bytesWords(size)}
            </option>
          ))}
        </select>
      </label>
      <label>
        Partition table
        <select value={choice.table} onChange={({ target }) => change({ table: target.value as PartitionTable })}>
          {TABLES.map(([table, name]) => (
            <option key={table} value={table}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <p id={id} className="failed" role="status">
        {problem && (
          <>
            <Sign name="cross" /> {problem}
          </>
        )}
      </p>
      <button className="btn" type="submit" disabled={disabled || problem !== undefined}>
        Make a fresh disk
      </button>
    </form>
  );
}
