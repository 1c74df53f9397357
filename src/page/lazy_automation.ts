/** The parts of `window.lionsos` that are loaded when they are first used. */
import type { BreakingAutomation } from './breaking/automation';
import type { FilesAutomation } from './files/automation';
import type { FollowAutomation } from './follow/automation';
import type { InspectAutomation } from './inspect/automation';
import type { Machine } from './machine';
import type { PacketsAutomation } from './packets/automation';
import type { PowerCutAutomation } from './powercut/automation';
import type { GateAutomation } from './time/automation';
import type { TraceAutomation } from './time/trace_automation';

/** An object whose procedures load it when one of them is first called. */
function lazily<T extends object>(load: () => Promise<T>, names: readonly (keyof T & string)[]): T {
  const call =
    (name: keyof T) =>
    async (...given: readonly unknown[]) => {
      const loaded = (await load()) as Record<keyof T, (...given: readonly unknown[]) => unknown>;
      return loaded[name](...given);
    };
  return Object.fromEntries(names.map((name) => [name, call(name)])) as T;
}

export function filesOf(machine: Machine): FilesAutomation {
  // One for all calls: it is a client of the file system.
  let loading: Promise<FilesAutomation> | undefined;
  const load = () => (loading ??= import('./files/automation').then(({ filesAutomation }) => filesAutomation(machine)));
  return lazily(load, ['list', 'read', 'write', 'remove', 'mkdir', 'rename']);
}

export const packetsOf = (machine: Machine) =>
  lazily<PacketsAutomation>(
    async () => (await import('./packets/automation')).packetsAutomation(machine),
    ['capture', 'packets', 'pcapng'],
  );

export const powerCutOf = (machine: Machine) =>
  lazily<PowerCutAutomation>(
    async () => (await import('./powercut/automation')).powerCutAutomation(machine),
    ['moments', 'at'],
  );

export const gateOf = (machine: Machine) =>
  lazily<GateAutomation>(
    async () => (await import('./time/automation')).gateAutomation(machine),
    ['pause', 'resume', 'step', 'speed', 'seed', 'breakAt', 'breaks', 'clear', 'status', 'stopped'],
  );

export const traceOf = (machine: Machine) =>
  lazily<TraceAutomation>(
    async () => (await import('./time/trace_automation')).traceAutomation(machine),
    ['start', 'stop', 'export', 'clear', 'stats', 'record'],
  );

export const inspectorOf = (machine: Machine) =>
  lazily<InspectAutomation>(async () => (await import('./inspect/automation')).inspectAutomation(machine), ['inspect']);

export const followOf = (machine: Machine) =>
  lazily<FollowAutomation>(async () => (await import('./follow/automation')).followAutomation(machine), ['follow']);

export const recoveryOf = (machine: Machine) =>
  lazily<BreakingAutomation>(
    async () => (await import('./breaking/automation')).breakingAutomation(machine),
    ['heartbeats', 'recovery'],
  );
