/** Internet Control Message Protocol. RFC 792; codes of "destination unreachable" also RFC 1122 section 3.2.2.1. Numbers are big-endian. */

/** Offsets within the message; identifier and sequence are those of an echo. */
export const ICMP = { type: 0, code: 1, checksum: 2, identifier: 4, sequence: 6 } as const;
export const ICMP_HEADER_SIZE = 8;

export const ICMP_TYPE = { ECHO_REPLY: 0, DESTINATION_UNREACHABLE: 3, ECHO: 8, TIME_EXCEEDED: 11 } as const;

export const ICMP_UNREACHABLE = { NET: 0, HOST: 1, PROTOCOL: 2, PORT: 3, FRAGMENTATION_NEEDED: 4 } as const;

/** An error message quotes the header of the datagram and at least this much of what followed it. */
export const ICMP_QUOTE_SIZE = 8;
