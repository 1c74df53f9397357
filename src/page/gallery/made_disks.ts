/** Disks with something on them, each always the same: to look at, to fill, to mend. */
import type { FatBits } from '../../specs/fat';
import { type FatFile, fillFat } from '../../specs/fat_fill';
import { DAMAGED } from './damaged';
import hello from './demo/hello.py?raw';
import journal from './demo/journal.py?raw';
import life from './demo/life.py?raw';
import readme from './demo/readme.txt?raw';
import space from './demo/space.py?raw';
import speed from './demo/speed.py?raw';
import tree from './demo/tree.py?raw';
import whatAFileIs from './demo/what_a_file_is.txt?raw';
import whoDoesWhat from './demo/who_does_what.txt?raw';
import words from './demo/words.py?raw';
import { diskSize, diskWrites, type MadeDisk, type MadeVolume, MIB, type PartitionTable, SECTOR } from './made_disk';
import { MADE_AT, numberedLines, text } from './made_text';

export const DEMO_FILES: readonly FatFile[] = [
  ['readme.txt', readme],
  ['hello.py', hello],
  ['tree.py', tree],
  ['space.py', space],
  ['speed.py', speed],
  ['journal.py', journal],
  ['words.py', words],
  ['life.py', life],
  ['texts/What a file is.txt', whatAFileIs],
  ['texts/Who does what.txt', whoDoesWhat],
].map(([path, content]) => ({ path: path!, bytes: text(content!) }));

/** Two files that grew in turns, as logs do, and one that came later and got the rest. */
const IN_PIECES: readonly FatFile[] = [
  { path: 'readme.txt', bytes: text('long.txt lies in 40 pieces, and steps.txt in the gaps between them.\n') },
  { path: 'long.txt', bytes: numberedLines('long.txt, piece', 40, 2048), gap: 3 },
  { path: 'steps.txt', bytes: numberedLines('steps.txt, piece', 30, 2048), gap: 1 },
  { path: 'last.txt', bytes: numberedLines('last.txt, piece', 60, 2048) },
];

const CLUSTERS_LEFT = 3;

const SECOND = 'The VM gets the first partition. With ?partition=1 in the address it gets the other.\n';

export const MADE_DISKS: readonly MadeDisk[] = [
  disk('Demo files', '16 MiB, FAT12: programs to import, texts to read.', 'mbr', [volume(12, 16, DEMO_FILES, 'DEMO')]),
  disk('Fragmented', '16 MiB, FAT16: a file in 40 pieces, others in the gaps.', 'mbr', [
    volume(16, 16, IN_PIECES, 'PIECES'),
  ]),
  disk('Nearly full', `4 MiB, FAT12: ${CLUSTERS_LEFT} clusters are free.`, 'none', [nearlyFull(12, 4)]),
  disk('Two partitions', 'FAT12 and FAT16 behind an MBR; the VM gets the first.', 'mbr', [
    volume(12, 8, [{ path: 'first.txt', bytes: text(`This is the first partition. ${SECOND}`) }], 'FIRST'),
    volume(16, 32, [{ path: 'second.txt', bytes: text(`This is the second partition. ${SECOND}`) }], 'SECOND'),
  ]),
  disk('GPT', 'FAT32 of 64 MiB behind a GUID partition table.', 'gpt', [volume(32, 64, DEMO_FILES, 'GPT')]),
  DAMAGED,
];

function disk(name: string, says: string, table: PartitionTable, volumes: readonly MadeVolume[]): MadeDisk {
  return { name, says, size: diskSize(table, volumes), writes: () => diskWrites(table, volumes) };
}

function volume(bits: FatBits, megabytes: number, files: readonly FatFile[], label: string): MadeVolume {
  const sectors = (megabytes * MIB) / SECTOR;
  const options = { bits, sectors, label, serial: 0x1105_0000 + bits, time: MADE_AT };
  return { bits, sectors, writes: (hiddenSectors) => fillFat({ ...options, hiddenSectors }, files).writes };
}

function nearlyFull(bits: FatBits, megabytes: number): MadeVolume {
  const sectors = (megabytes * MIB) / SECTOR;
  const options = { bits, sectors, label: 'FULL', serial: 0x1105_0001, time: MADE_AT };
  return {
    bits,
    sectors,
    writes: () => {
      const note = {
        path: 'readme.txt',
        bytes: text(`All but ${CLUSTERS_LEFT} clusters are in use: what Python\nwrites now meets ENOSPC soon.\n`),
      };
      const { free, clusterSize } = fillFat(options, [note]);
      const bytes = numberedLines('full.txt, line', ((free - CLUSTERS_LEFT) * clusterSize) / 64, 64);
      return fillFat(options, [note, { path: 'full.txt', bytes }]).writes;
    },
  };
}
