/** What flight-recorder records say, in words that several views use. */
import { BLK_REQ_CODE } from '../../protocol/blk_queue';
import { WHY } from '../../protocol/trace_words';

export const nameIn = (table: Readonly<Record<string, number>>, value: number): string =>
  Object.keys(table).find((name) => table[name] === value) ?? String(value);

/** 1 block, 3 blocks. */
export const many = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

/** "218", "218 to 221". */
export const range = (first: number, count: number): string =>
  count > 1 ? `${first} to ${first + count - 1}` : String(first);

/** A request in a block queue: "WRITE block 218". */
export function blockWords(code: number, block: number, count: number): string {
  const name = nameIn(BLK_REQ_CODE, code);
  return count === 0 ? name : `${name} block${count === 1 ? '' : 's'} ${range(block, count)}`;
}

const THINGS = [
  [WHY.BOOT_SECTOR, 'the boot sector'],
  [WHY.FSINFO, 'FSInfo, the count of free clusters'],
  [WHY.FAT, 'the FAT'],
  [WHY.FAT_COPY, 'the copy of the FAT'],
  [WHY.DIRECTORY, 'a directory'],
  [WHY.FILE, "the file's contents"],
] as const;

/** "the FAT and a directory"; "something" when the guest has not said. */
export function whatWords(why: number): string {
  const things = THINGS.filter(([bit]) => why & bit).map(([, words]) => words);
  if (things.length === 0) return 'something';
  return things.length === 1 ? things[0]! : `${things.slice(0, -1).join(', ')} and ${things.at(-1)}`;
}

export function clusterWords(first: number, count: number): string {
  return `${count === 1 ? 'cluster' : 'clusters'} ${range(first, count)}`;
}

export type WhyName = keyof typeof WHY;

export function whyNames(why: number): WhyName[] {
  return (Object.keys(WHY) as WhyName[]).filter((name) => why & WHY[name]);
}
