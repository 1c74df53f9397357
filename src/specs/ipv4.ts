/** Internet Protocol version 4: RFC 791 section 3.1, and the checksum of RFC 1071. Numbers are big-endian; an address is an unsigned 32-bit number. */

/** Offsets within the header. */
export const IPV4 = {
  versionAndLength: 0,
  typeOfService: 1,
  totalLength: 2,
  identification: 4,
  flagsAndOffset: 6,
  timeToLive: 8,
  protocol: 9,
  checksum: 10,
  source: 12,
  destination: 16,
} as const;
/** Without options. */
export const IPV4_HEADER_SIZE = 20;
export const IPV4_VERSION = 4;

/** Of flagsAndOffset; the offset of a fragment counts units of 8 bytes. */
export const IPV4_FLAG = { DONT_FRAGMENT: 0x4000, MORE_FRAGMENTS: 0x2000 } as const;
export const IPV4_OFFSET_MASK = 0x1fff;

export const IP_PROTOCOL = { ICMP: 1, TCP: 6, UDP: 17 } as const;

export const IPV4_ANY = 0;
export const IPV4_BROADCAST = 0xffff_ffff;
export const IPV4_LOCALHOST = 0x7f00_0001;

/** `10.0.2.15`. */
export function formatIpv4(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 0xff).join('.');
}

/** Undefined where `text` is not four decimal numbers below 256 with dots. */
export function parseIpv4(text: string): number | undefined {
  if (!/^\d{1,3}(\.\d{1,3}){3}$/.test(text)) return undefined;
  const bytes = text.split('.').map(Number);
  return bytes.some((byte) => byte > 255) ? undefined : bytes.reduce((sum, byte) => sum * 256 + byte, 0);
}

/** 127.0.0.0/8, RFC 1122 section 3.2.1.3 (g). */
export const isLoopback = (address: number): boolean => address >>> 24 === 127;
/** 224.0.0.0/4. */
export const isMulticast = (address: number): boolean => address >>> 28 === 14;

/**
 * Sum of 16-bit words for the checksum, RFC 1071: in the machine's byte order, which `checksumOf` undoes (section 2 (B)). `start` is an even
 * number of bytes; `length` at most 65535 bytes, so that 32 bits hold the sum. An odd last byte counts as the first of a pair.
 */
export function onesSum(halves: Uint16Array, start: number, length: number): number {
  let sum = 0;
  const first = start >> 1;
  const end = first + (length >> 1);
  for (let i = first; i < end; i++) sum += halves[i]!;
  return length & 1 ? sum + (halves[end]! & 0xff) : sum;
}

/** A 16-bit number as it counts in a sum of the machine's byte order; every machine with a browser is little-endian. */
export const inSum = (value: number): number => ((value & 0xff) << 8) | ((value >>> 8) & 0xff);

/** The checksum to write, as a number; 0 over data that holds its own right checksum. */
export function checksumOf(sum: number): number {
  let folded = (sum & 0xffff) + (sum >>> 16);
  folded = (folded & 0xffff) + (folded >>> 16);
  return inSum(~folded);
}

/** RFC 768 and RFC 9293 section 3.1: the pseudo header that UDP and TCP checksums begin with. */
export function pseudoHeaderSum(source: number, destination: number, protocol: number, length: number): number {
  return (
    inSum(source >>> 16) +
    inSum(source) +
    inSum(destination >>> 16) +
    inSum(destination) +
    inSum(protocol) +
    inSum(length)
  );
}
