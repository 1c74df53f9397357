/** A component's tap for whoever looks on at the frames that pass it. */
import { CaptureTap, NO_TAP, type Tap } from '../protocol/capture';
import type { Environment } from './pd';

/** None where the system has no region for it. */
export function tapOf({ has, region, kernel }: Environment): Tap {
  return has('net_capture') ? new CaptureTap(region('net_capture'), () => kernel.now()) : NO_TAP;
}
