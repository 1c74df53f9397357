/** What lies where on the disk: the table, its partitions, and the sectors of the shown one. */
import type { DiskMapModel, MapState } from '../diskmap/disk_map_model';
import { grouped, sizeWords } from '../diskmap/map_words';
import type { Partition, PartitionTable } from '../fat/partitions';

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
        <span className="zones">{zonesOf(map)}</span>
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

function zonesOf({ partition, volume }: MapState): string {
  if (!partition || !volume) return '';
  const { fatStart, fatLength, fats, rootLength, clusters, clusterSize } = volume.geometry;
  const inSectors = (bytes: number) => grouped(bytes / SECTOR);
  const copies = fats === 2 ? `, FAT copy ${inSectors(fatLength)}` : fats > 2 ? `, ${fats - 1} copies` : '';
  const root = rootLength > 0 ? `, root ${inSectors(rootLength)}` : '';
  const zones = `${inSectors(fatStart)} reserved, FAT ${inSectors(fatLength)}${copies}${root}`;
  return `from sector ${grouped(partition.startSector)}: ${zones}; then ${grouped(clusters)} clusters of ${sizeWords(clusterSize)}`;
}
