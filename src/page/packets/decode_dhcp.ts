/** DHCP messages with their options. RFC 2131 section 2, RFC 2132. */
import { DHCP, DHCP_MAGIC, DHCP_MESSAGE, DHCP_OP, DHCP_OPTION } from '../../specs/dhcp';
import { formatMac, MAC_SIZE } from '../../specs/ethernet';
import { formatIpv4, IPV4_ANY } from '../../specs/ipv4';
import { ascii } from '../byte_words';
import { hex, type LayerReader, type Packet, preview } from './packet';

const MESSAGES: Readonly<Record<number, string>> = {
  [DHCP_MESSAGE.DISCOVER]: 'Discover',
  [DHCP_MESSAGE.OFFER]: 'Offer',
  [DHCP_MESSAGE.REQUEST]: 'Request',
  [DHCP_MESSAGE.DECLINE]: 'Decline',
  [DHCP_MESSAGE.ACK]: 'Ack',
  [DHCP_MESSAGE.NAK]: 'Nak',
  [DHCP_MESSAGE.RELEASE]: 'Release',
};

const number = (bytes: Uint8Array) => bytes.reduce((sum, byte) => sum * 256 + byte, 0);
const addresses = (bytes: Uint8Array) =>
  Array.from({ length: bytes.length >> 2 }, (_, i) => formatIpv4(number(bytes.subarray(4 * i, 4 * i + 4)))).join(', ');
const seconds = (bytes: Uint8Array) => `${number(bytes)} s`;

const OPTIONS: Readonly<Record<number, readonly [label: string, say: (bytes: Uint8Array) => string]>> = {
  [DHCP_OPTION.SUBNET_MASK]: ['Subnet mask', addresses],
  [DHCP_OPTION.ROUTER]: ['Router', addresses],
  [DHCP_OPTION.DNS]: ['DNS servers', addresses],
  [DHCP_OPTION.HOST_NAME]: ['Host name', ascii],
  [DHCP_OPTION.REQUESTED_ADDRESS]: ['Requested address', addresses],
  [DHCP_OPTION.LEASE_TIME]: ['Lease time', seconds],
  [DHCP_OPTION.MESSAGE_TYPE]: ['Message type', (bytes) => MESSAGES[bytes[0]!] ?? String(bytes[0])],
  [DHCP_OPTION.SERVER_ID]: ['Server', addresses],
  [DHCP_OPTION.PARAMETER_LIST]: ['Parameters asked for', (bytes) => bytes.join(', ')],
  [DHCP_OPTION.MAXIMUM_SIZE]: ['Longest message', (bytes) => `${number(bytes)} bytes`],
  [DHCP_OPTION.RENEWAL_TIME]: ['Renewal time', seconds],
  [DHCP_OPTION.REBINDING_TIME]: ['Rebinding time', seconds],
};

export function dhcp(packet: Packet, at: number, end: number): void {
  const layer = packet.layer('DHCP', at, end);
  packet.info = 'DHCP';
  layer.number('Operation', DHCP.op, 1, (value) =>
    value === DHCP_OP.REQUEST ? 'request' : value === DHCP_OP.REPLY ? 'reply' : String(value),
  );
  layer.number('Hardware', DHCP.htype, 1);
  layer.number('Hardware size', DHCP.hlen, 1);
  layer.number('Hops', DHCP.hops, 1);
  layer.number('Transaction', DHCP.xid, 4, (value) => hex(value, 8));
  layer.number('Seconds', DHCP.secs, 2);
  layer.number('Flags', DHCP.flags, 2, (value) => hex(value, 4));
  layer.number('Client address', DHCP.ciaddr, 4, formatIpv4);
  const yours = layer.number('Your address', DHCP.yiaddr, 4, formatIpv4);
  layer.number('Next server', DHCP.siaddr, 4, formatIpv4);
  layer.number('Relay', DHCP.giaddr, 4, formatIpv4);
  layer.bytes('Client MAC', DHCP.chaddr, MAC_SIZE, formatMac);
  layer.bytes('Server name', DHCP.sname, DHCP.file - DHCP.sname, text);
  layer.bytes('Boot file', DHCP.file, DHCP.magic - DHCP.file, text);
  const magic = layer.number('Magic cookie', DHCP.magic, 4, (value) => hex(value, 8));
  if (magic !== DHCP_MAGIC) layer.give(`it should be ${hex(DHCP_MAGIC, 8)}`);
  const found = options(layer);
  const type = found.get(DHCP_OPTION.MESSAGE_TYPE)?.[0] ?? 0;
  const asked = found.get(DHCP_OPTION.REQUESTED_ADDRESS);
  const about = yours !== IPV4_ANY ? ` ${formatIpv4(yours)}` : asked ? ` ${addresses(asked)}` : '';
  packet.info = `DHCP ${MESSAGES[type] ?? 'message'}${about}`;
}

function options(layer: LayerReader): Map<number, Uint8Array> {
  const found = new Map<number, Uint8Array>();
  for (let offset: number = DHCP.options; layer.at + offset < layer.end; ) {
    const code = layer.peek('Options', offset, 1);
    if (code === DHCP_OPTION.END) {
      layer.number('End of options', offset, 1, () => '');
      break;
    }
    if (code === DHCP_OPTION.PAD) {
      offset++;
      continue;
    }
    const [label, say] = OPTIONS[code] ?? [`Option ${code}`, preview];
    const size = layer.peek(label, offset + 1, 1);
    const value = layer.bytes(label, offset, 2 + size, (bytes) => say(bytes.subarray(2))).subarray(2);
    found.set(code, value);
    offset += 2 + size;
  }
  return found;
}

const text = (bytes: Uint8Array) => ascii(bytes.subarray(0, bytes.indexOf(0) < 0 ? bytes.length : bytes.indexOf(0)));
