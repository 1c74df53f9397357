/** DNS messages: questions and answers. RFC 1035 section 4. */
import {
  DNS,
  DNS_FLAG,
  DNS_HEADER_SIZE,
  DNS_MAX_LABEL,
  DNS_MAX_NAME,
  DNS_RCODE,
  DNS_RCODE_MASK,
  DNS_TYPE,
} from '../../specs/dns';
import { formatIpv4 } from '../../specs/ipv4';
import { ascii } from '../byte_words';
import { hex, type LayerReader, type Packet, preview } from './packet';

const TYPES: Readonly<Record<number, string>> = {
  [DNS_TYPE.A]: 'A',
  [DNS_TYPE.CNAME]: 'CNAME',
  [DNS_TYPE.AAAA]: 'AAAA',
};
const typeWords = (type: number) => TYPES[type] ?? `type ${type}`;
const RCODES: Readonly<Record<number, string>> = {
  [DNS_RCODE.OK]: 'no error',
  [DNS_RCODE.FORMAT_ERROR]: 'format error',
  [DNS_RCODE.SERVER_FAILURE]: 'server failure',
  [DNS_RCODE.NAME_ERROR]: 'no such name',
  [DNS_RCODE.NOT_IMPLEMENTED]: 'not implemented',
};
const rcodeWords = (flags: number) => RCODES[flags & DNS_RCODE_MASK] ?? `code ${flags & DNS_RCODE_MASK}`;
/** Sections 4.1.2 and 4.1.3: what follows a name. */
const QUESTION_SIZE = 4;
const RECORD_SIZE = 10;
/** Two bits that make two bytes a pointer into the message. */
const POINTER = 0xc0;

export function dns(packet: Packet, at: number, end: number): void {
  const layer = packet.layer('DNS', at, end);
  packet.info = 'DNS';
  layer.number('Id', DNS.id, 2, (value) => hex(value, 4));
  const flags = layer.number('Flags', DNS.flags, 2, flagWords);
  const questions = layer.number('Questions', DNS.questions, 2);
  const answers = layer.number('Answers', DNS.answers, 2);
  layer.number('Authorities', DNS.authorities, 2);
  layer.number('Additionals', DNS.additionals, 2);
  let offset = DNS_HEADER_SIZE;
  for (let n = 0; n < questions; n++) {
    const { name, size } = nameAt(layer, offset);
    const type = layer.peek('Question', offset + size, 2);
    layer.bytes('Question', offset, size + QUESTION_SIZE, () => `${typeWords(type)} ${name}`);
    packet.info = `DNS ${typeWords(type)} ${name}`;
    offset += size + QUESTION_SIZE;
  }
  const found: string[] = [];
  for (let n = 0; n < answers; n++) offset = answer(layer, offset, found);
  if (flags & DNS_FLAG.RESPONSE) packet.info += `: ${found.length > 0 ? found.join(', ') : rcodeWords(flags)}`;
  if (layer.at + offset < end) layer.bytes('Rest', offset, end - layer.at - offset, preview);
}

function flagWords(flags: number): string {
  const isResponse = (flags & DNS_FLAG.RESPONSE) !== 0;
  const named = [
    isResponse ? 'response' : 'query',
    ...(flags & DNS_FLAG.AUTHORITATIVE ? ['authoritative'] : []),
    ...(flags & DNS_FLAG.TRUNCATED ? ['truncated'] : []),
    ...(flags & DNS_FLAG.RECURSION_DESIRED ? ['recursion desired'] : []),
    ...(isResponse ? [rcodeWords(flags)] : []),
  ];
  return named.join(', ');
}

/** Adds what it says to `found`, and returns where the next one begins. */
function answer(layer: LayerReader, offset: number, found: string[]): number {
  const { name, size } = nameAt(layer, offset);
  const type = layer.peek('Answer', offset + size, 2);
  const seconds = layer.peek('Answer', offset + size + 4, 4);
  const length = layer.peek('Answer', offset + size + 8, 2);
  layer.bytes('Answer', offset, size + RECORD_SIZE + length, (bytes) => {
    const said = answerWords(layer, type, offset + size + RECORD_SIZE, bytes.subarray(size + RECORD_SIZE));
    found.push(said);
    return `${typeWords(type)} ${name}: ${said}, ${seconds} s`;
  });
  return offset + size + RECORD_SIZE + length;
}

function answerWords(layer: LayerReader, type: number, offset: number, data: Uint8Array): string {
  if (type === DNS_TYPE.A && data.length === 4) return formatIpv4(layer.peek('Answer', offset, 4));
  return type === DNS_TYPE.CNAME ? nameAt(layer, offset).name : preview(data);
}

/** A name and the bytes it takes here; section 4.1.4: it may go on elsewhere in the message. */
function nameAt(layer: LayerReader, offset: number): { name: string; size: number } {
  const labels: string[] = [];
  let size: number | undefined;
  let at = offset;
  for (let steps = 0; steps < DNS_MAX_NAME; steps++) {
    const length = layer.peek('Name', at, 1);
    if (length === 0) return { name: labels.join('.'), size: size ?? at + 1 - offset };
    if (length >= POINTER) {
      size ??= at + 2 - offset;
      at = layer.peek('Name', at, 2) & 0x3fff;
      continue;
    }
    if (length > DNS_MAX_LABEL) layer.fail('Name', at, `A label of ${length} bytes: ${DNS_MAX_LABEL} are the most`);
    layer.peek('Name', at + length, 1);
    labels.push(ascii(new Uint8Array(layer.view.buffer, layer.view.byteOffset + layer.at + at + 1, length)));
    at += 1 + length;
  }
  return layer.fail('Name', offset, 'A name runs in circles');
}
