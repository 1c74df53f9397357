/** UDP datagrams, and what speaks over them. RFC 768. */
import { IP_PROTOCOL } from '../../specs/ipv4';
import { UDP, UDP_HEADER_SIZE, UDP_PORT } from '../../specs/udp';
import { type Body, checkTransportSum } from './checksum';
import { dhcp } from './decode_dhcp';
import { dns } from './decode_dns';
import { hex, type Packet, preview } from './packet';

export function udp(packet: Packet, body: Body): void {
  const { at } = body;
  const layer = packet.layer('UDP', at, body.end);
  const source = layer.number('Source port', UDP.sourcePort, 2);
  const destination = layer.number('Destination port', UDP.destinationPort, 2);
  packet.ports.add(source).add(destination);
  packet.info = `UDP ${source} > ${destination}`;
  const length = layer.number('Length', UDP.length, 2);
  if (length < UDP_HEADER_SIZE || length > layer.length)
    layer.give(`${length} bytes with header, of which ${layer.length} are there`);
  layer.end = at + length;
  const checksum = layer.number('Checksum', UDP.checksum, 2, (value) => (value === 0 ? 'none' : hex(value, 4)));
  if (checksum !== 0) checkTransportSum(layer, packet.bytes, IP_PROTOCOL.UDP, { ...body, end: layer.end });
  const data = at + UDP_HEADER_SIZE;
  packet.info += ` ${layer.end - data} bytes`;
  const has = (port: number) => source === port || destination === port;
  if (data === layer.end) return;
  if (has(UDP_PORT.DHCP_SERVER) || has(UDP_PORT.DHCP_CLIENT)) dhcp(packet, data, layer.end);
  else if (has(UDP_PORT.DNS)) dns(packet, data, layer.end);
  else if (has(UDP_PORT.NTP)) ntp(packet, data, layer.end);
  else layer.bytes('Data', UDP_HEADER_SIZE, layer.end - data, preview);
}

const NTP_MODES = ['reserved', 'active', 'passive', 'client', 'server', 'broadcast', 'control', 'private'];

/** RFC 5905 section 7.3: what its first bytes say. */
function ntp(packet: Packet, at: number, end: number): void {
  const layer = packet.layer('NTP', at, end);
  const first = layer.number(
    'Leap, version, mode',
    0,
    1,
    (value) => `${value >> 6}, ${(value >> 3) & 7}, ${NTP_MODES[value & 7]}`,
  );
  packet.info = `NTP ${NTP_MODES[first & 7]}`;
  layer.number('Stratum', 1, 1);
  layer.bytes('Rest', 2, end - at - 2, preview);
}
