/**
 * What `lan`, the wire's other end, is asked for: by the page through Comlink, and over a message port by whoever wants an HTTP request
 * carried to the guest. The port's other end sends 'more' for each piece of the body that it has room for, or 'cancel'.
 */

export interface LanConfig {
  /** Address of the folder with the course files, with a slash at the end. */
  readonly course: string;
}

/** One request for 10.0.2.15, port 80. */
export interface GuestRequest {
  readonly method: string;
  /** With its query; begins with a slash. */
  readonly path: string;
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly body?: Uint8Array;
}

export interface GuestHead {
  readonly status: number;
  readonly reason: string;
  /** Names in lower case. */
  readonly fields: readonly (readonly [name: string, value: string])[];
}

/**
 * `refused`: nothing listens; `silent`: no answer; `broken`: an answer that is no HTTP, or ends too early; `busy`: too many requests
 * at once; `away`: there is no machine.
 */
export type GuestFailureKind = 'refused' | 'silent' | 'broken' | 'busy' | 'away';

export interface GuestFailure {
  readonly kind: GuestFailureKind;
  /** What happened, in one sentence. */
  readonly message: string;
}

/** In this order: one head, pieces, end; a failure instead of anything that is missing. */
export type FromGuest =
  | { readonly head: GuestHead }
  | { readonly piece: Uint8Array<ArrayBuffer> }
  | { readonly end: true }
  | { readonly failure: GuestFailure };

export type ToGuest = 'more' | 'cancel';

/** What the service worker posts to a tab, with a port for the answer; the tab says 'mine' or 'no' first. */
export interface ForGuest {
  readonly guest: GuestRequest;
  /** Undefined: any tab that runs a machine. */
  readonly mark: string | undefined;
}

/** The part of a MessagePort that is used. */
export interface GuestPort {
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  start(): void;
  close(): void;
}

/** At most this much of a request's body is carried to the guest. */
export const MAX_GUEST_BODY = 16 * 1024 * 1024;

/** Counted since the lan was started. */
export interface LanStatus {
  /** Whether requests to other hosts are carried by fetch. */
  readonly carries: boolean;
  /** TCP connections now. */
  readonly connections: number;
  readonly requestsToGuest: number;
  readonly requestsCarried: number;
  /** Frames that no station may send, or that made no sense. */
  readonly framesRefused: number;
}

export interface LanControl {
  request(request: GuestRequest, port: GuestPort): void;
  /** Switches carrying on or off, for what is asked from now on. */
  carry(on: boolean): void;
  status(): LanStatus;
}
