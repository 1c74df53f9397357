/** What a stack counts, for panels and tests. */
export interface Counters {
  framesIn: number;
  framesOut: number;
  /** Frames and packets that are too short for what they say, or whose addresses make no sense. */
  malformed: number;
  badChecksum: number;
  /** For another station, another protocol, or an address that is not ours. */
  notOurs: number;
  /** Fragments of datagrams: they are dropped. */
  fragments: number;
  /** Datagrams for which a queue had no room. */
  overflowed: number;
  /** Segments sent again, by either timer or duplicate acknowledgments. */
  retransmitted: number;
  /** Segments whose RST or SYN was answered by a challenge, RFC 5961. */
  challenged: number;
}

export function newCounters(): Counters {
  return {
    framesIn: 0,
    framesOut: 0,
    malformed: 0,
    badChecksum: 0,
    notOurs: 0,
    fragments: 0,
    overflowed: 0,
    retransmitted: 0,
    challenged: 0,
  };
}
