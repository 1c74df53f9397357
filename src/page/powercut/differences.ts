/** In what two moments differ, out of the log alone: the disk is not asked. */
import { SECTOR_SIZE } from '../../specs/fat';
import type { WriteHistory } from './write_history';

export interface ChangedSector {
  readonly sector: number;
  readonly before: Uint8Array;
  readonly after: Uint8Array;
}

export interface Differences {
  /** In the order of the disk. */
  readonly sectors: readonly ChangedSector[];
  /** There are more, which were not looked at. */
  readonly isCut: boolean;
  /** Sectors that were written and are left out: what was there before is on the disk's server. */
  readonly unfetched: number;
}

/** More than anybody looks at. */
const MOST = 2048;

/** Of the sectors that were written between them, those that have other bytes. Undefined where the log does not go back so far. */
export function differences(history: WriteHistory, from: number, to: number): Differences | undefined {
  if (from < history.first || to > history.last) return undefined;
  const before = new Map<number, Uint8Array>();
  const after = new Map<number, Uint8Array>();
  const unfetched = new Set<number>();
  let isCut = false;
  for (const entry of history.writesSince(from).slice(0, to - from)) {
    const [old, fresh] = [history.bytes(entry, 'before'), history.bytes(entry, 'after')];
    if (!fresh || (!old && !entry.isUnfetched)) return undefined;
    for (let i = 0; i < entry.sectors; i++) {
      const sector = entry.sector + i;
      if (!old) unfetched.add(sector);
      if (!old || unfetched.has(sector)) continue;
      if (!before.has(sector) && before.size === MOST) isCut = true;
      else if (!before.has(sector)) before.set(sector, sectorOf(old, i));
      if (before.has(sector)) after.set(sector, sectorOf(fresh, i));
    }
  }
  const sectors = [...before]
    .map(([sector, bytes]) => ({ sector, before: bytes, after: after.get(sector)! }))
    .filter((changed) => changed.before.some((byte, i) => byte !== changed.after[i]))
    .sort((a, b) => a.sector - b.sector);
  return { sectors, isCut, unfetched: unfetched.size };
}

const sectorOf = (bytes: Uint8Array, i: number) => bytes.subarray(i * SECTOR_SIZE, (i + 1) * SECTOR_SIZE);
