/** Captured frames for a test or a script, as data. */
import type { Machine } from '../machine';
import { HOPS, type HopName } from './hops';
import { packetsOf } from './packets_of';

export interface PacketRow {
  /** `send` towards the wire, `receive` away from it. */
  readonly direction: 'send' | 'receive';
  readonly source: string;
  readonly destination: string;
  readonly protocol: string;
  /** One line, as in the view "Packets". */
  readonly info: string;
  /** Bytes the frame had; the first 1518 are in `bytes`. */
  readonly length: number;
  readonly bytes: Uint8Array;
  /** By component, nanoseconds since boot. */
  readonly seen: Readonly<Record<string, number>>;
  /** What is wrong with it, if anything. */
  readonly wrongs: readonly string[];
}

export interface PacketsAutomation {
  /** Frames are captured from now on, or no longer. */
  capture(on: boolean): Promise<void>;
  /** What was captured, oldest first: the newest 10,000. */
  packets(): Promise<PacketRow[]>;
  /** The same as a file for Wireshark, of one component or of all. Rejects for a name that is none. */
  pcapng(hop?: string): Promise<Uint8Array<ArrayBuffer>>;
}

export function packetsAutomation(machine: Machine): PacketsAutomation {
  const model = packetsOf(machine);
  return {
    capture: async (on) => model.capture('script', on),
    packets: async () =>
      model.frames.map(({ direction, length, bytes, seen, packet }) => {
        const { source, destination, protocol, info, wrongs } = packet;
        const times = Object.fromEntries(seen);
        return { direction, source, destination, protocol, info, length, bytes, seen: times, wrongs };
      }),
    pcapng: async (hop) => {
      const names = HOPS.map(({ name }) => name);
      if (hop !== undefined && !(names as readonly string[]).includes(hop))
        throw new Error(`There is no '${hop}' that frames pass. There is: ${names.join(', ')}.`);
      return new Uint8Array(await new Blob(model.file(hop as HopName | undefined)).arrayBuffer());
    },
  };
}
