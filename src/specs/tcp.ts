/** Transmission Control Protocol: segments. RFC 9293 section 3.1; window scale, RFC 7323 section 2.2. Numbers are big-endian. */

/** Offsets within the header; the upper half of dataOffset counts words of 4 bytes. */
export const TCP = {
  sourcePort: 0,
  destinationPort: 2,
  sequence: 4,
  acknowledgment: 8,
  dataOffset: 12,
  flags: 13,
  window: 14,
  checksum: 16,
  urgentPointer: 18,
} as const;
/** Without options. */
export const TCP_HEADER_SIZE = 20;

export const TCP_FLAG = { FIN: 1, SYN: 2, RST: 4, PSH: 8, ACK: 16, URG: 32 } as const;

/** Kinds of options, and their length with kind and length byte. */
export const TCP_OPTION = { END: 0, NO_OPERATION: 1, MAXIMUM_SEGMENT_SIZE: 2, WINDOW_SCALE: 3 } as const;
export const TCP_MSS_OPTION_SIZE = 4;
export const TCP_WINDOW_SCALE_OPTION_SIZE = 3;
/** MSS, a no-operation, window scale. */
export const TCP_SYN_OPTIONS_SIZE = 8;

/** RFC 9293 section 3.7.1: what a peer that names none takes. */
export const TCP_DEFAULT_MSS = 536;
/** RFC 7323 section 2.3: a larger shift counts as this. */
export const TCP_MAX_WINDOW_SCALE = 14;

/** Sequence numbers wrap: a is before b when their distance is less than half the space. RFC 9293 section 3.4. */
export const seqBefore = (a: number, b: number): boolean => ((a - b) | 0) < 0;
export const seqAtMost = (a: number, b: number): boolean => ((a - b) | 0) <= 0;
/** Bytes from b to a, where a is not before b. */
export const seqDistance = (a: number, b: number): number => (a - b) >>> 0;

export interface TcpSegment {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly sequence: number;
  readonly acknowledgment: number;
  readonly flags: number;
  /** As sent, not scaled. */
  readonly window: number;
  /** Where the data begins in the buffer, and how much there is. */
  readonly at: number;
  readonly length: number;
  /** Options that only a SYN carries. */
  readonly mss: number | undefined;
  readonly windowScale: number | undefined;
}

/** The segment of `length` bytes at `at`; undefined when its data offset does not fit. Options are read of a SYN only; bad ones end the list. */
export function readTcp(view: DataView, at: number, length: number): TcpSegment | undefined {
  const headerSize = length >= TCP_HEADER_SIZE ? (view.getUint8(at + TCP.dataOffset) >> 4) * 4 : 0;
  if (headerSize < TCP_HEADER_SIZE || headerSize > length) return undefined;
  const flags = view.getUint8(at + TCP.flags);
  const isSyn = (flags & TCP_FLAG.SYN) !== 0;
  const { mss, windowScale } = isSyn ? readOptions(view, at + TCP_HEADER_SIZE, at + headerSize) : NO_OPTIONS;
  return {
    sourcePort: view.getUint16(at + TCP.sourcePort),
    destinationPort: view.getUint16(at + TCP.destinationPort),
    sequence: view.getUint32(at + TCP.sequence),
    acknowledgment: view.getUint32(at + TCP.acknowledgment),
    flags,
    window: view.getUint16(at + TCP.window),
    at: at + headerSize,
    length: length - headerSize,
    mss,
    windowScale,
  };
}

interface SynOptions {
  mss: number | undefined;
  windowScale: number | undefined;
}
const NO_OPTIONS: Readonly<SynOptions> = { mss: undefined, windowScale: undefined };

function readOptions(view: DataView, from: number, end: number): SynOptions {
  const found = { ...NO_OPTIONS };
  for (let at = from; at < end; ) {
    const kind = view.getUint8(at);
    if (kind === TCP_OPTION.END) break;
    if (kind === TCP_OPTION.NO_OPERATION) {
      at++;
      continue;
    }
    const size = at + 1 < end ? view.getUint8(at + 1) : 0;
    if (size < 2 || at + size > end) break;
    if (kind === TCP_OPTION.MAXIMUM_SEGMENT_SIZE && size === TCP_MSS_OPTION_SIZE) found.mss = view.getUint16(at + 2);
    if (kind === TCP_OPTION.WINDOW_SCALE && size === TCP_WINDOW_SCALE_OPTION_SIZE)
      found.windowScale = Math.min(view.getUint8(at + 2), TCP_MAX_WINDOW_SCALE);
    at += size;
  }
  return found;
}

/** The options of a SYN: 8 bytes without a window scale too, so that headers have one size. */
export function writeSynOptions(view: DataView, at: number, mss: number, windowScale: number | undefined): void {
  view.setUint8(at, TCP_OPTION.MAXIMUM_SEGMENT_SIZE);
  view.setUint8(at + 1, TCP_MSS_OPTION_SIZE);
  view.setUint16(at + 2, mss);
  const noOperation = TCP_OPTION.NO_OPERATION * 0x0101_0101;
  view.setUint32(at + 4, noOperation);
  if (windowScale === undefined) return;
  view.setUint8(at + 5, TCP_OPTION.WINDOW_SCALE);
  view.setUint8(at + 6, TCP_WINDOW_SCALE_OPTION_SIZE);
  view.setUint8(at + 7, windowScale);
}
