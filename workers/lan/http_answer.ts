/** What a server answers: status, fields, and a body that is asked for piece by piece, so that nothing is made faster than it is sent. */

/** A piece of at most `max` bytes; undefined when there is none yet, null at the end. */
export type Source = (max: number) => Uint8Array | undefined | null;

export interface Answer {
  readonly status: number;
  readonly fields?: Readonly<Record<string, string>>;
  readonly body: Source;
  /** Of the body, where it is known. */
  readonly length?: number;
  /** Nobody will read the rest. */
  cancel?(): void;
}

/** One request as it comes in; `answer` is there once there is one, before or after the end of the request. */
export interface Exchange {
  body(bytes: Uint8Array): void;
  end(): void;
  readonly answer: Answer | undefined;
}

const encoder = new TextEncoder();

export function fromBytes(bytes: Uint8Array): Source {
  let at = 0;
  return (max) => (at < bytes.length ? bytes.subarray(at, (at += Math.min(max, bytes.length - at))) : null);
}

export function whole(status: number, type: string, content: Uint8Array | string): Answer {
  const bytes = typeof content === 'string' ? encoder.encode(content) : content;
  return { status, fields: { 'Content-Type': type }, body: fromBytes(bytes), length: bytes.length };
}

const escaped = (text: string) => text.replace(/[&<>]/g, (char) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[char]!);

/** A page that says in one sentence what is wrong. */
export function refusal(status: number, sentence: string, fields: Readonly<Record<string, string>> = {}): Answer {
  const title = `${status} ${reasonOf(status)}`;
  const page = `<!doctype html>\n<title>${title}</title>\n<h1>${title}</h1>\n<p>${escaped(sentence)}</p>\n`;
  const answer = whole(status, 'text/html; charset=utf-8', page);
  return { ...answer, fields: { ...answer.fields, ...fields } };
}

/** RFC 9110 section 15. */
const REASONS: Readonly<Record<number, string>> = {
  200: 'OK',
  204: 'No Content',
  206: 'Partial Content',
  301: 'Moved Permanently',
  400: 'Bad Request',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  413: 'Content Too Large',
  416: 'Range Not Satisfiable',
  431: 'Request Header Fields Too Large',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
  505: 'HTTP Version Not Supported',
};

export const reasonOf = (status: number): string => REASONS[status] ?? 'Status';

/** An exchange whose answer does not depend on the request's body. */
export function at(answer: Answer): Exchange {
  return { body: () => {}, end: () => {}, answer };
}

/** An exchange whose answer is made once the whole request is there; more than `limit` bytes of it are refused. */
export function collected(
  limit: number,
  respond: (body: Uint8Array) => Answer | Promise<Answer>,
  wake: () => void,
): Exchange {
  const chunks: Uint8Array[] = [];
  let size = 0;
  let answer: Answer | undefined;
  const settle = (settled: Answer) => {
    answer = settled;
    wake();
  };
  return {
    body(bytes) {
      size += bytes.length;
      if (size <= limit) chunks.push(bytes.slice());
      else answer ??= refusal(413, `A request has at most ${limit} bytes here.`);
    },
    end() {
      if (answer) return;
      const made = respond(joined(chunks, size));
      if (made instanceof Promise) made.then(settle, (error) => settle(refusal(502, String(error))));
      else answer = made;
    },
    get answer() {
      return answer;
    },
  };
}

function joined(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const all = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}
