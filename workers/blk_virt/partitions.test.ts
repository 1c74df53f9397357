/** Partition tables typed in by hand, from the UEFI specification's offsets. */
import { describe, expect, test } from 'vitest';
import { readRecord, recordBlock } from './logical';
import { type Gpt, readGptEntries, readTable, refusal } from './partitions';

const SECTORS = 32768;
const WHOLE = { partitions: [{ startSector: 0, sectors: SECTORS }], firstSector: 0 };

function mbr(...entries: [index: number, type: number, start: number, sectors: number][]): Uint8Array {
  const block = new Uint8Array(4096);
  const view = new DataView(block.buffer);
  for (const [i, type, start, sectors] of entries) {
    block[446 + 16 * i + 4] = type;
    view.setUint32(446 + 16 * i + 8, start, true);
    view.setUint32(446 + 16 * i + 12, sectors, true);
  }
  view.setUint16(510, 0xaa55, true);
  return block;
}

/** Independent of src/specs: table-driven, most significant bit first on reversed bytes would be another way. */
function crc(bytes: Uint8Array): number {
  const table = Array.from({ length: 256 }, (_, n) => {
    let c = n;
    for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
    return c >>> 0;
  });
  return ~bytes.reduce((c, b) => table[(c ^ b) & 255]! ^ (c >>> 8), -1) >>> 0;
}

function gptDisk(change: (disk: Uint8Array, view: DataView) => void = () => {}, seal = true): Uint8Array {
  const disk = new Uint8Array(6 * 4096);
  disk.set(mbr([0, 0xee, 1, SECTORS - 1]));
  const view = new DataView(disk.buffer);
  disk.set(new TextEncoder().encode('EFI PART'), 512);
  view.setUint32(512 + 12, 92, true);
  view.setBigUint64(512 + 72, 2n, true);
  view.setUint32(512 + 80, 128, true);
  view.setUint32(512 + 84, 128, true);
  disk[1024 + 128] = 0xaf; // second entry: any type GUID but zero
  view.setBigUint64(1024 + 128 + 32, 2048n, true);
  view.setBigUint64(1024 + 128 + 40, 4095n, true);
  view.setUint32(512 + 88, crc(disk.subarray(1024, 1024 + 128 * 128)), true);
  change(disk, view);
  view.setUint32(512 + 16, 0, true);
  if (seal) view.setUint32(512 + 16, crc(disk.subarray(512, 512 + 92)), true);
  return disk;
}

function read(disk: Uint8Array) {
  let first = readTable(disk.slice(0, 4096), SECTORS);
  for (let steps = 0; 'logical' in first; steps++) {
    expect(steps).toBeLessThan(100);
    const at = recordBlock(first.logical) * 4096;
    first = readRecord(first.logical, disk.slice(at, at + 4096));
  }
  if (!('gpt' in first)) return first;
  const { block, count } = (first.gpt as Gpt).wanted;
  return readGptEntries(first.gpt, disk.slice(block * 4096, (block + count) * 4096));
}

describe('MBR', () => {
  test('entries by index, empty ones absent', () => {
    expect(read(mbr([0, 0x83, 2048, 30712], [2, 0x0c, 32760, 8]))).toEqual({
      partitions: [{ startSector: 2048, sectors: 30712 }, undefined, { startSector: 32760, sectors: 8 }, undefined],
      firstSector: 1,
    });
  });

  test('no signature: no table, so that the file system can say what is on it', () => {
    expect(read(new Uint8Array(4096))).toEqual(WHOLE);
  });

  test('a FAT boot sector at 0 is a disk without table', () => {
    const block = mbr();
    block.set([0xeb, 0x3c, 0x90]);
    block.set([0, 2, 8], 11);
    block[16] = 2;
    expect(read(block)).toEqual(WHOLE);
  });

  test('a boot sector that no FAT has is still no table: the file system says what is wrong', () => {
    const block = mbr();
    block.set([0xeb, 0x3c, 0x90]);
    expect(read(block)).toEqual(WHOLE);
  });

  test('boot code that begins with a jump does not hide a table', () => {
    const block = mbr([0, 0x83, 2048, 30712]);
    block.set([0xeb, 0x63, 0x90]);
    expect(read(block)).toMatchObject({ partitions: [{ startSector: 2048 }, undefined, undefined, undefined] });
  });

  test.each([0x01, 0x7f, 0x81])('a status byte of %d is no table', (status) => {
    const block = mbr([0, 0x83, 2048, 30712]);
    block[446 + 16] = status;
    expect(read(block)).toEqual({ refused: 'Invalid MBR signature' });
  });
});

describe('GPT', () => {
  test('entries by index', () => {
    const table = read(gptDisk());
    expect('partitions' in table && [table.partitions.length, table.firstSector]).toEqual([128, 34]);
    expect('partitions' in table && table.partitions.slice(0, 3)).toEqual([
      undefined,
      { startSector: 2048, sectors: 2048 },
      undefined,
    ]);
  });

  test.each<[string, (disk: Uint8Array, view: DataView) => void, RegExp]>([
    ['a table of 4 GiB', (_, view) => view.setUint32(512 + 80, 0xffff_ffff, true), /4294967295 entries/],
    ['entries of no size', (_, view) => view.setUint32(512 + 84, 0, true), /entries of 0 bytes/],
    [
      'entries past the disk',
      (_, view) => view.setBigUint64(512 + 72, 0xffff_ffff_ffff_ffffn, true),
      /outside the disk/,
    ],
    ['a header too short', (_, view) => view.setUint32(512 + 12, 16, true), /header size 16/],
    ['a changed entry', (disk) => disk.fill(7, 1024 + 160, 1024 + 161), /entries checksum/],
    ['no signature', (disk) => disk.fill(0, 512, 520), /GPT signature/],
  ])('%s is refused', (_, change, sentence) => {
    expect(read(gptDisk(change))).toEqual({ refused: expect.stringMatching(sentence) });
  });

  test('a wrong header checksum is refused', () => {
    expect(read(gptDisk(undefined, false))).toEqual({ refused: 'GPT header checksum is wrong' });
  });
});

describe('who may have a partition', () => {
  const table = (...partitions: ([number, number] | undefined)[]) => ({
    partitions: partitions.map((p) => p && { startSector: p[0], sectors: p[1] }),
    firstSector: 34,
  });
  test.each<[string, ReturnType<typeof table>, number, RegExp | undefined]>([
    ['good', table([2048, 30712]), 0, undefined],
    ['to the last sector', table([2048, SECTORS - 2048]), 0, undefined],
    ['one sector too long', table([2048, SECTORS - 2047]), 0, /outside the disk/],
    ['starting at the end', table([SECTORS, 8]), 0, /outside the disk/],
    ['not there', table([2048, 8], undefined), 1, /does not exist/],
    ['not on a block', table([63, 1000]), 0, /not aligned/],
    ['over the table', table([32, 1000]), 0, /belongs to the partition table/],
    ['over sector 0', table([0, 1000]), 0, /belongs to the partition table/],
    ['right after the table', table([40, 1000]), 0, undefined],
    ['overlapping', table([2048, 1000], [3040, 1000]), 0, /overlaps partition 1/],
    ['overlapping one before it', table([2048, 1000], [3040, 1000]), 1, /overlaps partition 0/],
    ['touching', table([2048, 1000], [3048, 1000]), 0, undefined],
    ['ending before it starts', table([2048, Number.NaN]), 0, /outside the disk/],
  ])('%s', (_, partitions, index, sentence) => {
    const why = refusal(partitions, index, SECTORS);
    if (sentence) expect(why).toMatch(sentence);
    else expect(why).toBeUndefined();
  });
});

describe('logical partitions', () => {
  type Entry = [type: number, start: number, sectors: number];

  /** A disk with an extended partition of 8192 sectors at 4096, and records at the given sectors behind its start. */
  function extendedDisk(records: Record<number, [own: Entry, link?: Entry]>): Uint8Array {
    const disk = new Uint8Array(SECTORS * 512);
    disk.set(mbr([0, 0x0c, 2048, 2048], [1, 0x05, 4096, 8192]));
    for (const [at, entries] of Object.entries(records)) {
      const record = mbr(...entries.map((entry, i): [number, ...Entry] => [i, ...entry!]));
      disk.set(record.subarray(0, 512), (4096 + Number(at)) * 512);
    }
    return disk;
  }

  const found = (disk: Uint8Array) => {
    const table = read(disk);
    return 'partitions' in table ? table.partitions.slice(4) : table;
  };

  test('are 4 and up, each counted from its own record, links from the extended partition', () => {
    const disk = extendedDisk({
      0: [
        [0x83, 8, 1000],
        [0x05, 1008, 2000],
      ],
      1008: [
        [0x0c, 16, 500],
        [0x05, 3000, 100],
      ],
      3000: [[0x83, 8, 92]],
    });
    expect(found(disk)).toEqual([
      { startSector: 4104, sectors: 1000 },
      { startSector: 5120, sectors: 500 },
      { startSector: 7104, sectors: 92 },
    ]);
    expect(refusal(read(disk) as never, 1, SECTORS)).toBe(
      'partition: 1 is an extended partition: its logical ones are 4 and up',
    );
    expect(refusal(read(disk) as never, 5, SECTORS)).toBe(undefined);
    expect(refusal(read(disk) as never, 7, SECTORS)).toBe('partition: 7, partition does not exist');
  });

  test.each<[string, Record<number, [Entry, Entry?]>, number]>([
    [
      'a record that links to itself',
      {
        0: [
          [0x83, 8, 100],
          [0x05, 0, 100],
        ],
      },
      1,
    ],
    [
      'two that link to each other',
      {
        0: [
          [0x83, 8, 100],
          [0x05, 200, 100],
        ],
        200: [
          [0x83, 8, 90],
          [0x05, 0, 100],
        ],
      },
      2,
    ],
    [
      'a link out of the extended partition',
      {
        0: [
          [0x83, 8, 100],
          [0x05, 9000, 100],
        ],
      },
      1,
    ],
    [
      'a record without a signature',
      {
        0: [
          [0x83, 8, 100],
          [0x05, 200, 100],
        ],
      },
      1,
    ],
    ['no record at all', {}, 0],
  ])('%s ends the chain, and what was found before counts', (_, records, count) => {
    expect(found(extendedDisk(records))).toHaveLength(count);
  });

  test('a chain without end is cut', () => {
    const record = (i: number): [Entry, Entry] => [
      [0x83, 1, 1],
      [0x05, (i + 1) * 8, 8],
    ];
    const disk = extendedDisk(Object.fromEntries(Array.from({ length: 500 }, (_, i) => [i * 8, record(i)])));
    expect(found(disk)).toHaveLength(60);
  });
});
