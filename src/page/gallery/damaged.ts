/** A FAT32 with known faults, such as fsck.fat finds on cards that were pulled out. */
import { BPB32, BS_DIRTY, FAT_MARKS, type Field, FSINFO, writeField } from '../../specs/fat';
import { type FilledFat, fillFat } from '../../specs/fat_fill';
import type { SparseWrite } from '../../specs/fat_format';
import { type MadeDisk, MIB, SECTOR } from './made_disk';
import { MADE_AT, numberedLines, text } from './made_text';

/** What is wrong, in the order of `faults`. */
export const FAULTS = [
  'The dirty bit is set, as after a power cut.',
  'FSInfo counts 1000 free clusters too many.',
  'A chain of 3 clusters belongs to no file.',
  'crossed.txt runs into the second cluster of shared.txt.',
  'short.txt says it has 4 clusters, and its chain has 1.',
] as const;

const SIZE = 34 * MIB;
const CLUSTER = 512;
const LOST = 3;
const BACKUP_BOOT_SECTOR = 6;
const README = text(`What is wrong with this disk:\n\n${FAULTS.map((fault) => `- ${fault}\n`).join('')}`);

export const DAMAGED: MadeDisk = {
  name: 'Damaged',
  says: `34 MiB, FAT32, with ${FAULTS.length} faults: readme.txt on it lists them. It is mounted read-only.`,
  size: SIZE,
  writes: damagedWrites,
};

function damagedWrites(): SparseWrite[] {
  const options = { bits: 32, sectors: SIZE / SECTOR, label: 'DAMAGED', serial: 0x1105_00bd, time: MADE_AT } as const;
  const lines = (name: string) => ({ path: name, bytes: numberedLines(`${name}, line`, 4 * (CLUSTER / 64), 64) });
  const sound = { path: 'sound.txt', bytes: text('Nothing is wrong with this file.\n') };
  const files = [
    { path: 'readme.txt', bytes: README },
    sound,
    ...['shared.txt', 'crossed.txt', 'short.txt'].map(lines),
  ];
  const filled = fillFat(options, files);
  return [...filled.writes, ...faults(filled)];
}

/** In small writes over what is there: the FATs and both boot sectors stay equal. */
function faults({ chains, free, fatStart, fatLength }: FilledFat): SparseWrite[] {
  const { END } = FAT_MARKS[32];
  const links = (cluster: number, next: number) =>
    [fatStart, fatStart + fatLength].map((start) => number([start + cluster * 4, 4], next));
  const lost = Math.max(...[...chains.values()].flat()) + 10;
  const [shared, crossed, short] = ['/shared.txt', '/crossed.txt', '/short.txt'].map((path) => chains.get(path)!);
  return [
    ...[0, BACKUP_BOOT_SECTOR].map((sector) => number([sector * SECTOR + BPB32.BS_Reserved1[0], 1], BS_DIRTY)),
    // Without the lost ones, and with those that the cut chains let go of.
    number([SECTOR + FSINFO.FSI_Free_Count[0], 4], free - LOST + 3 + 3 + 1000),
    ...[1, 2, LOST].flatMap((n) => links(lost + n - 1, n === LOST ? END : lost + n)),
    ...links(crossed![0]!, shared![1]!),
    ...crossed!.slice(1).flatMap((cluster) => links(cluster, 0)),
    ...links(short![0]!, END),
    ...short!.slice(1).flatMap((cluster) => links(cluster, 0)),
  ];
}

function number([offset, size]: Field, value: number): SparseWrite {
  const bytes = new Uint8Array(size);
  writeField(bytes, [0, size], value);
  return { offset, bytes };
}
