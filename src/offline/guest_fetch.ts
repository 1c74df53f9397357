/** An HTTP request to the guest's web server as a Response; for the page and for the service worker, which have different ways to `lan`. */
import { type FromGuest, type GuestFailure, type GuestHead, type GuestRequest, MAX_GUEST_BODY } from '../protocol/lan';

/** Why there is no answer. */
export class GuestError extends Error {
  constructor(readonly failure: GuestFailure) {
    super(failure.message);
  }
}

/** Takes the path from here, as it may differ from the request's address. Rejects with GuestError for a body that is too long. */
export async function guestRequest(request: Request, path: string): Promise<GuestRequest> {
  const body = request.body === null ? undefined : new Uint8Array(await request.arrayBuffer());
  if (body && body.length > MAX_GUEST_BODY)
    throw new GuestError({ kind: 'busy', message: `A request carries at most ${MAX_GUEST_BODY} bytes to the guest.` });
  const fields = [...request.headers];
  return { method: request.method, path, fields, ...(body && body.length > 0 ? { body } : {}) };
}

/**
 * The answer that comes over `port`, whose other end is lan's. Fulfilled with its head, while the body streams as it is read. Rejects with
 * GuestError when there is none.
 */
export function guestResponse(port: MessagePort, present: (head: GuestHead) => ResponseInit): Promise<Response> {
  return new Promise((resolve, reject) => {
    let body: ReadableStreamDefaultController<Uint8Array> | undefined;
    const stream = (): ReadableStream<Uint8Array> =>
      new ReadableStream<Uint8Array>(
        {
          start: (controller) => {
            body = controller;
          },
          pull: () => port.postMessage('more'),
          cancel: () => port.postMessage('cancel'),
        },
        { highWaterMark: 4 },
      );
    port.onmessage = ({ data }: MessageEvent<FromGuest>) => {
      if ('head' in data) {
        // These have no body, and a Response insists on it.
        const isBare = [204, 205, 304].includes(data.head.status);
        const open = stream();
        resolve(new Response(isBare ? null : open, present(data.head)));
      } else if ('piece' in data) body?.enqueue(data.piece);
      else {
        const error = 'failure' in data ? new GuestError(data.failure) : undefined;
        if (error && body) body.error(error);
        else if (error) reject(error);
        else body?.close();
        port.close();
      }
    };
  });
}
