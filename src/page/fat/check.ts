/** What is wrong with a volume, as dosfstools' fsck.fat would find it. Nothing is written. */
import { BPB32, FSI_UNKNOWN } from '../../specs/fat';
import { isCluster } from './geometry';
import { CLUSTER, type FatNode, type Oddity } from './node';
import { runsText } from './runs';
import { differences, linkOf } from './table';
import { chainOf, type Volume } from './volume';

/**
 * `note`: the files are as they should be; `lost`: clusters are taken that no file has; `error`: something else is not what it should be.
 */
export type Severity = 'note' | 'lost' | 'error';

export interface Finding {
  readonly severity: Severity;
  readonly kind:
    | 'dirty'
    | 'boot'
    | 'free count'
    | 'fats'
    | 'lost'
    | 'crossed'
    | 'loop'
    | 'chain'
    | 'start'
    | 'size'
    | 'entry'
    | 'cut';
  /** One sentence. */
  readonly text: string;
  /** Of the file or directory that it is about. */
  readonly path?: string;
  /** Those that it is about; the first thousand. */
  readonly clusters: readonly number[];
}

const MOST_FINDINGS = 500;
const MOST_CLUSTERS = 1000;

/** In the order of the disk: boot sector, FATs, files, lost clusters. */
export function check(volume: Volume): Finding[] {
  const found = [
    ...boot(volume),
    ...fats(volume),
    ...volume.nodes.flatMap((node) => nodeFindings(volume, node)),
    ...lost(volume),
    ...freeCount(volume),
  ];
  const unseen = found.length - MOST_FINDINGS;
  const rest: Finding = { severity: 'error', kind: 'cut', text: `And ${unseen} more.`, clusters: [] };
  return unseen > 0 ? [...found.slice(0, MOST_FINDINGS), rest] : found;
}

/** The worst of it, in one word. */
export function verdict(findings: readonly Finding[]): 'clean' | 'lost' | 'errors' {
  if (findings.some(({ severity }) => severity === 'error')) return 'errors';
  return findings.some(({ severity }) => severity === 'lost') ? 'lost' : 'clean';
}

const clustersWord = (count: number) => `${count} ${count === 1 ? 'cluster' : 'clusters'}`;

function boot({ geometry, boot: first, backupBoot, isCut }: Volume): Finding[] {
  const found: Finding[] = [];
  const note = (kind: Finding['kind'], text: string) => found.push({ severity: 'note', kind, text, clusters: [] });
  if (geometry.dirty) note('dirty', 'The dirty bit is set: the volume is mounted, or was not unmounted.');
  const differs = backupBoot?.some((byte, i) => byte !== first[i] && i !== DIRTY_BYTE);
  if (differs) note('boot', 'The boot sector and its copy differ.');
  if (isCut) note('cut', 'There are more files than are looked at: what follows may be wrong.');
  return found;
}

/** fsck.fat leaves it out of the comparison, too. */
const DIRTY_BYTE = BPB32.BS_Reserved1[0];

function fats({ geometry, fats: [first, second] }: Volume): Finding[] {
  if (!first || !second) return [];
  const { count, first: clusters } = differences(first, second, geometry, MOST_CLUSTERS);
  if (count === 0) return [];
  const which = clusters.slice(0, 8).join(', ') + (count > 8 ? '...' : '');
  const text = `The two FATs differ in ${count === 1 ? 'the entry' : `${count} entries`}: ${which}.`;
  return [{ severity: 'error', kind: 'fats', text, clusters }];
}

function nodeFindings(volume: Volume, node: FatNode): Finding[] {
  if (node.kind === 'label' || node.kind === 'deleted') return [];
  const chain = node.kind === 'root' && volume.geometry.bits !== 32 ? undefined : chainFinding(volume, node);
  const odd = node.oddities.map((oddity): Finding => {
    const text = `${node.path} ${ODD_WORDS[oddity]}`;
    return { severity: oddity === 'unread' ? 'note' : 'error', kind: 'entry', text, path: node.path, clusters: [] };
  });
  return chain ? [chain, ...odd] : odd;
}

const ODD_WORDS: Readonly<Record<Oddity, string>> = {
  duplicate: 'has the short name of another file in its directory.',
  name: 'has characters in its short name that none may have.',
  dot: 'does not begin with right entries for itself and the directory above.',
  orphans: 'has long names that belong to no file.',
  unread: 'lies too deep to be looked at.',
};

function chainFinding(volume: Volume, node: FatNode): Finding | undefined {
  const { path, end, endAt, clusters, first } = node;
  const found = (kind: Finding['kind'], text: string, which: readonly number[]): Finding => ({
    severity: 'error',
    kind,
    text: `${path} ${text}`,
    path,
    clusters: which.slice(0, MOST_CLUSTERS),
  });
  const from = clusters === 0 ? 'begins' : 'goes on';
  switch (end) {
    case 'none':
      return node.kind === 'file' ? sizeFinding(volume, node, found) : found('start', 'has no first cluster.', []);
    case 'end':
      return sizeFinding(volume, node, found);
    case 'loop':
      return found('loop', `comes back to its own cluster ${endAt} after ${clustersWord(clusters)}.`, [endAt]);
    case 'crossed': {
      const other = volume.nodes[volume.owners[endAt]!]!;
      return found(
        'crossed',
        `${from} in cluster ${endAt}, which belongs to ${other.path}.`,
        crossedFrom(volume, endAt),
      );
    }
    case 'free':
    case 'bad':
      return found('chain', `${from} in cluster ${endAt}, which is ${end}.`, [endAt]);
    case 'outside':
      return clusters === 0
        ? found('start', `begins in cluster ${first}, which the volume does not have.`, [])
        : found('chain', `goes on in cluster ${endAt}, which the volume does not have.`, []);
  }
}

const crossedFrom = (volume: Volume, cluster: number) => chainOf(volume, cluster, MOST_CLUSTERS);

type Found = (kind: Finding['kind'], text: string, which: readonly number[]) => Finding;

function sizeFinding({ geometry, ...volume }: Volume, node: FatNode, found: Found): Finding | undefined {
  const { kind, size, clusters, first } = node;
  if (kind !== 'file') return size === 0 ? undefined : found('size', `is a directory and has a size of ${size}.`, []);
  const needed = Math.ceil(size / geometry.clusterSize);
  if (needed === clusters) return undefined;
  const text = `has ${size} bytes, which are ${clustersWord(needed)}, and its chain has ${clusters}.`;
  return found('size', text, chainOf({ geometry, ...volume }, first, MOST_CLUSTERS));
}

/** Chains that nobody's entry begins: by their first clusters, then those that go round. */
function lost(volume: Volume): Finding[] {
  const { states, links, geometry } = volume;
  const isLost = (cluster: number) => states[cluster] === CLUSTER.LOST;
  const named = new Uint8Array(states.length);
  const all: number[] = [];
  for (let cluster = 2; cluster < states.length; cluster++) {
    if (!isLost(cluster)) continue;
    all.push(cluster);
    const next = links[cluster]!;
    if (isCluster(geometry, next)) named[next] = 1;
  }
  const done = new Uint8Array(states.length);
  const chains: number[][] = [];
  let more = 0;
  const follow = (first: number) => {
    const chain: number[] = [];
    for (let at = first; isCluster(geometry, at) && isLost(at) && !done[at]; at = nextOf(volume, at)) {
      done[at] = 1;
      chain.push(at);
    }
    if (chain.length > 0 && chains.length < MOST_FINDINGS) chains.push(chain);
    else if (chain.length > 0) more++;
  };
  for (const cluster of all) if (!named[cluster]) follow(cluster);
  for (const cluster of all) follow(cluster);
  const finding = (text: string, clusters: readonly number[]): Finding => ({
    severity: 'lost',
    kind: 'lost',
    text,
    clusters: clusters.slice(0, MOST_CLUSTERS),
  });
  return [
    ...chains.map((chain) =>
      finding(`A chain of ${clustersWord(chain.length)} belongs to no file: ${runsText(chain)}.`, chain),
    ),
    ...(more > 0 ? [finding(`And ${more} more chains belong to no file.`, [])] : []),
  ];
}

function nextOf({ links, geometry }: Volume, cluster: number): number {
  const link = links[cluster]!;
  return linkOf(link, geometry) === 'next' ? link : 0;
}

function freeCount({ notedFree, counts }: Volume): Finding[] {
  if (notedFree === undefined || notedFree === FSI_UNKNOWN) return [];
  const free = counts[CLUSTER.FREE]!;
  if (free === notedFree) return [];
  const text = `FSInfo counts ${notedFree} free clusters, and there are ${free}.`;
  return [{ severity: 'note', kind: 'free count', text, clusters: [] }];
}
