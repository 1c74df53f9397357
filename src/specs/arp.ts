/** Address resolution for IPv4 on Ethernet. RFC 826, "Packet format". Numbers are big-endian. */

/** Offsets within the packet: hardware and protocol addresses of sender and target. */
export const ARP = {
  hardware: 0,
  protocol: 2,
  hardwareLength: 4,
  protocolLength: 5,
  operation: 6,
  senderMac: 8,
  senderIp: 14,
  targetMac: 18,
  targetIp: 24,
} as const;
export const ARP_SIZE = 28;

export const ARP_HARDWARE_ETHERNET = 1;
export const ARP_OPERATION = { REQUEST: 1, REPLY: 2 } as const;
