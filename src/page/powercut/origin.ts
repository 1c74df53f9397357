/** The image that a hosted disk began as, still on the page's own server: parts of it that the machine has never fetched. */
import type { MachineOptions, MachineState } from '../machine_state';
import type { Origin } from './write_history';

/** Past the end of the image. [RFC 9110] 15.5.17 */
const RANGE_NOT_SATISFIABLE = 416;
const PARTIAL_CONTENT = 206;

const CHANGED =
  'A part of the image that this disk began as was never fetched, and the server does not have it any more.';

export interface HostedMachine {
  readonly options: Pick<MachineOptions, 'disk'>;
  readonly state: MachineState;
}

/** Undefined for a disk that comes from no server. */
export function originOf(machine: HostedMachine): Origin | undefined {
  const { hosted } = machine.options.disk;
  if (hosted === undefined) return undefined;
  return async (offset, length) => {
    if (machine.state.storage?.hosted?.server !== 'same') throw new Error(CHANGED);
    const part = new Uint8Array(length);
    const response = await fetch(hosted, { headers: { range: `bytes=${offset}-${offset + length - 1}` } });
    if (response.status === RANGE_NOT_SATISFIABLE) return part;
    if (response.status !== PARTIAL_CONTENT)
      throw new Error(`The server answers ${response.status} for a part of the image that this disk began as.`);
    part.set(new Uint8Array(await response.arrayBuffer()).subarray(0, length));
    return part;
  };
}
