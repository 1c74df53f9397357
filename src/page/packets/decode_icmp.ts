/** ICMP messages: echoes, and errors with the datagram they quote. RFC 792. */
import { ICMP, ICMP_HEADER_SIZE, ICMP_TYPE, ICMP_UNREACHABLE } from '../../specs/icmp';
import { type Body, checkInternetSum } from './checksum';
import { hex, type Packet, preview } from './packet';

const TYPES: Readonly<Record<number, string>> = {
  [ICMP_TYPE.ECHO_REPLY]: 'Echo reply',
  [ICMP_TYPE.DESTINATION_UNREACHABLE]: 'Destination unreachable',
  [ICMP_TYPE.ECHO]: 'Echo request',
  [ICMP_TYPE.TIME_EXCEEDED]: 'Time exceeded',
};
const UNREACHABLE: Readonly<Record<number, string>> = {
  [ICMP_UNREACHABLE.NET]: 'network',
  [ICMP_UNREACHABLE.HOST]: 'host',
  [ICMP_UNREACHABLE.PROTOCOL]: 'protocol',
  [ICMP_UNREACHABLE.PORT]: 'port',
  [ICMP_UNREACHABLE.FRAGMENTATION_NEEDED]: 'fragmentation needed',
};

export function icmp(packet: Packet, { at, end }: Body): void {
  const layer = packet.layer('ICMP', at, end);
  const type = layer.number('Type', ICMP.type, 1, (value) => `${value}, ${TYPES[value] ?? 'unknown'}`);
  const isUnreachable = type === ICMP_TYPE.DESTINATION_UNREACHABLE;
  const code = layer.number('Code', ICMP.code, 1, (value) =>
    isUnreachable && value in UNREACHABLE ? `${value}, ${UNREACHABLE[value]}` : String(value),
  );
  packet.info = TYPES[type] ?? `ICMP type ${type}`;
  if (isUnreachable) packet.info += `: ${UNREACHABLE[code] ?? code}`;
  layer.number('Checksum', ICMP.checksum, 2, (value) => hex(value, 4));
  checkInternetSum(layer, packet.bytes, at, end - at);
  if (type === ICMP_TYPE.ECHO || type === ICMP_TYPE.ECHO_REPLY) {
    const identifier = layer.number('Identifier', ICMP.identifier, 2);
    const sequence = layer.number('Sequence', ICMP.sequence, 2);
    packet.info += ` id ${identifier} seq ${sequence}`;
  } else layer.bytes('Rest of header', ICMP.identifier, 4, preview);
  if (end > at + ICMP_HEADER_SIZE) layer.bytes('Data', ICMP_HEADER_SIZE, end - at - ICMP_HEADER_SIZE, preview);
}
