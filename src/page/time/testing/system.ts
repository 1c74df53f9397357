/** A system that does not run, whose flight recorders a test writes. */
import { qemuVirtAarch64 } from '../../../boards/qemu_virt_aarch64';
import { vmfs } from '../../../boards/vmfs';
import { allocate } from '../../../microkit/layout';
import { Region } from '../../../protocol/region';
import { TRACE, TraceWriter } from '../../../protocol/trace';
import { Recording } from '../recording';

/** Kind, channel, and request if there is one. */
type Did = readonly [kind: number, channel: number, request?: number];

export function recordedSystem() {
  const memory = allocate(vmfs(qemuVirtAarch64, { disk: { store: 'memory', name: 'test' } }), 0);
  const writer = (domain: string) => new TraceWriter(new Region('trace', memory.trace.get(domain)!));
  /** Woke at `start`, did these, slept at `end`; milliseconds. */
  const runs = (domain: string, start: number, end: number, ...did: readonly Did[]) => {
    const to = writer(domain);
    for (const [kind, channel, request = 0] of did) to.record(start, kind, channel, request, 0, 0);
    to.record(end, TRACE.RAN, 0, 0, (end - start) * 1e6, 0);
  };
  return { recording: new Recording(memory), memory, writer, runs };
}
