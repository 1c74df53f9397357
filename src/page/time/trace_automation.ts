/** The flight recorders for a test or a script: `lionsos.trace`. */
import { Region } from '../../protocol/region';
import { switchTrace } from '../../protocol/trace';
import type { Machine } from '../machine';
import { EXPORTS, type ExportFormat, exported } from './export';
import { timelineOf } from './time_of';

export interface TraceStats {
  /** Whether this page reads the recorders continuously: the timeline is open, or `start` was called. */
  readonly reading: boolean;
  /** Records held here. */
  readonly records: number;
  /** Records overwritten before they were read, or let go of since to make room. */
  readonly lost: number;
  /** Records that each domain has written since it was first started. */
  readonly written: Readonly<Record<string, number>>;
}

export interface TraceAutomation {
  /** From now on the recorders are read before they are overwritten; each holds the last 4096 records anyway. */
  start(): Promise<void>;
  /** No longer; what was read stays, for `export`. */
  stop(): Promise<void>;
  /**
   * What was read, and what the recorders hold still, as a file: `perfetto` (ui.perfetto.dev opens it), `chrome` (Trace Event Format,
   * JSON), `text`. Spans of one domain never overlap. Rejects for another format.
   */
  export(format: ExportFormat): Promise<Uint8Array<ArrayBuffer>>;
  /** Forgets everything up to now. */
  clear(): Promise<void>;
  stats(): Promise<TraceStats>;
  /** Switches the recorders themselves off or on, for measuring what they cost. They are on from the start of the system. */
  record(on: boolean): Promise<void>;
}

export function traceAutomation(machine: Machine): TraceAutomation {
  const timeline = timelineOf(machine);
  return {
    async start() {
      await machine.ready;
      timeline.look('script', true);
    },
    async stop() {
      timeline.read();
      timeline.look('script', false);
    },
    async export(format) {
      await machine.ready;
      if (!(format in EXPORTS))
        throw new Error(`There is no format '${format}'. There is: ${Object.keys(EXPORTS).join(', ')}.`);
      timeline.read();
      return exported(format, timeline.recording!);
    },
    clear: async () => timeline.clear(),
    async stats() {
      timeline.read();
      const { recording, watched } = timeline;
      const traces = [...(machine.memory()?.trace ?? [])];
      const written = traces.map(([domain, buffer]) => [domain, Atomics.load(new Uint32Array(buffer, 0, 1), 0)]);
      return {
        reading: watched,
        records: recording?.records ?? 0,
        lost: recording?.lost ?? 0,
        written: Object.fromEntries(written),
      };
    },
    async record(on) {
      await machine.ready;
      for (const buffer of machine.memory()!.trace.values()) switchTrace(new Region('trace', buffer), on);
    },
  };
}
