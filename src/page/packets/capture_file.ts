/** Captured frames as a file for Wireshark: an interface for each hop. */
import { pcapngInterface, pcapngPacket, pcapngSectionHeader } from '../../specs/pcapng';
import type { Frame } from './frames';
import { HOPS, type HopName } from './hops';

/** `bootTimeMs`: Unix time of the boot, from which frames count. All hops when none is named. */
export function captureFile(frames: readonly Frame[], bootTimeMs: number, hop?: HopName): Uint8Array<ArrayBuffer>[] {
  const names = HOPS.map(({ name }) => name).filter((name) => hop === undefined || name === hop);
  const bootNs = BigInt(Math.round(bootTimeMs * 1000)) * 1000n;
  const passed = frames.flatMap((frame) =>
    names.flatMap((name, i) => {
      const timeNs = frame.seen.get(name);
      return timeNs === undefined ? [] : [{ frame, at: i, timeNs }];
    }),
  );
  passed.sort((a, b) => a.timeNs - b.timeNs);
  return [
    pcapngSectionHeader(),
    ...names.map((name) => pcapngInterface(name)),
    ...passed.map(({ frame, at, timeNs }) => pcapngPacket(at, bootNs + BigInt(timeNs), frame.bytes, frame.length)),
  ].map((part) => new Uint8Array(part));
}
