/**
 * The HTTP server at 10.0.2.2, port 80: the course files, and a few addresses to try a client on.
 *   GET  /big?size=n   n bytes, byte i is i mod 251; ranges too
 *   POST /echo         what was sent, with its type            (PUT too)
 *   POST /discard      how many bytes came, as JSON            (PUT too)
 *   GET  https://...   a request carried by fetch, where that is switched on
 */
import type { Carrier } from './carrier';
import type { Course } from './course';
import { type Answer, at, collected, type Exchange, refusal, whole } from './http_answer';
import type { Handler } from './http_connection';
import type { RequestHead } from './http_head';
import { ranged, type Sized } from './http_range';

const MAX_ECHO = 4 * 1024 * 1024;
const MAX_BIG = 1024 * 1024 * 1024;
/** A prime, so that a piece in the wrong place shows. */
export const PATTERN = 251;

export function httpHost(course: Course, carrier: Carrier, wake: () => void): Handler {
  return (head) => {
    if (/^https?:/i.test(head.target)) return carrier.exchange(head, head.target);
    const [path = '', query = ''] = head.target.split('?', 2);
    if (!path.startsWith('/')) return at(refusal(400, 'The target of a request begins with a slash here.'));
    if (path === '/echo') return echo(head, wake);
    if (path === '/discard') return discard(head);
    if (head.method !== 'GET' && head.method !== 'HEAD') return at(notAllowed('GET, HEAD'));
    if (path === '/big') return at(ranged(big(query), head));
    return collected(0, async () => ranged(await course.file(path), head), wake);
  };
}

const isUpload = ({ method }: RequestHead) => method === 'POST' || method === 'PUT';

const notAllowed = (methods: string) => refusal(405, `There is only ${methods} here.`, { Allow: methods });

function echo(head: RequestHead, wake: () => void): Exchange {
  if (!isUpload(head)) return at(notAllowed('POST, PUT'));
  const type = head.fields.get('content-type') ?? 'application/octet-stream';
  return collected(MAX_ECHO, (body) => whole(200, type, body), wake);
}

function discard(head: RequestHead): Exchange {
  if (!isUpload(head)) return at(notAllowed('POST, PUT'));
  let size = 0;
  let answer: Answer | undefined;
  return {
    body: (bytes) => {
      size += bytes.length;
    },
    end: () => {
      answer = whole(200, 'application/json', `{"bytes": ${size}}\n`);
    },
    get answer() {
      return answer;
    },
  };
}

function big(query: string): Sized | Answer {
  const text = new Map(query.split('&').map((pair) => pair.split('=', 2) as [string, string])).get('size') ?? '';
  const length = Number(text);
  if (!/^\d{1,10}$/.test(text) || length > MAX_BIG)
    return refusal(400, `Ask for /big?size=n, with n a number of bytes up to ${MAX_BIG}.`);
  const from = (start: number) => pattern(start, length);
  return { status: 200, fields: { 'Content-Type': 'application/octet-stream' }, length, body: from(0), from };
}

const PATTERN_BYTES = Uint8Array.from({ length: PATTERN * 512 }, (_, i) => i % PATTERN);

function pattern(start: number, end: number): Answer['body'] {
  let position = start;
  return (max) => {
    if (position >= end) return null;
    const phase = position % PATTERN;
    const n = Math.min(max, end - position, PATTERN_BYTES.length - phase);
    position += n;
    return PATTERN_BYTES.subarray(phase, phase + n);
  };
}
