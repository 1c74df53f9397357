/** A domain that was started, as the monitor keeps it. */
import type * as Comlink from 'comlink';
import type { BootInfo } from '../protocol/boot';
import type { CountingEndpoint } from './counting_endpoint';
import type { ProtectionDomain } from './sdf';

export interface Clock {
  nowMs(): number;
  pause(ms: number): Promise<void>;
}

export interface Running {
  readonly domain: ProtectionDomain;
  readonly boot: BootInfo;
  readonly worker: CountingEndpoint['worker'];
  readonly endpoint: CountingEndpoint;
  readonly remote: Comlink.Remote<object>;
  up: boolean;
  readonly startedMs: number;
  bootMs: number | undefined;
  /** Its worker was ended; the next generation takes its place. */
  ending: boolean;
  fault: string | undefined;
}
