/** What lies where on the disk: the table, its partitions, and the sectors of the shown one. */
import type { DiskMapModel, MapState } from '../diskmap/disk_map_model';
import { grouped, sizeWords } from '../diskmap/map_words';
import type { Partition, PartitionTable } from '../fat/partitions';
import type { Volume } from '../fat/volume';

const SECTOR = 512;

interface Props {
  readonly model: DiskMapModel;
  readonly map: MapState;
  readonly table: PartitionTable;
}

type Part =
  | { readonly kind: 'table' | 'gap'; readonly from: number; readonly to: number }
  | { readonly kind: 'partition'; readonly partition: Partition };

export function DiskMapPartitions({ model, map, table }: Props) {
  const tableName = table.kind === 'gpt' ? 'GPT' : 'MBR';
  return (
    <div className="disk-map-parts">
      <ul aria-label={`The disk, ${sizeWords(map.sectors * SECTOR)}, ${grouped(map.sectors)} sectors`}>
        {partsOf(table, map.sectors).map((part) => {
          if (part.kind === 'partition')
            return <PartitionItem key={part.partition.index} model={model} map={map} partition={part.partition} />;
          const { kind, from, to } = part;
          const sectors = to - from === 1 ? `sector ${from}` : `sectors ${from} to ${to - 1}`;
          return (
            <li key={`${kind} ${from}`} className={kind} title={kind === 'gap' ? `unused, ${sectors}` : sectors}>
              {kind === 'table' ? (
                <button type="button" onClick={() => model.selection.set({ lens: 'table' })}>
                  {tableName}
                </button>
              ) : (
                <span className="sr">{`unused, ${sectors}`}</span>
              )}
            </li>
          );
        })}
      </ul>
      <p className="disk-map-zones">
        <span>sector 0</span>
        <Zones map={map} />
        <span>{grouped(map.sectors)}</span>
      </p>
    </div>
  );
}

function PartitionItem({ model, map, partition }: { model: DiskMapModel; map: MapState; partition: Partition }) {
  const { index, sectors } = partition;
  const isShown = map.partition?.index === index;
  const isMounted = index === model.machine.partition;
  const type = isShown && map.volume ? `FAT${map.volume.geometry.bits}, ` : '';
  const name = map.table?.kind === 'none' ? 'no partition table' : `partition ${index}`;
  return (
    <li className={isMounted ? 'own' : 'other'} style={{ flexGrow: Math.sqrt(sectors) }}>
      <button type="button" aria-pressed={isShown} onClick={() => model.choosePartition(index)}>
        {`${name}, ${type}${sizeWords(sectors * SECTOR)}${isMounted ? ', for fs_driver_vmm' : ''}`}
      </button>
    </li>
  );
}

/** What lies between, too. */
function partsOf({ partitions, firstSector }: PartitionTable, sectors: number): Part[] {
  const parts: Part[] = firstSector > 0 ? [{ kind: 'table', from: 0, to: firstSector }] : [];
  let at = firstSector;
  for (const partition of partitions) {
    if (partition.startSector > at) parts.push({ kind: 'gap', from: at, to: partition.startSector });
    parts.push({ kind: 'partition', partition });
    at = Math.max(at, partition.startSector + partition.sectors);
  }
  if (at < sectors) parts.push({ kind: 'gap', from: at, to: sectors });
  return parts;
}

interface Zone {
  readonly name: string;
  /** In sectors of the disk. */
  readonly from: number;
  readonly to: number;
}

/** Of the shown volume: each lights up when it is written. */
function Zones({ map: { partition, volume, fresh } }: { map: MapState }) {
  if (!partition || !volume) return null;
  const { clusters, clusterSize } = volume.geometry;
  const isFresh = ({ from, to }: Zone) => fresh.some(([first, end]) => first < to && end > from);
  return (
    <span className="zones">
      from sector {grouped(partition.startSector)}:{' '}
      {zonesOf(volume, partition).map((zone, i) => (
        <span key={zone.from}>
          {i > 0 && ', '}
          <span className={isFresh(zone) ? 'fresh' : undefined}>
            {zone.name} {grouped(zone.to - zone.from)}
          </span>
        </span>
      ))}
      ; then {grouped(clusters)} clusters of {sizeWords(clusterSize)}
    </span>
  );
}

function zonesOf({ geometry }: Volume, { startSector }: Partition): Zone[] {
  const { fatStart, fatLength, fats, rootStart, rootLength } = geometry;
  const zone = (name: string, from: number, length: number): Zone => ({
    name,
    from: startSector + from / SECTOR,
    to: startSector + (from + length) / SECTOR,
  });
  return [
    zone('reserved', 0, fatStart),
    zone('FAT', fatStart, fatLength),
    ...(fats > 1 ? [zone(fats === 2 ? 'FAT copy' : 'FAT copies', fatStart + fatLength, fatLength * (fats - 1))] : []),
    ...(rootLength > 0 ? [zone('root', rootStart, rootLength)] : []),
  ];
}
