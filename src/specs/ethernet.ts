/** Ethernet frames as a driver sees them: no preamble, no frame check sequence. [IEEE 802.3] 3.1.1; the type field, RFC 894. Numbers are big-endian. */

/** Offsets within a frame. */
export const ETHERNET = { destination: 0, source: 6, type: 12 } as const;
export const ETHERNET_HEADER_SIZE = 14;
/** A shorter frame is filled up with zeros. */
export const ETHERNET_MIN_SIZE = 60;
/** Bytes after the header at most. */
export const ETHERNET_MTU = 1500;

export const ETHERTYPE = { IPV4: 0x0800, ARP: 0x0806 } as const;

export const MAC_SIZE = 6;
export const MAC_BROADCAST: Readonly<Uint8Array> = new Uint8Array(MAC_SIZE).fill(0xff);

/** `52:54:01:00:00:07`. */
export function formatMac(mac: Readonly<Uint8Array>): string {
  return Array.from(mac, (byte) => byte.toString(16).padStart(2, '0')).join(':');
}

/** Undefined where `text` is not six bytes in hexadecimal with colons. */
export function parseMac(text: string): Uint8Array | undefined {
  if (!/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(text)) return undefined;
  return Uint8Array.from(text.split(':'), (byte) => Number.parseInt(byte, 16));
}
