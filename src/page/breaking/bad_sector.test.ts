import { expect, test } from 'vitest';
import type { DiskMapData, MappedFile, MappedVolume } from '../diskmap/automation';
import { sectorOfLargest } from './bad_sector';

const file = (path: string, size: number, chain: readonly number[], kind: MappedFile['kind'] = 'file') => ({
  path,
  kind,
  size,
  modified: undefined,
  chain,
});
const map = (...files: MappedFile[]): DiskMapData => {
  const volume = { clusterSize: 4096, dataSector: 64, files } as unknown as MappedVolume;
  return {
    table: 'mbr',
    sectors: 65536,
    partitions: [
      { index: 0, startSector: 2048, sectors: 30000, volume },
      { index: 1, startSector: 40000, sectors: 100, problem: 'No FAT volume.' },
    ],
  };
};

test('the first sector of the largest file, from the start of the disk', () => {
  const found = sectorOfLargest(map(file('/a', 10, [9]), file('/big', 5000, [7, 8]), file('/c', 4096, [2])));
  expect(found).toBe(2048 + 64 + 5 * 8);
});

test('neither a directory, nor an empty file, nor what was deleted', () => {
  const none = map(file('/d', 0, [5], 'directory'), file('/e', 0, []), file('/gone', 99_999, [], 'deleted'));
  expect(sectorOfLargest(none)).toBeUndefined();
});
