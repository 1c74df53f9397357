/**
 * Requests to other hosts, carried by fetch: a browser has no TCP, and its fetch has rules of its own. Off until the person at the page switches
 * it on. The connection from the guest is plain HTTP; the request goes out over HTTPS, without cookies, and the answer comes back as it streams.
 */
import type { TcpSocket } from '../../src/net/tcp_socket';
import { formatIpv4 } from '../../src/specs/ipv4';
import type { Fetch } from './course';
import { type Answer, at, collected, type Exchange, refusal, type Source } from './http_answer';
import type { Handler } from './http_connection';
import type { RequestHead } from './http_head';
import type { NameServer } from './name_server';

const MAX_BODY = 4 * 1024 * 1024;
/** Fields of one connection, and those that are the browser's to write: RFC 9110 section 7.6.1, [FETCH] forbidden request-headers. */
const NOT_CARRIED =
  /^(host|connection|keep-alive|te|trailer|transfer-encoding|upgrade|expect|content-length|accept-encoding|cookie|origin|referer|user-agent|(proxy|sec)-.*)$/;
const NOT_RETURNED = /^(connection|keep-alive|transfer-encoding|content-length|content-encoding|set-cookie)$/;

export class Carrier {
  isOn = false;
  carried = 0;

  constructor(
    readonly names: NameServer,
    readonly fetch: Fetch,
    readonly wake: () => void,
  ) {}

  /** For connections to any other host, port 80. */
  handler(): Handler {
    return (head, socket) => this.exchange(head, this.#addressOf(head, socket));
  }

  exchange(head: RequestHead, address: string | undefined): Exchange {
    if (!this.isOn)
      return at(
        refusal(
          502,
          'Requests to other hosts are not carried. Open the page with ?net=fetch in its address, or switch it on in the view "Web".',
        ),
      );
    const url = address !== undefined && URL.canParse(address) ? new URL(address) : undefined;
    if (!url)
      return at(
        refusal(400, 'The request does not say which host it is for: a browser cannot ask an IP address, only a name.'),
      );
    url.protocol = 'https:';
    url.username = '';
    url.password = '';
    return collected(MAX_BODY, (body) => this.#carry(head, url, body), this.wake);
  }

  /** The Host field says it, as for any server; a client without one means the name it looked up. */
  #addressOf({ target, fields }: RequestHead, socket: TcpSocket): string | undefined {
    const host = fields.get('host')?.replace(/:80$/, '') ?? this.names.carriedName(socket.localAddress);
    if (host === undefined || host === formatIpv4(socket.localAddress) || !/^[\w.-]+$/.test(host)) return undefined;
    return `https://${host}${target}`;
  }

  async #carry({ method, fields }: RequestHead, url: URL, body: Uint8Array): Promise<Answer> {
    this.carried++;
    const abort = new AbortController();
    try {
      const response = await this.fetch(url.href, {
        method,
        headers: [...fields].filter(([name]) => !NOT_CARRIED.test(name)),
        ...(body.length > 0 ? { body: body.slice() } : {}),
        credentials: 'omit',
        referrerPolicy: 'no-referrer',
        cache: 'no-store',
        signal: abort.signal,
      });
      const returned = [...response.headers].filter(([name]) => !NOT_RETURNED.test(name));
      return {
        status: response.status,
        fields: Object.fromEntries(returned),
        body: streamed(response.body, this.wake),
        cancel: () => abort.abort(),
      };
    } catch (error) {
      return refusal(502, why(url, error));
    }
  }
}

/** The browser does not tell a program which of these it was; its console does. */
function why({ hostname }: URL, error: unknown): string {
  return (
    `The browser did not fetch from ${hostname} (${error instanceof Error ? error.message : String(error)}). Either the host does not answer over HTTPS, ` +
    'or it does not let other pages read its answers: it would have to send Access-Control-Allow-Origin (CORS), which most sites do not. ' +
    "Take a service that is made for pages, or put a copy of the file into the page's folder course/. On the first visit the page's own policy " +
    "may forbid it too: load the page again. The browser's console says which it was."
  );
}

/** Asks for the next piece when the one before has been taken. A stream that fails ends the answer early, which the client notices. */
function streamed(stream: ReadableStream<Uint8Array> | null, wake: () => void): Source {
  const reader = stream?.getReader();
  let piece: Uint8Array | undefined;
  let isReading = false;
  let isOver = reader === undefined;
  const read = () => {
    isReading = true;
    reader!
      .read()
      .then(
        ({ value }) => {
          piece = value;
          isOver = value === undefined;
        },
        () => {
          isOver = true;
        },
      )
      .finally(() => {
        isReading = false;
        wake();
      });
  };
  return (max) => {
    if (piece && piece.length > 0) {
      const taken = piece.subarray(0, max);
      piece = piece.subarray(taken.length);
      return taken;
    }
    if (isOver) return null;
    if (!isReading) read();
    return undefined;
  };
}
