/** Dynamic Host Configuration Protocol: messages. RFC 2131 section 2, options of RFC 2132. Numbers are big-endian, addresses unsigned 32-bit. */

/** Offsets within the message; sname and file may hold more options. */
export const DHCP = {
  op: 0,
  htype: 1,
  hlen: 2,
  hops: 3,
  xid: 4,
  secs: 8,
  flags: 10,
  ciaddr: 12,
  yiaddr: 16,
  siaddr: 20,
  giaddr: 24,
  chaddr: 28,
  sname: 44,
  file: 108,
  magic: 236,
  options: 240,
} as const;

export const DHCP_OP = { REQUEST: 1, REPLY: 2 } as const;
export const DHCP_MAGIC = 0x6382_5363;
/** RFC 1542 section 2.1: shorter ones are filled up with zeros. */
export const DHCP_MIN_SIZE = 300;
export const DHCP_FLAG_BROADCAST = 0x8000;

export const DHCP_OPTION = {
  PAD: 0,
  SUBNET_MASK: 1,
  ROUTER: 3,
  DNS: 6,
  HOST_NAME: 12,
  REQUESTED_ADDRESS: 50,
  LEASE_TIME: 51,
  OVERLOAD: 52,
  MESSAGE_TYPE: 53,
  SERVER_ID: 54,
  PARAMETER_LIST: 55,
  MAXIMUM_SIZE: 57,
  RENEWAL_TIME: 58,
  REBINDING_TIME: 59,
  END: 255,
} as const;

export const DHCP_MESSAGE = {
  DISCOVER: 1,
  OFFER: 2,
  REQUEST: 3,
  DECLINE: 4,
  ACK: 5,
  NAK: 6,
  RELEASE: 7,
} as const;

/** LEASE_TIME of an address that is never taken back. */
export const DHCP_FOREVER = 0xffff_ffff;

export interface DhcpMessage {
  readonly op: number;
  readonly xid: number;
  readonly secs: number;
  readonly flags: number;
  readonly ciaddr: number;
  readonly yiaddr: number;
  readonly siaddr: number;
  readonly giaddr: number;
  /** Six bytes. */
  readonly chaddr: Uint8Array;
  readonly options: ReadonlyMap<number, Uint8Array>;
}

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Undefined where `bytes` are no DHCP message over Ethernet. An option that runs over the end is left out. */
export function readDhcp(bytes: Uint8Array): DhcpMessage | undefined {
  if (bytes.length < DHCP.options) return undefined;
  const view = viewOf(bytes);
  const isEthernet = view.getUint8(DHCP.htype) === 1 && view.getUint8(DHCP.hlen) === 6;
  if (!isEthernet || view.getUint32(DHCP.magic) !== DHCP_MAGIC) return undefined;
  return {
    op: view.getUint8(DHCP.op),
    xid: view.getUint32(DHCP.xid),
    secs: view.getUint16(DHCP.secs),
    flags: view.getUint16(DHCP.flags),
    ciaddr: view.getUint32(DHCP.ciaddr),
    yiaddr: view.getUint32(DHCP.yiaddr),
    siaddr: view.getUint32(DHCP.siaddr),
    giaddr: view.getUint32(DHCP.giaddr),
    chaddr: bytes.slice(DHCP.chaddr, DHCP.chaddr + 6),
    options: readOptions(bytes),
  };
}

/** RFC 2132 section 9.3: the field for options may say that file (1), sname (2) or both (3) hold more of them. */
function readOptions(bytes: Uint8Array): Map<number, Uint8Array> {
  const options = new Map<number, Uint8Array>();
  readArea(bytes.subarray(DHCP.options), options);
  const overload = options.get(DHCP_OPTION.OVERLOAD)?.[0] ?? 0;
  if (overload & 1) readArea(bytes.subarray(DHCP.file, DHCP.magic), options);
  if (overload & 2) readArea(bytes.subarray(DHCP.sname, DHCP.file), options);
  return options;
}

/** RFC 3396: an option that comes again goes on where it stopped. */
function readArea(area: Uint8Array, options: Map<number, Uint8Array>): void {
  for (let at = 0; at < area.length; ) {
    const code = area[at]!;
    if (code === DHCP_OPTION.END) return;
    if (code === DHCP_OPTION.PAD) {
      at++;
      continue;
    }
    const end = at + 2 + (area[at + 1] ?? Number.POSITIVE_INFINITY);
    if (end > area.length) return;
    const before = options.get(code) ?? new Uint8Array();
    options.set(code, Uint8Array.of(...before, ...area.subarray(at + 2, end)));
    at = end;
  }
}

/** Options are written in the order of the map; each is at most 255 bytes. */
export function writeDhcp(message: DhcpMessage): Uint8Array {
  const size = [...message.options.values()].reduce((sum, { length }) => sum + 2 + length, DHCP.options + 1);
  const bytes = new Uint8Array(Math.max(size, DHCP_MIN_SIZE));
  const view = viewOf(bytes);
  view.setUint8(DHCP.op, message.op);
  view.setUint8(DHCP.htype, 1);
  view.setUint8(DHCP.hlen, 6);
  view.setUint32(DHCP.xid, message.xid);
  view.setUint16(DHCP.secs, message.secs);
  view.setUint16(DHCP.flags, message.flags);
  view.setUint32(DHCP.ciaddr, message.ciaddr);
  view.setUint32(DHCP.yiaddr, message.yiaddr);
  view.setUint32(DHCP.siaddr, message.siaddr);
  view.setUint32(DHCP.giaddr, message.giaddr);
  bytes.set(message.chaddr, DHCP.chaddr);
  view.setUint32(DHCP.magic, DHCP_MAGIC);
  let at = DHCP.options;
  for (const [code, value] of message.options) {
    bytes.set([code, value.length], at);
    bytes.set(value, at + 2);
    at += 2 + value.length;
  }
  bytes[at] = DHCP_OPTION.END;
  return bytes;
}

/** An address or a number of seconds as the value of an option. */
export function dhcpU32(...values: number[]): Uint8Array {
  return Uint8Array.from(values.flatMap((value) => [value >>> 24, value >>> 16, value >>> 8, value]));
}

/** The 32-bit numbers in the value of an option; none where it is absent. */
export function readDhcpU32s(value: Uint8Array | undefined): number[] {
  if (!value) return [];
  const view = viewOf(value);
  return Array.from({ length: value.length >> 2 }, (_, i) => view.getUint32(i * 4));
}
