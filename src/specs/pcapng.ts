/** Packet captures for Wireshark. [PCAPNG] draft-ietf-opsawg-pcapng, section 4. Little-endian, as section 4.1 lets the writer choose. */

export const PCAPNG_BLOCK = { SECTION_HEADER: 0x0a0d_0d0a, INTERFACE_DESCRIPTION: 1, ENHANCED_PACKET: 6 } as const;
export const PCAPNG_BYTE_ORDER_MAGIC = 0x1a2b_3c4d;
export const PCAPNG_LINKTYPE_ETHERNET = 1;

/** Options; every list ends with END. */
export const PCAPNG_OPTION = { END: 0, IF_NAME: 2, IF_TSRESOL: 9 } as const;
/** if_tsresol: units of 10^-9 s. */
const NANOSECONDS = 9;

const padded = (length: number) => (length + 3) & ~3;

/** A block: type, total length, body, total length again. `body` is a multiple of 4 bytes. */
function block(type: number, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(12 + body.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, type, true);
  view.setUint32(4, bytes.length, true);
  bytes.set(body, 8);
  view.setUint32(8 + body.length, bytes.length, true);
  return bytes;
}

function option(code: number, value: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4 + padded(value.length));
  const view = new DataView(bytes.buffer);
  view.setUint16(0, code, true);
  view.setUint16(2, value.length, true);
  bytes.set(value, 4);
  return bytes;
}
const END_OF_OPTIONS = new Uint8Array(4);

function concatenated(...parts: Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** What a capture begins with; its length is not known in advance. */
export function pcapngSectionHeader(): Uint8Array {
  const body = new Uint8Array(16);
  const view = new DataView(body.buffer);
  view.setUint32(0, PCAPNG_BYTE_ORDER_MAGIC, true);
  view.setUint16(4, 1, true);
  view.setUint16(6, 0, true);
  view.setBigInt64(8, -1n, true);
  return block(PCAPNG_BLOCK.SECTION_HEADER, body);
}

/** An Ethernet interface; packets name it by its place among these, from 0. `name` is ASCII. */
export function pcapngInterface(name: string, snapLength = 0): Uint8Array {
  const fixed = new Uint8Array(8);
  const view = new DataView(fixed.buffer);
  view.setUint16(0, PCAPNG_LINKTYPE_ETHERNET, true);
  view.setUint32(4, snapLength, true);
  const named = option(
    PCAPNG_OPTION.IF_NAME,
    Uint8Array.from(name, (char) => char.charCodeAt(0)),
  );
  const resolution = option(PCAPNG_OPTION.IF_TSRESOL, Uint8Array.of(NANOSECONDS));
  return block(PCAPNG_BLOCK.INTERFACE_DESCRIPTION, concatenated(fixed, named, resolution, END_OF_OPTIONS));
}

/** A frame of `interfaceId` at `timeNs` since 1970. `originalLength` is more than the frame's when it was cut. */
export function pcapngPacket(
  interfaceId: number,
  timeNs: bigint,
  frame: Uint8Array,
  originalLength = frame.length,
): Uint8Array {
  const body = new Uint8Array(20 + padded(frame.length));
  const view = new DataView(body.buffer);
  view.setUint32(0, interfaceId, true);
  view.setUint32(4, Number((timeNs >> 32n) & 0xffff_ffffn), true);
  view.setUint32(8, Number(timeNs & 0xffff_ffffn), true);
  view.setUint32(12, frame.length, true);
  view.setUint32(16, originalLength, true);
  body.set(frame, 20);
  return block(PCAPNG_BLOCK.ENHANCED_PACKET, body);
}
