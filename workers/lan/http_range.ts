/** One range of a body, RFC 9110 section 14; of several, as of what cannot be read, the whole body is the answer, as the section allows. */
import { type Answer, fromBytes, refusal } from './http_answer';
import type { RequestHead } from './http_head';

/** An answer whose body can begin anywhere. */
export interface Sized extends Answer {
  readonly length: number;
  from(start: number): Answer['body'];
}

/** The bytes, as an answer of which parts can be had. */
export function sized(type: string, bytes: Uint8Array): Sized {
  const from = (start: number) => fromBytes(bytes.subarray(start));
  return { status: 200, fields: { 'Content-Type': type }, length: bytes.length, body: from(0), from };
}

const isSized = (answer: Answer | Sized): answer is Sized => 'from' in answer;

export function ranged(answer: Answer | Sized, { method, fields }: RequestHead): Answer {
  if (!isSized(answer)) return answer;
  const { length } = answer;
  const accepts = { ...answer.fields, 'Accept-Ranges': 'bytes' };
  const range = method === 'GET' ? readRange(fields.get('range'), length) : undefined;
  if (!range) return { ...answer, fields: accepts };
  const [start, end] = range;
  if (start >= end) return refusal(416, `There are ${length} bytes.`, { 'Content-Range': `bytes */${length}` });
  return {
    status: 206,
    fields: { ...accepts, 'Content-Range': `bytes ${start}-${end - 1}/${length}` },
    length: end - start,
    body: limited(answer.from(start), end - start),
  };
}

/** First byte, and the one past the last; no bytes when there are none. */
function readRange(value: string | undefined, length: number): [number, number] | undefined {
  const [, first, last] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(value ?? '') ?? [];
  if (first === undefined || last === undefined || (first === '' && last === '')) return undefined;
  if (first === '') return Number(last) === 0 ? [0, 0] : [Math.max(0, length - Number(last)), length];
  if (last !== '' && Number(last) < Number(first)) return undefined;
  return [Number(first), last === '' ? length : Math.min(length, Number(last) + 1)];
}

function limited(body: Answer['body'], length: number): Answer['body'] {
  let left = length;
  return (max) => {
    if (left === 0) return null;
    const piece = body(Math.min(max, left));
    left -= piece?.length ?? 0;
    return piece;
  };
}
