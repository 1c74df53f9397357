/** Breakpoints as a person chooses them, and in words. */
import type { Breakpoint } from '../../microkit/breakpoints';
import type { Machine } from '../machine';
import { type BreakAt, breakpointOf } from './automation';

export const BREAK_CHOICES: readonly { readonly label: string; readonly at: BreakAt }[] = [
  { label: 'at a write to the FAT', at: { on: 'area', area: 'FAT', access: 'write' } },
  { label: 'at a write to the root directory', at: { on: 'area', area: 'root directory', access: 'write' } },
  { label: 'at a read of file data', at: { on: 'area', area: 'data', access: 'read' } },
  { label: 'at FILE_OPEN', at: { on: 'command', command: 'FILE_OPEN' } },
  { label: 'at FILE_READ', at: { on: 'command', command: 'FILE_READ' } },
  { label: 'at FILE_WRITE', at: { on: 'command', command: 'FILE_WRITE' } },
  { label: 'at a fault', at: { on: 'fault' } },
];

/** The breakpoint of that label, or on the domain of that name. */
export async function choiceOf(machine: Machine, label: string): Promise<Breakpoint> {
  const at = BREAK_CHOICES.find((choice) => choice.label === label)?.at ?? { on: 'domain', domain: label };
  return breakpointOf(machine, at);
}

export function breakWords(at: Breakpoint): string {
  switch (at.on) {
    case 'domain':
      return `before ${at.domain}`;
    case 'channel':
      return `before ${at.domain} on ${at.channel}`;
    case 'command':
      return `at ${at.command}`;
    case 'sectors': {
      const range = at.name ?? `sectors ${at.from} to ${at.from + at.count - 1}`;
      return `at ${at.access ? `a ${at.access}` : 'any access'} of ${range}`;
    }
    case 'fault':
      return 'at a fault';
  }
}
