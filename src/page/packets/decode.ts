/** Takes frames apart. What a frame has wrong is said at its field; there is no frame that throws. */
import { ARP, ARP_HARDWARE_ETHERNET, ARP_OPERATION, ARP_SIZE } from '../../specs/arp';
import { ETHERNET, ETHERNET_HEADER_SIZE, ETHERTYPE, formatMac, MAC_SIZE } from '../../specs/ethernet';
import {
  formatIpv4,
  IP_PROTOCOL,
  IPV4,
  IPV4_FLAG,
  IPV4_HEADER_SIZE,
  IPV4_OFFSET_MASK,
  IPV4_VERSION,
} from '../../specs/ipv4';
import { checkInternetSum } from './checksum';
import { icmp } from './decode_icmp';
import { tcp } from './decode_tcp';
import { udp } from './decode_udp';
import { hex, type LayerReader, Malformed, Packet, preview } from './packet';

export function decode(bytes: Uint8Array): Packet {
  const packet = new Packet(bytes);
  try {
    ethernet(packet);
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    packet.info = packet.info === '' ? error.message : `${packet.info}: ${error.message}`;
  }
  return packet;
}

const NAMES: Readonly<Record<number, string>> = { [ETHERTYPE.IPV4]: 'IPv4', [ETHERTYPE.ARP]: 'ARP' };
/** Of IEEE 802.3: a smaller number is the length of what follows. */
const FIRST_TYPE = 0x600;

function ethernet(packet: Packet): void {
  const layer = packet.layer('Ethernet', 0, packet.bytes.length);
  const destination = layer.bytes('Destination', ETHERNET.destination, MAC_SIZE, formatMac);
  const source = layer.bytes('Source', ETHERNET.source, MAC_SIZE, formatMac);
  packet.between(formatMac(source), formatMac(destination));
  const type = layer.number('Type', ETHERNET.type, 2, (value) =>
    value < FIRST_TYPE ? `length ${value}` : `${hex(value, 4)}${value in NAMES ? `, ${NAMES[value]}` : ''}`,
  );
  packet.info = type < FIRST_TYPE ? `${type} bytes` : `Type ${hex(type, 4)}`;
  const end = packet.bytes.length;
  if (type === ETHERTYPE.ARP) arp(packet, ETHERNET_HEADER_SIZE, end);
  else if (type === ETHERTYPE.IPV4) ipv4(packet, ETHERNET_HEADER_SIZE, end);
  else rest(packet, 'Data', ETHERNET_HEADER_SIZE, end);
}

/** What no protocol here reads. */
function rest(packet: Packet, name: string, at: number, end: number): void {
  if (at >= end) return;
  const { protocol } = packet;
  packet.layer(name, at, end).bytes('Bytes', 0, end - at, preview);
  packet.protocol = protocol;
}

const OPERATIONS: Readonly<Record<number, string>> = {
  [ARP_OPERATION.REQUEST]: 'request',
  [ARP_OPERATION.REPLY]: 'reply',
};

function arp(packet: Packet, at: number, end: number): void {
  const layer = packet.layer('ARP', at, end);
  packet.info = 'ARP';
  layer.number('Hardware', ARP.hardware, 2, (value) => (value === ARP_HARDWARE_ETHERNET ? 'Ethernet' : String(value)));
  layer.number('Protocol', ARP.protocol, 2, (value) => (value === ETHERTYPE.IPV4 ? 'IPv4' : hex(value, 4)));
  for (const [label, offset, size] of [
    ['Hardware size', ARP.hardwareLength, MAC_SIZE],
    ['Protocol size', ARP.protocolLength, 4],
  ] as const) {
    const found = layer.number(label, offset, 1);
    if (found !== size) layer.give(`${label} is ${found}, not ${size}`);
  }
  const operation = layer.number('Operation', ARP.operation, 2, (value) => OPERATIONS[value] ?? String(value));
  const mac = formatMac(layer.bytes('Sender MAC', ARP.senderMac, MAC_SIZE, formatMac));
  const sender = formatIpv4(layer.number('Sender IP', ARP.senderIp, 4, formatIpv4));
  layer.bytes('Target MAC', ARP.targetMac, MAC_SIZE, formatMac);
  const target = formatIpv4(layer.number('Target IP', ARP.targetIp, 4, formatIpv4));
  packet.between(sender, target);
  if (operation === ARP_OPERATION.REQUEST) packet.info = `ARP who has ${target}, tell ${sender}`;
  else if (operation === ARP_OPERATION.REPLY) packet.info = `ARP ${sender} is at ${mac}`;
  else packet.info = `ARP operation ${operation}`;
  layer.end = at + ARP_SIZE;
  rest(packet, 'Padding', layer.end, end);
}

const PROTOCOLS: Readonly<Record<number, string>> = {
  [IP_PROTOCOL.ICMP]: 'ICMP',
  [IP_PROTOCOL.TCP]: 'TCP',
  [IP_PROTOCOL.UDP]: 'UDP',
};

function ipv4(packet: Packet, at: number, frameEnd: number): void {
  const layer = packet.layer('IPv4', at, frameEnd);
  packet.info = 'IPv4';
  const [headerSize, end] = ipv4Sizes(layer);
  layer.number('Identification', IPV4.identification, 2, (value) => hex(value, 4));
  const fragment = layer.number('Flags and offset', IPV4.flagsAndOffset, 2, fragmentWords);
  layer.number('Time to live', IPV4.timeToLive, 1);
  const protocol = layer.number('Protocol', IPV4.protocol, 1, (value) => PROTOCOLS[value] ?? String(value));
  layer.number('Checksum', IPV4.checksum, 2, (value) => hex(value, 4));
  checkInternetSum(layer, packet.bytes, at, headerSize);
  const source = layer.number('Source', IPV4.source, 4, formatIpv4);
  const destination = layer.number('Destination', IPV4.destination, 4, formatIpv4);
  packet.between(formatIpv4(source), formatIpv4(destination));
  if (headerSize > IPV4_HEADER_SIZE) layer.bytes('Options', IPV4_HEADER_SIZE, headerSize - IPV4_HEADER_SIZE, preview);
  const body = { at: at + headerSize, end, source, destination };
  const isPart = (fragment & (IPV4_OFFSET_MASK | IPV4_FLAG.MORE_FRAGMENTS)) !== 0;
  packet.info = isPart
    ? `Fragment of ${PROTOCOLS[protocol] ?? 'IPv4'}: ${fragmentWords(fragment)}`
    : `IPv4 protocol ${protocol}`;
  if (isPart) rest(packet, 'Fragment', body.at, end);
  else if (protocol === IP_PROTOCOL.ICMP) icmp(packet, body);
  else if (protocol === IP_PROTOCOL.UDP) udp(packet, body);
  else if (protocol === IP_PROTOCOL.TCP) tcp(packet, body);
  else rest(packet, 'Data', body.at, end);
  rest(packet, 'Padding', end, frameEnd);
}

/** Length of the header, and where the packet ends in the frame. */
function ipv4Sizes(layer: LayerReader): [headerSize: number, end: number] {
  const first = layer.number(
    'Version and header length',
    IPV4.versionAndLength,
    1,
    (value) => `${value >> 4}, ${(value & 15) * 4} bytes`,
  );
  const headerSize = (first & 15) * 4;
  if (first >> 4 !== IPV4_VERSION) layer.give(`IP version ${first >> 4} in a frame of type IPv4`);
  if (headerSize < IPV4_HEADER_SIZE || headerSize > layer.length)
    layer.give(`A header of ${headerSize} bytes: there are ${layer.length}, and 20 are the least`);
  layer.number('Type of service', IPV4.typeOfService, 1, (value) => hex(value, 2));
  const total = layer.number('Total length', IPV4.totalLength, 2);
  if (total < headerSize) layer.give(`${total} bytes are less than the header`);
  const room = layer.length;
  if (total > room) layer.wrong(`${total} bytes, of which the frame has ${room}`);
  layer.end = Math.min(layer.at + total, layer.end);
  return [headerSize, layer.end];
}

function fragmentWords(value: number): string {
  const flags = [
    ...(value & IPV4_FLAG.DONT_FRAGMENT ? ["don't fragment"] : []),
    ...(value & IPV4_FLAG.MORE_FRAGMENTS ? ['more fragments'] : []),
  ];
  return [...flags, `offset ${(value & IPV4_OFFSET_MASK) * 8}`].join(', ');
}
