/** TCP segments, and the first line of HTTP in them. RFC 9293 section 3.1. */
import { IP_PROTOCOL } from '../../specs/ipv4';
import { TCP, TCP_FLAG, TCP_HEADER_SIZE, TCP_OPTION } from '../../specs/tcp';
import { ascii } from '../byte_words';
import { type Body, checkTransportSum } from './checksum';
import { hex, type LayerReader, type Packet, preview } from './packet';

const HTTP_PORT = 80;
const HTTP_LINE = /^(?:[A-Z]+ \S+ HTTP\/1\.\d|HTTP\/1\.\d \d{3}[^\r\n]*)/;
/** In the order in which they are usually said. */
const FLAGS = ['SYN', 'FIN', 'RST', 'PSH', 'ACK', 'URG'] as const;

const flagWords = (flags: number): string => FLAGS.filter((name) => flags & TCP_FLAG[name]).join(', ');

export function tcp(packet: Packet, body: Body): void {
  const { at, end } = body;
  const layer = packet.layer('TCP', at, end);
  const source = layer.number('Source port', TCP.sourcePort, 2);
  const destination = layer.number('Destination port', TCP.destinationPort, 2);
  packet.ports.add(source).add(destination);
  packet.info = `TCP ${source} > ${destination}`;
  const sequence = layer.number('Sequence', TCP.sequence, 4);
  const acknowledgment = layer.number('Acknowledgment', TCP.acknowledgment, 4);
  const headerSize =
    (layer.number('Header length', TCP.dataOffset, 1, (value) => `${(value >> 4) * 4} bytes`) >> 4) << 2;
  if (headerSize < TCP_HEADER_SIZE || headerSize > layer.length)
    layer.give(`A header of ${headerSize} bytes: there are ${layer.length}, and 20 are the least`);
  const flags = layer.number('Flags', TCP.flags, 1, flagWords);
  const window = layer.number('Window', TCP.window, 2);
  layer.number('Checksum', TCP.checksum, 2, (value) => hex(value, 4));
  checkTransportSum(layer, packet.bytes, IP_PROTOCOL.TCP, body);
  layer.number('Urgent pointer', TCP.urgentPointer, 2);
  const length = end - at - headerSize;
  const ack = flags & TCP_FLAG.ACK ? ` ack ${acknowledgment}` : '';
  packet.info += ` [${flagWords(flags)}] seq ${sequence}${ack} win ${window}${length > 0 ? ` len ${length}` : ''}`;
  options(layer, headerSize);
  if (length > 0) data(packet, layer, headerSize);
}

const OPTION_NAMES: Readonly<Record<number, string>> = {
  [TCP_OPTION.MAXIMUM_SEGMENT_SIZE]: 'Maximum segment size',
  [TCP_OPTION.WINDOW_SCALE]: 'Window scale',
};

function options(layer: LayerReader, headerSize: number): void {
  for (let offset = TCP_HEADER_SIZE; offset < headerSize; ) {
    const kind = layer.peek('Option', offset, 1);
    if (kind <= TCP_OPTION.NO_OPERATION) {
      layer.number('Option', offset++, 1, () => (kind === TCP_OPTION.END ? 'end' : 'no operation'));
      if (kind === TCP_OPTION.END) return;
      continue;
    }
    const size = offset + 1 < headerSize ? layer.peek('Option', offset + 1, 1) : 0;
    const room = headerSize - offset;
    const isWhole = size >= 2 && size <= room;
    layer.bytes(OPTION_NAMES[kind] ?? `Option ${kind}`, offset, isWhole ? size : room, optionWords);
    if (!isWhole) return layer.wrong(`An option of ${size} bytes where there are ${room}`);
    offset += size;
  }
}

function optionWords(bytes: Uint8Array): string {
  if (bytes[0] === TCP_OPTION.MAXIMUM_SEGMENT_SIZE && bytes.length === 4) return String((bytes[2]! << 8) | bytes[3]!);
  if (bytes[0] === TCP_OPTION.WINDOW_SCALE && bytes.length === 3) return String(bytes[2]!);
  return preview(bytes.subarray(2));
}

function data(packet: Packet, tcpLayer: LayerReader, headerSize: number): void {
  const { end } = tcpLayer;
  const at = tcpLayer.at + headerSize;
  const line = packet.ports.has(HTTP_PORT)
    ? HTTP_LINE.exec(String.fromCharCode(...packet.bytes.subarray(at, end)))?.[0]
    : undefined;
  if (line === undefined) {
    tcpLayer.bytes('Data', headerSize, end - at, preview);
    return;
  }
  const layer = packet.layer('HTTP', at, end);
  layer.bytes('First line', 0, line.length, ascii);
  if (end - at > line.length) layer.bytes('Rest', line.length, end - at - line.length, preview);
  packet.info = `HTTP ${ascii(packet.bytes.subarray(at, at + line.length))}`;
}
