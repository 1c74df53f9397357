/** A domain that was started, as the monitor keeps it. */
import * as Comlink from 'comlink';
import { type BootInfo, CONTROL_BIT } from '../protocol/boot';
import { lifeLock } from '../protocol/report';
import { CountingEndpoint } from './counting_endpoint';
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
  /** Its worker was ended for good; fulfilled at its death. */
  buried: Promise<void> | undefined;
  /** It was put into an endless loop. */
  hung: boolean;
  fault: string | undefined;
}

/**
 * Something the monitor did to a domain or learnt of it, as the detail of its event `moment`. `failed`: found crashed, hanging or breaking a
 * protocol. `ended`: its worker was, and the next generation will come; `built`: that has its machine; `up`: and runs. `killed`: ended for good.
 */
export interface Moment {
  readonly what: 'hung' | 'failed' | 'ended' | 'built' | 'up' | 'killed';
  readonly domain: string;
  /** Of the domain now; the next one's from `built` on. */
  readonly generation: number;
  /** On the clock of the monitor. */
  readonly atMs: number;
  /** For `failed`: in a few words. */
  readonly why?: string;
}

export function begun(domain: ProtectionDomain, boot: BootInfo, worker: Running['worker'], startedMs: number): Running {
  const endpoint = new CountingEndpoint(worker, new Int32Array(boot.control));
  return {
    domain,
    boot,
    worker,
    endpoint,
    remote: Comlink.wrap<object>(endpoint),
    up: false,
    startedMs,
    bootMs: undefined,
    ending: false,
    buried: undefined,
    hung: false,
    fault: undefined,
  };
}

/** Die flag, notify, terminate: always all three. The life lock is the death certificate. */
export function end(
  { boot, worker, endpoint, remote }: Running,
  signal: (name: string, bits: number) => void,
): Promise<void> {
  endpoint.gone = true;
  signal(boot.name, CONTROL_BIT.DIE);
  worker.terminate();
  // Comlink's registry keeps the endpoint of a live proxy, which keeps the worker, whose listeners keep the proxy.
  remote[Comlink.releaseProxy]();
  return navigator.locks.request(lifeLock(boot.name, boot.generation, boot.bootTime), () => {});
}
