/** Network Time Protocol, version 4: the packet without extensions. RFC 5905 section 7.3. Numbers are big-endian. */

/** Offsets within the packet; the four timestamps are 64-bit, seconds since 1900 and their fraction. */
export const NTP = {
  leapVersionMode: 0,
  stratum: 1,
  poll: 2,
  precision: 3,
  rootDelay: 4,
  rootDispersion: 8,
  referenceId: 12,
  reference: 16,
  originate: 24,
  receive: 32,
  transmit: 40,
} as const;
export const NTP_SIZE = 48;

export const NTP_VERSION = 4;
export const NTP_MODE = { CLIENT: 3, SERVER: 4 } as const;

/** From 1900-01-01 to 1970-01-01: 70 years with 17 leap days. */
export const NTP_UNIX_OFFSET_S = (70 * 365 + 17) * 86_400;

/** Writes `unixMs` as a timestamp: of era 0 until 2036, then of era 1. */
export function writeNtpTimestamp(view: DataView, at: number, unixMs: number): void {
  const seconds = Math.floor(unixMs / 1000);
  view.setUint32(at, (seconds + NTP_UNIX_OFFSET_S) % 0x1_0000_0000);
  view.setUint32(at + 4, ((unixMs / 1000 - seconds) * 0x1_0000_0000) >>> 0);
}

/** In milliseconds of Unix time. Seconds with their top bit clear are of era 1, which begins in 2036 (RFC 4330 section 3). */
export function readNtpTimestamp(view: DataView, at: number): number {
  const seconds = view.getUint32(at);
  const era = seconds < 0x8000_0000 ? 0x1_0000_0000 : 0;
  return (seconds + era - NTP_UNIX_OFFSET_S + view.getUint32(at + 4) / 0x1_0000_0000) * 1000;
}

/** The answer of a server of stratum 1 to `request`; undefined where that is none of a client. RFC 5905 section 9.2. */
export function ntpReply(request: Uint8Array, receivedMs: number, sentMs: number): Uint8Array | undefined {
  const first = request[0] ?? 0;
  if (request.length < NTP_SIZE || (first & 7) !== NTP_MODE.CLIENT) return undefined;
  const reply = new Uint8Array(NTP_SIZE);
  const view = new DataView(reply.buffer);
  const version = first & 0x38;
  view.setUint8(NTP.leapVersionMode, version | NTP_MODE.SERVER);
  view.setUint8(NTP.stratum, 1);
  view.setUint8(NTP.poll, request[NTP.poll]!);
  // About a millisecond: 2^-10 s.
  view.setInt8(NTP.precision, -10);
  reply.set([0x4c, 0x4f, 0x43, 0x4c], NTP.referenceId);
  writeNtpTimestamp(view, NTP.reference, receivedMs);
  reply.set(request.subarray(NTP.transmit, NTP.transmit + 8), NTP.originate);
  writeNtpTimestamp(view, NTP.receive, receivedMs);
  writeNtpTimestamp(view, NTP.transmit, sentMs);
  return reply;
}
