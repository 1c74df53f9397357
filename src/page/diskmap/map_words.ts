/** What the map says about clusters, files and FAT entries. */
import { fatEntryOffset, fatEntryStraddles } from '../../specs/fat';
import { hexByte } from '../byte_words';
import { CLUSTER, CLUSTER_WORDS, countsOf, type FatNode } from '../fat/node';
import { linkOf } from '../fat/table';
import { chainOf, type Volume } from '../fat/volume';

export const hex = (value: number, digits = 1): string => `0x${value.toString(16).padStart(digits, '0')}`;
export const grouped = (value: number): string => value.toLocaleString('en').replaceAll(',', '\u2009');

/** `28 B`, `26 KiB`, `1.0 MiB`. */
export function sizeWords(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const [unit, value] =
    bytes < 2 ** 20 ? ['KiB', bytes / 1024] : bytes < 2 ** 30 ? ['MiB', bytes / 2 ** 20] : ['GiB', bytes / 2 ** 30];
  return `${value < 10 && unit !== 'KiB' ? value.toFixed(1) : Math.round(value as number)} ${unit}`;
}

export const plural = (count: number, word: string): string => `${grouped(count)} ${word}${count === 1 ? '' : 's'}`;

/** Whose a cluster is, and what it is of it. */
export function clusterWords(volume: Volume, cluster: number): string {
  const { owners, nodes, states } = volume;
  const owner = owners[cluster]! >= 0 ? nodes[owners[cluster]!] : undefined;
  const state = states[cluster]!;
  if (!owner)
    return `Cluster ${cluster}: ${state === CLUSTER.LOST ? 'lost, it belongs to no file' : CLUSTER_WORDS[state]}.`;
  const chain = chainOf(volume, owner.first);
  const name = owner.kind === 'root' ? 'the root directory' : owner.path;
  const also = state === CLUSTER.CROSSED ? ', and another file runs into it' : '';
  return `Cluster ${cluster}: ${name}, number ${chain.indexOf(cluster) + 1} of ${chain.length}${also}.`;
}

/** Of a cell with many clusters. */
export function clustersWords(volume: Volume, first: number, last: number): string {
  if (first === last) return clusterWords(volume, first);
  const part = volume.states.subarray(first, last + 1);
  const counts = countsOf(part).flatMap((count, state) => (count > 0 ? [`${count} ${CLUSTER_WORDS[state]}`] : []));
  const owners = new Set(volume.owners.subarray(first, last + 1));
  owners.delete(-1);
  const [owner] = owners;
  const of =
    owner === undefined ? '' : `; ${volume.nodes[owner]!.path}${owners.size > 1 ? ` and ${owners.size - 1} more` : ''}`;
  return `Clusters ${first} to ${last}: ${counts.join(', ')}${of}.`;
}

/** What an entry of the FAT says. */
export function linkWords({ geometry, links }: Volume, cluster: number): string {
  const entry = links[cluster]!;
  const link = linkOf(entry, geometry);
  if (cluster === 0) return 'media byte';
  if (cluster === 1) return 'end mark, state of the volume';
  return { free: 'free', end: 'end of a chain', bad: 'bad', reserved: 'no cluster', next: `next is ${entry}` }[link];
}

/** How FAT12 packs the entry of a cluster with its neighbour; undefined for the others, which pack nothing. */
export function pairWords({ geometry, links, fats }: Volume, cluster: number): string | undefined {
  if (geometry.bits !== 12) return undefined;
  const even = cluster - (cluster % 2);
  const odd = even + 1;
  const at = fatEntryOffset(12, even);
  const bytes = Array.from(fats[0]!.subarray(at, at + 3), hexByte).join(' ');
  const says = (entry: number) => {
    const value = links[entry];
    return value === undefined ? 'padding' : `${hex(value, 3)} is ${meaning(value, geometry)}`;
  };
  const torn = [even, odd].find((entry) => fatEntryStraddles(12, entry));
  const straddles = torn === undefined ? '' : ` Entry ${torn} lies in two sectors: a power cut between them tears it.`;
  return `FAT12 packs two entries into three bytes. Entries ${even} and ${odd} are ${bytes} at ${hex(at)} of the FAT: ${says(even)}, ${says(odd)}.${straddles}`;
}

function meaning(value: number, geometry: Volume['geometry']): string {
  const link = linkOf(value, geometry);
  if (link === 'next') return `cluster ${value}`;
  return { free: 'free', end: 'the end', bad: 'bad', reserved: 'no cluster' }[link];
}

/** The mark that ends a chain, as it stands in the FAT: `0xfff`. */
export function endMark({ geometry, links }: Volume, last: number): string {
  return hex(links[last]!, geometry.bits === 12 ? 3 : geometry.bits / 4);
}

/** One sentence for those who do not see the map. */
export function mapSentence({ counts, geometry, nodes }: Volume, chosen: string | undefined): string {
  const said = CLUSTER_WORDS.flatMap((word, state) => (counts[state]! > 0 ? [`${counts[state]} ${word}`] : []));
  const files = nodes.filter(({ kind }) => kind === 'file').length;
  return `Cluster map, ${geometry.clusters} clusters: ${said.join(', ')}. ${plural(files, 'file')}.${chosen ? ` ${chosen}` : ''}`;
}

/** How full it is, and what is lost. */
export function fillWords({ counts, geometry, nodes }: Volume): string[] {
  const [free, bad, lost, crossed] = [CLUSTER.FREE, CLUSTER.BAD, CLUSTER.LOST, CLUSTER.CROSSED].map(
    (state) => counts[state]!,
  );
  const files = nodes.filter(({ kind }) => kind === 'file').length;
  const share = Math.round(((geometry.clusters - free! - bad!) / geometry.clusters) * 100);
  return [
    `${share === 0 && files > 0 ? 'Less than 1' : share} % used by ${plural(files, 'file')}.`,
    ...(lost! > 0 ? [`${plural(lost!, 'cluster')} lost: no file has ${lost === 1 ? 'it' : 'them'}.`] : []),
    ...(crossed! > 0
      ? [`${plural(crossed!, 'cluster')} crossed: two files have ${crossed === 1 ? 'it' : 'them'}.`]
      : []),
    ...(bad! > 0 ? [`${plural(bad!, 'cluster')} marked bad.`] : []),
  ];
}

/** What it is chosen by: its path, and of the deleted, of which many can have the same, the place of its entry. */
export const keyOf = ({ kind, path, slot }: FatNode): string => (kind === 'deleted' ? `${path} ${slot}` : path);

export const nodeAt = (volume: Volume | undefined, key: string | undefined): FatNode | undefined =>
  key === undefined ? undefined : volume?.nodes.find((node) => keyOf(node) === key);
