/** The answer of the guest's web server, as it comes from `lan`, as a Response whose body streams. */
import type { FromGuest, GuestFailure, GuestHead } from '../protocol/lan';

/** Why there is no answer. */
export class GuestError extends Error {
  constructor(readonly failure: GuestFailure) {
    super(failure.message);
  }
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
