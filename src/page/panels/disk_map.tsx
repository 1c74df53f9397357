/** The whole disk at once: partitions, clusters, files, the chosen one's chain and bytes; it changes as the disk is written. */
import { useEffect, useState } from 'react';
import type { Desk } from '../desk';
import type { DiskMapModel, MapState } from '../diskmap/disk_map_model';
import { diskMapOf } from '../diskmap/disk_map_of';
import type { Volume } from '../fat/volume';
import { Sign } from '../icons';
import '../style/disk_map.css';
import { useStore } from '../use';
import { DiskMapBytes } from './disk_map_bytes';
import { DiskMapChain } from './disk_map_chain';
import { DiskMapFindings } from './disk_map_findings';
import { DiskMapGrid } from './disk_map_grid';
import { DiskMapPartitions } from './disk_map_partitions';
import { DiskMapTree } from './disk_map_tree';

const PHASES: Readonly<Record<MapState['phase'], string>> = {
  waiting: 'The system is starting: the disk is read when it is up.',
  reading: 'Reading the partition table, the FATs and the directories',
  ready: '',
  failed: 'The disk cannot be read',
};

export function DiskMap({ desk }: { desk: Desk }) {
  const model = diskMapOf(desk);
  const map = useStore(model);
  const [checking, setChecking] = useState(false);
  useEffect(() => model.look(), [model]);
  const { phase, problem, table, volume } = map;
  return (
    <section className="disk-map" aria-label="Disk map">
      <div className="disk-map-head">
        <span className="disk-map-live" data-fresh={map.fresh.length > 0}>
          {phase === 'ready' ? 'Following live' : PHASES[phase]}
        </span>
        <span className="grow" />
        <button
          className="btn s"
          type="button"
          disabled={!volume}
          aria-expanded={checking && volume !== undefined}
          onClick={() => setChecking(!checking)}
        >
          Check disk
        </button>
      </div>
      {table && <DiskMapPartitions model={model} map={map} table={table} />}
      <p className="disk-map-problem" role="status">
        {problem !== undefined && (
          <>
            <Sign name="cross" /> {problem}
          </>
        )}
      </p>
      {volume && checking && <DiskMapFindings volume={volume} selection={model.selection} />}
      {volume && <DiskMapBody model={model} map={map} volume={volume} />}
      {!volume && table && table.kind !== 'none' && <DiskMapBytes model={model} map={map} />}
    </section>
  );
}

function DiskMapBody({ model, map, volume }: { model: DiskMapModel; map: MapState; volume: Volume }) {
  return (
    <>
      <div className="disk-map-main">
        <DiskMapTree volume={volume} selection={model.selection} />
        <DiskMapGrid volume={volume} fresh={map.fresh} selection={model.selection} />
      </div>
      <DiskMapChain volume={volume} selection={model.selection} />
      <DiskMapBytes model={model} map={map} />
    </>
  );
}
