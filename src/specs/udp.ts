/** User Datagram Protocol. RFC 768. Numbers are big-endian. */

/** Offsets within the header. The length counts the header too; a checksum of 0 says that there is none. */
export const UDP = { sourcePort: 0, destinationPort: 2, length: 4, checksum: 6 } as const;
export const UDP_HEADER_SIZE = 8;

export const UDP_PORT = { DNS: 53, DHCP_SERVER: 67, DHCP_CLIENT: 68, NTP: 123 } as const;
