/** Choosing by cluster. */
import type { Volume } from '../fat/volume';
import { keyOf } from './map_words';
import type { Selection } from './selection';

/** And whoever has it. */
export function chooseCluster({ owners, nodes }: Volume, selection: Selection, cluster: number): void {
  const owner = nodes[owners[cluster] ?? -1];
  const path = owner && owner.kind !== 'root' ? keyOf(owner) : undefined;
  selection.set({ cluster, path, ...(path === undefined ? { lens: 'fat' } : {}) });
}
