/** Goes through all directories of a volume and gives each cluster to the first whose chain comes to it. */
import { DIR_ENTRY_SIZE, DIR_MAX_ENTRIES, FAT_MARKS } from '../../specs/fat';
import { type DirectoryEntry, isBadShortName, readDirectory } from './directory';
import { clusterOffset, type Geometry, isCluster } from './geometry';
import { type ChainEnd, CLUSTER, countsOf, type FatNode, type Oddity } from './node';
import { readBytes, type SectorSource } from './source';
import { linkOf } from './table';

const MOST_NODES = 200_000;
const LONGEST_PATH = 4096;

type Growing = { -readonly [K in keyof FatNode]: FatNode[K] } & { children: number[]; oddities: Oddity[] };

export class Walk {
  readonly nodes: Growing[] = [];
  readonly owners: Int32Array;
  readonly #directories: number[] = [];
  #isCut = false;

  constructor(
    readonly part: SectorSource,
    readonly geometry: Geometry,
    readonly links: Uint32Array,
  ) {
    this.owners = new Int32Array(links.length).fill(-1);
  }

  async run(): Promise<void> {
    this.#add({ ...ROOT, first: this.geometry.rootCluster }, 'root', 0, '/');
    for (let i = 0; i < this.#directories.length; i++) await this.#list(this.nodes[this.#directories[i]!]!);
  }

  result() {
    const { nodes, owners, links } = this;
    const states = statesOf(this);
    return { nodes, owners, links, states, counts: countsOf(states.subarray(2)), isCut: this.#isCut };
  }

  async #list(directory: Growing): Promise<void> {
    const bytes = await this.#contents(directory);
    const { entries, dot, dotDot, orphans } = readDirectory(bytes);
    const names = new Set<string>();
    for (const entry of entries) {
      if (this.nodes.length >= MOST_NODES) {
        this.#isCut = true;
        return;
      }
      const path = `${directory.path === '/' ? '' : directory.path}/${entry.name}`;
      const node = this.#add(entry, entry.kind, directory.id, path);
      directory.children.push(node.id);
      if (entry.kind !== 'file' && entry.kind !== 'directory') continue;
      const short = bytes.subarray(entry.slot * DIR_ENTRY_SIZE, entry.slot * DIR_ENTRY_SIZE + 11);
      const key = String.fromCharCode(...short);
      if (names.has(key)) node.oddities.push('duplicate');
      if (isBadShortName(short)) node.oddities.push('name');
      names.add(key);
    }
    if (orphans > 0) directory.oddities.push('orphans');
    const above = this.nodes[directory.parent]!;
    const up = above.kind === 'root' ? 0 : above.first;
    if (directory.kind !== 'root' && (dot !== directory.first || dotDot !== up)) directory.oddities.push('dot');
  }

  #add(entry: Omit<DirectoryEntry, 'kind'>, kind: FatNode['kind'], parent: number, path: string): Growing {
    const node: Growing = {
      ...entry,
      id: this.nodes.length,
      kind,
      parent,
      path,
      ...NO_CHAIN,
      children: [],
      oddities: [],
    };
    this.nodes.push(node);
    const isDirectory = kind === 'directory' || kind === 'root';
    if (isDirectory || kind === 'file') this.#own(node);
    // A directory that is another's, or has no beginning, has nothing of its own to list.
    const hasContents = kind === 'root' || (kind === 'directory' && node.clusters > 0);
    if (hasContents && path.length <= LONGEST_PATH) this.#directories.push(node.id);
    else if (hasContents) node.oddities.push('unread');
    return node;
  }

  #own(node: Growing): void {
    const { geometry, links, owners } = this;
    if (node.first === 0) return;
    for (let cluster = node.first; ; cluster = links[cluster]!) {
      node.endAt = cluster;
      if (!isCluster(geometry, cluster)) node.end = 'outside';
      else if (owners[cluster] === node.id) node.end = 'loop';
      else if (owners[cluster] !== -1) node.end = 'crossed';
      else {
        const link = linkOf(links[cluster]!, geometry);
        if (link === 'free' || link === 'bad') node.end = link;
        else {
          owners[cluster] = node.id;
          node.clusters++;
          if (link === 'next') continue;
          node.end = link === 'end' ? 'end' : 'outside';
          node.endAt = links[cluster]!;
        }
      }
      return;
    }
  }

  /** Of the fixed root, or of the clusters that are its own: runs of neighbours are read at once. */
  async #contents(directory: Growing): Promise<Uint8Array> {
    const { geometry, links, part } = this;
    const { rootStart, rootLength, clusterSize } = geometry;
    if (directory.kind === 'root' && rootLength > 0) return readBytes(part, rootStart, rootLength);
    const most = Math.ceil((DIR_MAX_ENTRIES * DIR_ENTRY_SIZE) / clusterSize);
    const wanted = Math.min(directory.clusters, most);
    const bytes = new Uint8Array(wanted * clusterSize);
    for (let done = 0, cluster = directory.first; done < wanted; ) {
      let run = 1;
      while (done + run < wanted && links[cluster + run - 1] === cluster + run) run++;
      bytes.set(await readBytes(part, clusterOffset(geometry, cluster), run * clusterSize), done * clusterSize);
      done += run;
      cluster = links[cluster + run - 1]!;
    }
    return bytes;
  }
}

const NO_CHAIN = { clusters: 0, end: 'none' as ChainEnd, endAt: 0 };
const ROOT: Omit<DirectoryEntry, 'kind'> = {
  name: '/',
  shortName: '/',
  slot: 0,
  longSlots: 0,
  attributes: 0,
  first: 0,
  size: 0,
  created: undefined,
  modified: undefined,
  accessed: undefined,
};

function statesOf({ geometry, links, owners, nodes }: Walk): Uint8Array {
  const states = new Uint8Array(links.length);
  states.fill(CLUSTER.RESERVED, 0, 2);
  const { BAD } = FAT_MARKS[geometry.bits];
  for (let cluster = 2; cluster < states.length; cluster++) {
    // Most clusters of a large disk are free.
    if (links[cluster] === 0) continue;
    const owner = owners[cluster]!;
    if (owner >= 0) states[cluster] = nodes[owner]!.kind === 'file' ? CLUSTER.FILE : CLUSTER.DIRECTORY;
    else states[cluster] = links[cluster] === BAD ? CLUSTER.BAD : CLUSTER.LOST;
  }
  for (const { end, endAt } of nodes) {
    if (end !== 'crossed') continue;
    // Each is marked once, however many come here.
    for (
      let at = endAt;
      isCluster(geometry, at) && states[at] !== CLUSTER.CROSSED && owners[at] !== -1;
      at = links[at]!
    )
      states[at] = CLUSTER.CROSSED;
  }
  return states;
}
