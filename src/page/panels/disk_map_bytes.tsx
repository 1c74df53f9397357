/** Bytes of the chosen thing, and the names of their fields: each leads to the other. */
// biome-ignore-all lint/a11y/noStaticElementInteractions: each byte has a field of full size beside it
// biome-ignore-all lint/a11y/useKeyWithClickEvents: likewise
import { type MouseEvent, memo, useEffect, useRef, useState } from 'react';
import { ascii, hexByte } from '../byte_words';
import {
  areSame,
  type Block,
  type BlockField,
  bootBlocks,
  entryBlocks,
  fatBlocks,
  tableBlocks,
} from '../diskmap/blocks';
import type { DiskMapModel, MapState } from '../diskmap/disk_map_model';
import { nodeAt } from '../diskmap/map_words';
import type { Lens, Selected } from '../diskmap/selection';
import { useWidth } from '../gallery/use_width';
import { useStore } from '../use';

/** Of 16 bytes beside their fields, in CSS pixels. */
const WIDTH_OF_16 = 530;

const LENS_WORDS: Readonly<Record<Lens, string>> = {
  entry: 'Directory entry',
  fat: 'FAT entries',
  boot: 'Boot sector',
  table: 'Partition table',
};

export function DiskMapBytes({ model, map }: { model: DiskMapModel; map: MapState }) {
  const selected = useStore(model.selection);
  const lenses = lensesOf(map, selected);
  const lens = lenses.includes(selected.lens) ? selected.lens : lenses[0];
  const blocks = useBlocks(model, map, selected, lens);
  return (
    <section className="disk-map-bytes" aria-label="Bytes and their fields">
      <fieldset className="lenses">
        <legend className="sr">Bytes of</legend>
        {lenses.map((each) => (
          <button
            key={each}
            type="button"
            className="btn s"
            aria-pressed={each === lens}
            onClick={() => model.selection.set({ lens: each })}
          >
            {LENS_WORDS[each]}
          </button>
        ))}
      </fieldset>
      {blocks.map((block) => (
        <BlockView key={`${block.title} ${block.offset} ${block.marked}`} block={block} />
      ))}
    </section>
  );
}

function lensesOf({ table, volume }: MapState, selected: Selected): Lens[] {
  const node = nodeAt(volume, selected.path);
  return [
    ...(node && node.kind !== 'root' ? (['entry'] as const) : []),
    ...(volume && clusterOf(volume, selected) !== undefined ? (['fat'] as const) : []),
    ...(volume ? (['boot'] as const) : []),
    ...(table && table.kind !== 'none' ? (['table'] as const) : []),
  ];
}

function clusterOf(volume: NonNullable<MapState['volume']>, { path, cluster }: Selected): number | undefined {
  if (cluster !== undefined) return cluster;
  const first = nodeAt(volume, path)?.first;
  return first !== undefined && first >= 2 && first < volume.links.length ? first : undefined;
}

function useBlocks(model: DiskMapModel, map: MapState, selected: Selected, lens: Lens | undefined): readonly Block[] {
  const [blocks, setBlocks] = useState<readonly Block[]>([]);
  const { volume, table } = map;
  const { path, cluster } = selected;
  useEffect(() => {
    let isWanted = true;
    const read = (offset: number, length: number) => model.read(offset, length);
    const load = async (): Promise<Block[]> => {
      const chosen = { path, cluster, lens: lens ?? 'boot' } as const;
      if (lens === 'table' && table) return tableBlocks(table.kind, read);
      if (!volume) return [];
      if (lens === 'boot') return bootBlocks(volume);
      const node = nodeAt(volume, path);
      if (lens === 'entry' && node) return entryBlocks(volume, node, read);
      const at = clusterOf(volume, chosen);
      return lens === 'fat' && at !== undefined ? fatBlocks(volume, at) : [];
    };
    load().then(
      (next) => {
        if (isWanted) setBlocks((shown) => (areSame(shown, next) ? shown : next));
      },
      // The system ended: what comes next is another one's.
      () => {
        if (isWanted) setBlocks([]);
      },
    );
    return () => {
      isWanted = false;
    };
  }, [model, volume, table, path, cluster, lens]);
  return blocks;
}

const BlockView = memo(function BlockView({ block }: { block: Block }) {
  const [kept, setKept] = useState(block.marked);
  const [hovered, setHovered] = useState<string>();
  const place = useRef<HTMLDivElement>(null);
  const perRow = useWidth(place) < WIDTH_OF_16 ? 8 : 16;
  const lit = hovered ?? kept;
  const byteField = ({ target }: MouseEvent): BlockField | undefined => {
    const at = target instanceof HTMLElement ? target.dataset.at : undefined;
    return at === undefined ? undefined : block.fields.find((field) => holds(field, Number(at)));
  };
  return (
    <div className="block">
      <div ref={place} className="block-hex">
        <h2>{block.title}</h2>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls */}
        <section tabIndex={0} aria-label={`${block.title}, bytes`}>
          <div
            onMouseMove={(event) => setHovered(byteField(event)?.name)}
            onMouseLeave={() => setHovered(undefined)}
            onClick={(event) => setKept(byteField(event)?.name)}
          >
            {rowsOf(block, perRow).map((start) => (
              <HexRow key={start} block={block} start={start} perRow={perRow} lit={lit} />
            ))}
          </div>
        </section>
      </div>
      {block.fields.length > 0 && (
        <ul className="block-fields" aria-label={`${block.title}, fields`}>
          {block.fields.map(({ name, value, meaning }, i) => (
            <li key={name}>
              <button
                type="button"
                aria-pressed={name === kept}
                className={name === lit ? 'lit' : undefined}
                data-hue={i % HUES}
                onClick={() => setKept(name === kept ? undefined : name)}
                onFocus={() => setHovered(name)}
                onBlur={() => setHovered(undefined)}
                onPointerEnter={() => setHovered(name)}
                onPointerLeave={() => setHovered(undefined)}
              >
                <span>{name}</span>
                <b>{value}</b>
                <i>{meaning}</i>
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
});

/** More colours would say nothing. */
const HUES = 5;
const holds = ({ at, length }: BlockField, byte: number) => byte >= at && byte < at + length;

function rowsOf({ bytes }: Block, perRow: number): number[] {
  return Array.from({ length: Math.ceil(bytes.length / perRow) }, (_, row) => row * perRow);
}

function HexRow(props: { block: Block; start: number; perRow: number; lit: string | undefined }) {
  const { block, start, perRow, lit } = props;
  const part = block.bytes.subarray(start, start + perRow);
  const cells = Array.from(part, (byte, i) => ({ at: start + i, byte }));
  const hueOf = (at: number) => {
    const field = block.fields.findIndex((each) => holds(each, at));
    return field < 0 ? undefined : field % HUES;
  };
  const isLit = (at: number) => block.fields.some((field) => field.name === lit && holds(field, at));
  const classOf = (at: number) =>
    [isLit(at) ? 'lit' : '', block.differs?.has(at) ? 'differs' : ''].filter(Boolean).join(' ') || undefined;
  return (
    <code>
      <span className="off">{(block.offset + start).toString(16).padStart(6, '0')}</span>
      <span className="numbers">
        {cells.map(({ at, byte }) => (
          <b key={at} data-at={at} data-hue={hueOf(at)} className={classOf(at)}>
            {hexByte(byte)}
          </b>
        ))}
      </span>
      <span className="asc">{ascii(part)}</span>
    </code>
  );
}
