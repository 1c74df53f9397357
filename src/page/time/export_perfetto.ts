/**
 * Perfetto's own format: a Trace of TracePackets with TrackDescriptors and TrackEvents. Field numbers are those of google/perfetto,
 * protos/perfetto/trace/{trace,trace_packet}.proto and track_event/{track_descriptor,track_event,thread_descriptor,process_descriptor,
 * counter_descriptor,debug_annotation}.proto.
 */
import type { ExportModel, Slice, Track } from './export_model';
import { Message } from './protobuf';

const TRACE = { packet: 1 } as const;
const PACKET = { timestamp: 8, sequence: 10, trackEvent: 11, sequenceFlags: 13, trackDescriptor: 60 } as const;
const TRACK = { uuid: 1, name: 2, process: 3, thread: 4, parent: 5, counter: 8 } as const;
const PROCESS = { pid: 1, name: 6 } as const;
const THREAD = { pid: 1, tid: 2, name: 5 } as const;
const COUNTER = { unit: 3 } as const;
const EVENT = { annotations: 4, type: 9, track: 11, categories: 22, name: 23, counter: 30, flows: 47 } as const;
const ANNOTATION = { string: 6, name: 10 } as const;
const TYPE = { SLICE_BEGIN: 1, SLICE_END: 2, COUNTER: 4 } as const;
const UNIT_COUNT = 2;
const INCREMENTAL_STATE_CLEARED = 1;

/** One writer wrote it all, in one process. */
const SEQUENCE = 1;
const PID = 1;
/** Ids of tracks: the process's, then one per domain, then one per counter. */
const PROCESS_TRACK = 1;
const THREAD_TRACKS = 100;
const COUNTER_TRACKS = 1000;

export function perfettoTrace({ board, tracks }: ExportModel): Uint8Array<ArrayBuffer> {
  const trace = new Message();
  const add = (packet: Message) => trace.message(TRACE.packet, packet.number(PACKET.sequence, SEQUENCE));
  const process = new Message()
    .number(PROCESS.pid, PID)
    .string(PROCESS.name, `LionsOS Virtualised Filesystem, ${board}`);
  const first = new Message().number(TRACK.uuid, PROCESS_TRACK).message(TRACK.process, process);
  add(new Message().number(PACKET.sequenceFlags, INCREMENTAL_STATE_CLEARED).message(PACKET.trackDescriptor, first));
  for (const [i, track] of tracks.entries()) {
    for (const descriptor of descriptors(track, i)) add(new Message().message(PACKET.trackDescriptor, descriptor));
    for (const slice of track.slices) for (const packet of sliceEvents(slice, THREAD_TRACKS + i)) add(packet);
    for (const { time, count } of track.waiting) {
      const value = event(TYPE.COUNTER, COUNTER_TRACKS + i).number(EVENT.counter, count);
      add(at(time, value));
    }
  }
  return trace.bytes;
}

function descriptors({ name, priority, waiting }: Track, i: number): Message[] {
  const thread = new Message()
    .number(THREAD.pid, PID)
    .number(THREAD.tid, THREAD_TRACKS + i)
    .string(THREAD.name, `${name} (${priority})`);
  const own = new Message()
    .number(TRACK.uuid, THREAD_TRACKS + i)
    .number(TRACK.parent, PROCESS_TRACK)
    .message(TRACK.thread, thread);
  if (waiting.length === 0) return [own];
  const counter = new Message()
    .number(TRACK.uuid, COUNTER_TRACKS + i)
    .number(TRACK.parent, PROCESS_TRACK)
    .string(TRACK.name, `requests in ${name}`)
    .message(TRACK.counter, new Message().number(COUNTER.unit, UNIT_COUNT));
  return [own, counter];
}

function sliceEvents({ start, end, name, flows, happened }: Slice, track: number): Message[] {
  const begin = event(TYPE.SLICE_BEGIN, track).string(EVENT.categories, 'ran').string(EVENT.name, name);
  for (const flow of flows) begin.fixed64(EVENT.flows, flow);
  if (happened.length > 0) {
    const words = new Message().string(ANNOTATION.name, 'happened').string(ANNOTATION.string, happened.join('; '));
    begin.message(EVENT.annotations, words);
  }
  return [at(start, begin), at(end, event(TYPE.SLICE_END, track))];
}

const event = (type: number, track: number) => new Message().number(EVENT.type, type).number(EVENT.track, track);
const at = (time: number, made: Message) =>
  new Message().number(PACKET.timestamp, time).message(PACKET.trackEvent, made);
