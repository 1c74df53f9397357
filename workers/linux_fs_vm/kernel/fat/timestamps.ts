/** FAT's dates, kept in UTC: two seconds, ten milliseconds for creation, one day for access. [FATGEN103] "Date and Time Formats". */
import { DIR, readField, writeField } from '../../../../src/specs/fat';

const FIRST = Date.UTC(1980, 0, 1);
const LAST = Date.UTC(2107, 11, 31, 23, 59, 58);

export interface FatTime {
  readonly date: number;
  readonly time: number;
  /** Hundredths of a second after `time`, 0 to 199. */
  readonly tenth: number;
}

export function encodeTime(unixMs: number): FatTime {
  const clamped = Math.min(LAST, Math.max(FIRST, Number.isFinite(unixMs) ? unixMs : FIRST));
  const at = new Date(clamped);
  return {
    date: ((at.getUTCFullYear() - 1980) << 9) | ((at.getUTCMonth() + 1) << 5) | at.getUTCDate(),
    time: (at.getUTCHours() << 11) | (at.getUTCMinutes() << 5) | (at.getUTCSeconds() >> 1),
    tenth: (at.getUTCSeconds() & 1) * 100 + Math.floor(at.getUTCMilliseconds() / 10),
  };
}

/** A disk may hold month 0 or hour 31: Date.UTC carries such values over, and month and day 0 count as 1. */
export function decodeTime(date: number, time: number, tenth = 0): number {
  const month = Math.max(1, (date >> 5) & 15);
  const day = Math.max(1, date & 31);
  return Date.UTC(1980 + (date >> 9), month - 1, day, time >> 11, (time >> 5) & 63, (time & 31) * 2) + tenth * 10;
}

export function stampCreation(entry: Uint8Array, unixMs: number): void {
  const { date, time, tenth } = encodeTime(unixMs);
  writeField(entry, DIR.DIR_CrtTimeTenth, tenth);
  writeField(entry, DIR.DIR_CrtTime, time);
  writeField(entry, DIR.DIR_CrtDate, date);
  stampWrite(entry, unixMs);
}

/** The last write, which is an access too. */
export function stampWrite(entry: Uint8Array, unixMs: number): void {
  const { date, time } = encodeTime(unixMs);
  writeField(entry, DIR.DIR_WrtTime, time);
  writeField(entry, DIR.DIR_WrtDate, date);
  writeField(entry, DIR.DIR_LstAccDate, date);
}

export function readTimes(entry: Uint8Array): { atime: number; mtime: number } {
  return {
    atime: decodeTime(readField(entry, DIR.DIR_LstAccDate), 0),
    mtime: decodeTime(readField(entry, DIR.DIR_WrtDate), readField(entry, DIR.DIR_WrtTime)),
  };
}
