/** An image on the page's own server, read in ranges. [RFC 9110] 14 "Range Requests", 8.8 "Validator Fields". */

/** Which image it was; a server that tells nothing but the length is believed. */
export interface Identity {
  readonly url: string;
  /** In bytes, a multiple of 512. */
  readonly size: number;
  readonly etag: string | undefined;
  readonly modified: string | undefined;
  /** The server knows no ranges: it sends all of it, or nothing. */
  readonly isWhole: boolean;
}

export interface Reply {
  readonly status: number;
  header(name: string): string | undefined;
}

/** What is asked of the network, so that tests can stand in for it. */
export interface Net {
  /** Rejects when nobody answers. `chunks` is the body; nothing more of it is wanted once its iterator has been ended. */
  get(url: string, range?: string): Promise<Reply & { chunks(): AsyncIterable<Uint8Array> }>;
  /** The same for a caller that cannot wait for a promise. Throws when nobody answers. */
  getNow(url: string, range: string): Reply & { readonly body: Uint8Array };
}

/** One sentence for the person who followed the link. */
export class HostedRefusal extends Error {}

/** An image that can only be had as a whole is kept as a whole; a larger one would keep the person waiting at every change. */
const MOST_AT_ONCE = 64 * 2 ** 20;
const SECTOR = 512;
const GZIP = [0x1f, 0x8b];

export class HostedImage {
  readonly path: string;

  constructor(
    readonly url: string,
    readonly net: Net,
  ) {
    this.path = decodeURI(new URL(url).pathname);
  }

  /** Asks the server for the first sector. Rejects with HostedRefusal. */
  async find(): Promise<Identity> {
    const reply = await this.#get(`bytes=0-${SECTOR - 1}`);
    const identity = this.#identify(reply);
    let start: Uint8Array = new Uint8Array(0);
    for await (const bytes of reply.chunks()) {
      start = bytes;
      break;
    }
    if (GZIP.every((byte, i) => start[i] === byte)) this.#refuse(PACKED);
    if (identity.isWhole && identity.size > MOST_AT_ONCE) this.#refuse(TOO_LARGE);
    return identity;
  }

  /** All of it, from the start. Rejects with HostedRefusal when that is no longer what was found. */
  async *whole({ size }: Identity): AsyncGenerator<Uint8Array> {
    let sent = 0;
    for await (const bytes of (await this.#get()).chunks()) {
      sent += bytes.length;
      if (sent > size) break;
      yield bytes;
    }
    if (sent !== size) this.#refuse(`is ${size} bytes long, and the server sent ${sent > size ? 'more' : sent}`);
  }

  /** A part of the image as it was when `identity` was found. Throws when the server has another one by now. */
  read(identity: Identity, offset: number, length: number): Uint8Array {
    const reply = this.net.getNow(this.url, `bytes=${offset}-${offset + length - 1}`);
    if (reply.status !== 206) throw new Error(`The server answers ${reply.status} for a part of ${this.path}.`);
    if (!isSame(identity, this.#identify(reply))) throw new HostedRefusal(`${this.path} has changed on the server.`);
    if (reply.body.length !== length)
      throw new Error(`The server sent ${reply.body.length} of ${length} bytes of ${this.path}.`);
    return reply.body;
  }

  #get(range?: string): ReturnType<Net['get']> {
    return this.net.get(this.url, range).catch(() => {
      throw new HostedRefusal(`The server does not answer, so ${this.path} cannot be read.`);
    });
  }

  #identify(reply: Reply): Identity {
    const [etag, modified] = [reply.header('etag'), reply.header('last-modified')];
    return { url: this.url, size: this.#size(reply), etag, modified, isWhole: reply.status === 200 };
  }

  #size(reply: Reply): number {
    if (reply.status === 404 || reply.status === 410) this.#refuse('is not on this server');
    if (reply.status === 416) this.#refuse('is empty');
    if (reply.status !== 200 && reply.status !== 206) this.#refuse(`cannot be had: the server answers ${reply.status}`);
    // Some servers answer with their start page to whatever they do not have.
    if (/^text\/html\b/.test(reply.header('content-type') ?? '')) this.#refuse('is not on this server, or a web page');
    const told =
      reply.status === 206 ? /\/(\d+)$/.exec(reply.header('content-range') ?? '')?.[1] : reply.header('content-length');
    if (told === undefined) return this.#refuse('cannot be opened: the server does not tell its length');
    const size = Number(told);
    if (size === 0) this.#refuse('is empty');
    if (size % SECTOR !== 0) this.#refuse(`is ${size} bytes long, which is not whole sectors of 512 bytes`);
    return size;
  }

  #refuse(why: string): never {
    throw new HostedRefusal(`${this.path} ${why}.`);
  }
}

const PACKED = 'is packed (gzip): parts of it cannot be had. Unpack it on the server';
const TOO_LARGE = 'can be had from this server only as a whole (it knows no HTTP Range), and is too large for that';

export function isSame(a: Identity, b: Identity): boolean {
  return a.size === b.size && a.etag === b.etag && a.modified === b.modified;
}

/** Over the browser's network. The second way blocks, which only a worker may. */
export const browserNet: Net = {
  async get(url, range) {
    // The browser's cache puts parts of two images together, and the disk keeps what it was sent anyway.
    const response = await fetch(url, { headers: range ? { range } : {}, cache: 'no-store' });
    return {
      status: response.status,
      header: (name) => response.headers.get(name) ?? undefined,
      chunks: () => chunksOf(response),
    };
  },
  getNow(url, range) {
    const request = new XMLHttpRequest();
    request.open('GET', url, false);
    request.responseType = 'arraybuffer';
    request.setRequestHeader('range', range);
    request.setRequestHeader('cache-control', 'no-cache');
    request.send();
    return {
      status: request.status,
      header: (name) => request.getResponseHeader(name) ?? undefined,
      body: new Uint8Array((request.response as ArrayBuffer | null) ?? new ArrayBuffer(0)),
    };
  },
};

async function* chunksOf({ body }: Response): AsyncGenerator<Uint8Array> {
  if (!body) return;
  const reader = body.getReader();
  try {
    for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) yield value!;
  } finally {
    await reader.cancel();
  }
}
