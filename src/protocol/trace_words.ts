/** What flight-recorder records say about requests: the numbers that name them, and several small numbers in one word. */

/** Why the guest touches its disk, as bits: a page of 4 KiB may hold several things. */
export const WHY = {
  BOOT_SECTOR: 1,
  FSINFO: 2,
  FAT: 4,
  /** Another copy of the FAT. */
  FAT_COPY: 8,
  DIRECTORY: 16,
  FILE: 32,
  /** A part of the page is going to be changed, and the rest of it has to stay. */
  PART: 64,
  /** The mark that the volume is in use, or no longer. */
  MARK: 128,
} as const;

/** One request of the guest to its disk. */
export interface DiskWords {
  /** Pages of 4 KiB that somebody needs now. */
  readonly asked: number;
  /** Pages behind them that are read in case somebody goes on reading. */
  readonly ahead: number;
  /** First descriptor of its chain in the virtqueue. */
  readonly slot: number;
  readonly why: number;
}

const DISK = { asked: [0, 7], ahead: [7, 7], slot: [14, 7], why: [21, 11] } as const;

/** One request of 4096-byte blocks in a queue, on the way to the device. */
export interface BlockWords {
  readonly count: number;
  /** Its id in the queue it was put into; at the virtio driver the first descriptor. */
  readonly id: number;
  /** BLK_REQ_CODE. */
  readonly code: number;
}

const BLOCKS = { count: [0, 16], id: [16, 10], code: [26, 2] } as const;

type Table<T> = Readonly<Record<keyof T, readonly [at: number, bits: number]>>;

/** The same for values too large for their bits, which only a component that breaks the rules writes: they are cut. */
function pack<T extends object>(table: Table<T>, values: T): number {
  let word = 0;
  for (const name in table) {
    const [at, bits] = table[name];
    word |= (Number(values[name]) & (2 ** bits - 1)) << at;
  }
  return word >>> 0;
}

function unpack<T>(table: Table<T>, word: number): T {
  const values = {} as Record<keyof T, number>;
  for (const name in table) {
    const [at, bits] = table[name];
    values[name] = (word >>> at) & (2 ** bits - 1);
  }
  return values as T;
}

export const packDisk = (words: DiskWords): number => pack(DISK, words);
export const unpackDisk = (word: number): DiskWords => unpack<DiskWords>(DISK, word);
export const packBlocks = (words: BlockWords): number => pack(BLOCKS, words);
export const unpackBlocks = (word: number): BlockWords => unpack<BlockWords>(BLOCKS, word);

const NUMBERS = 2 ** 28;
/** Stands where a client's number would: the guest does it of its own accord. */
const GUEST = 15;

/**
 * The number of a request in every recorder, never 0: the file system server makes it of what it knows of the client (its number, 0 to
 * 14) and of the low bits of the command's id. Two of one client have the same number after 2^28 commands.
 */
export function requestOf(client: number, id: number): number {
  return client * NUMBERS + (id % NUMBERS || 1);
}

/** The guest's own doings, by a number that it counts on. */
export function ownRequest(number: number): number {
  return requestOf(GUEST, number);
}

export function clientOf(request: number): number | 'guest' {
  const client = Math.floor(request / NUMBERS);
  return client === GUEST ? 'guest' : client;
}
