/** Heads of HTTP/1.1 messages, RFC 9112: what a peer sent, checked, or why it is refused. Anything ambiguous about where a message ends is. */

/** Bytes of a head, and its lines. */
export const MAX_HEAD = 16 * 1024;
const MAX_FIELDS = 100;

/** By name in lower case; a field that comes twice is joined by a comma, RFC 9110 section 5.3. */
export type Fields = ReadonlyMap<string, string>;

/** `length`: bytes, or 'chunked', or for a response 'to end of connection'. */
export type BodyLength = number | 'chunked' | 'close';

export interface RequestHead {
  readonly method: string;
  /** As sent: a path with its query, or a whole address. */
  readonly target: string;
  readonly fields: Fields;
  readonly body: BodyLength;
  /** Whether the connection stays open after the answer. */
  readonly keepAlive: boolean;
  /** HTTP/1.1 or later: the answer may be chunked. */
  readonly knowsChunks: boolean;
}

export interface ResponseHead {
  readonly status: number;
  readonly reason: string;
  readonly fields: Fields;
  readonly body: BodyLength;
}

/** Why a head is refused: a status for a request's sender, and a sentence. */
export class BadHead extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** Where the head in `bytes` ends, past its empty line; undefined when it does not yet. A line may end with LF alone (RFC 9112 2.2). */
export function headEnd(bytes: Uint8Array): number | undefined {
  for (let at = bytes.indexOf(LF); at >= 0; at = bytes.indexOf(LF, at + 1)) {
    if (bytes[at + 1] === LF) return at + 2;
    if (bytes[at + 1] === CR && bytes[at + 2] === LF) return at + 3;
  }
  return undefined;
}

const LF = 10;
const CR = 13;

/** Throws BadHead. `bytes` end with the empty line. */
export function readRequestHead(bytes: Uint8Array): RequestHead {
  const [line = '', ...rest] = lines(bytes);
  const [, method, target, major, minor] = /^(\S+) (\S+) HTTP\/(\d)\.(\d)$/.exec(line) ?? [];
  if (!method || !target || !TOKEN.test(method)) throw new BadHead(400, 'The first line is no HTTP request.');
  if (major !== '1') throw new BadHead(505, 'This server speaks HTTP/1.1.');
  const fields = readFields(rest);
  const knowsChunks = minor !== '0';
  if (knowsChunks && !fields.has('host')) throw new BadHead(400, 'The request has no Host field.');
  const connection = listOf(fields.get('connection'));
  const keepAlive = knowsChunks ? !connection.includes('close') : connection.includes('keep-alive');
  return { method, target, fields, body: bodyLength(fields) ?? 0, keepAlive, knowsChunks };
}

/** Throws BadHead, with status 502. `method`: of the request, whose answer may have no body. */
export function readResponseHead(bytes: Uint8Array, method: string): ResponseHead {
  try {
    const [line = '', ...rest] = lines(bytes);
    const [, status, reason = ''] = /^HTTP\/1\.\d (\d{3})(?: (.*))?$/.exec(line) ?? [];
    if (status === undefined) throw new BadHead(502, `It begins with ${JSON.stringify(line.slice(0, 80))}.`);
    const code = Number(status);
    const fields = readFields(rest);
    const isBare = method === 'HEAD' || code < 200 || code === 204 || code === 304;
    return { status: code, reason, fields, body: isBare ? 0 : (bodyLength(fields) ?? 'close') };
  } catch (error) {
    if (error instanceof BadHead) throw new BadHead(502, error.message);
    throw error;
  }
}

/** Latin-1, as fields are bytes. */
function lines(bytes: Uint8Array): string[] {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text.replace(/(\r?\n){1,2}$/, '').split(/\r?\n/);
}

function readFields(all: readonly string[]): Map<string, string> {
  const fields = new Map<string, string>();
  if (all.length > MAX_FIELDS) throw new BadHead(431, `More than ${MAX_FIELDS} header fields.`);
  for (const line of all) {
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(colon, 0));
    const value = line.slice(colon + 1).trim();
    // A space before the colon, or a line that goes on: RFC 9112 sections 5.1 and 5.2.
    if (!TOKEN.test(name) || hasControl(value))
      throw new BadHead(400, `${JSON.stringify(line.slice(0, 80))} is no header field.`);
    const key = name.toLowerCase();
    const before = fields.get(key);
    fields.set(key, before === undefined ? value : `${before}, ${value}`);
  }
  return fields;
}

const hasControl = (value: string) => [...value].some((char) => (char < ' ' && char !== '\t') || char === '\x7f');

/** RFC 9112 section 6.3; undefined when the fields do not say. */
function bodyLength(fields: Fields): number | 'chunked' | undefined {
  const coding = fields.get('transfer-encoding');
  const length = fields.get('content-length');
  if (coding !== undefined && length !== undefined)
    throw new BadHead(400, 'Both Transfer-Encoding and Content-Length are given.');
  if (coding !== undefined) {
    if (coding.toLowerCase() !== 'chunked') throw new BadHead(501, `Transfer-Encoding ${coding} is not known here.`);
    return 'chunked';
  }
  if (length === undefined) return undefined;
  // The same value twice is allowed by section 6.3; nobody needs it.
  if (!/^\d{1,15}$/.test(length)) throw new BadHead(400, `Content-Length ${length.slice(0, 40)} is no length.`);
  return Number(length);
}

const listOf = (value = '') => value.split(',').map((item) => item.trim().toLowerCase());
