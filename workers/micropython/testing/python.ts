/** Programs for the client, typed at its raw prompt, and what they print. */
import { readFileSync } from 'node:fs';
import { patchMicroPython } from '../../../scripts/patch_micropython.mjs';
import { Lan } from './lan';
import { Machine, type Step } from './machine';

export const wasm = new WebAssembly.Module(readFileSync(await patchMicroPython()));

export interface Desk {
  readonly lan: Lan;
  readonly machine: Machine;
  /** Happens when the prompt is there, before the program. */
  beforehand: () => void;
  /** Runs a program in a new client; the steps are those of `Machine.run`. */
  run(code: string, ...steps: Step[]): Promise<string>;
}

/** A machine with a network. `run` gives what the last program printed, with lines as in Python. */
export function desk(): Desk {
  const lan = new Lan();
  const machine = new Machine(wasm, lan);
  const run = async (code: string, ...steps: Step[]) => {
    const shown = await machine.run({ prompt: () => self.beforehand() }, `\x01${code}\x04`, ...steps);
    const at = shown.lastIndexOf('>OK');
    return shown
      .slice(at + 3)
      .replaceAll('\r\n', '\n')
      .replaceAll('\x04', '')
      .replace(/>$/, '');
  };
  const self: Desk = { lan, machine, run, beforehand: () => {} };
  return self;
}

/** Python that prints the number of the OSError that `body` raises. */
export function errnoOf(body: string): string {
  return `try:\n${indent(body)}\nexcept OSError as e:\n    print(e.errno)\nelse:\n    print('no error')\n`;
}

export const indent = (code: string): string => code.replace(/^/gm, '    ');
