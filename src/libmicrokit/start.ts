/** First and last lines of every worker: from the boot message to the event loop. */
import { type BootInfo, CONTROL, CONTROL_BIT, GATE, PD_STATE } from '../protocol/boot';
import type { FaultControl } from '../protocol/faults';
import { lifeLock, type WorkerReport } from '../protocol/report';
import { ControlEndpoint } from './control';
import { environment } from './environment';
import { Killed, type Program, type ProtectionDomain } from './pd';
import { run } from './run';
import { WorkerKernel } from './worker_kernel';

/**
 * Call this synchronously from main.ts: a boot message that arrives before the listener exists is lost.
 */
export function start(program: Program): void {
  const listener = (event: MessageEvent<{ boot?: BootInfo }>) => {
    if (!event.data.boot) return;
    self.removeEventListener('message', listener);
    event.stopImmediatePropagation();
    void boot(program, event.data.boot);
  };
  self.addEventListener('message', listener);
}

async function boot(program: Program, info: BootInfo): Promise<void> {
  const kernel = new WorkerKernel(info);
  Atomics.store(kernel.words, CONTROL.STATE, PD_STATE.STARTING);
  const answer = answerOnDemand();
  await holdLifeLock(info);
  try {
    const pd = await program(environment(info, kernel));
    const control = new ControlEndpoint(kernel.words);
    answer({ ...procedures(pd.control), ...faultControl(pd, kernel), hang }, control);
    inTurn(info, () => pd.init?.());
    report({ report: 'up', name: info.name, generation: info.generation });
    await live(pd, kernel, control);
  } catch (error) {
    if (!(error instanceof Killed)) fault(kernel, info, error);
    skipTurn(info);
  }
  Atomics.store(kernel.words, CONTROL.STATE, PD_STATE.DEAD);
  Atomics.notify(kernel.words, CONTROL.STATE);
  self.close();
}

/**
 * Most domains are never asked anything by the control plane, so its library is loaded with the first question. What is asked before there
 * is anybody to answer would be lost, and waited for for ever: it is asked again then.
 */
function answerOnDemand(): (procedures: object, control: ControlEndpoint) => void {
  const early: MessageEvent[] = [];
  let asked = () => {};
  const keep = (event: MessageEvent) => {
    early.push(event);
    asked();
  };
  self.addEventListener('message', keep);
  return (procedures, control) => {
    const serve = async () => {
      const { expose } = await import('comlink');
      self.removeEventListener('message', keep);
      expose(procedures, control);
      for (const { data, ports } of early) self.dispatchEvent(new MessageEvent('message', { data, ports: [...ports] }));
    };
    asked = () => {
      asked = () => {};
      serve().catch(reportError);
    };
    if (early.length > 0) asked();
  };
}

function faultControl({ faults }: ProtectionDomain, { irqFaults }: WorkerKernel): FaultControl {
  return {
    setFaults(all) {
      irqFaults.set(all);
      faults?.set(all);
    },
    faultHits: () => ({ ...irqFaults.hits(), ...faults?.hits() }),
  };
}

/** Fault injection: a program in an endless loop, which answers nothing and cannot be talked to. */
function hang(): never {
  for (;;);
}

/**
 * Domains load in parallel but initialise one after the other, highest priority first, as they would on one core: a driver's
 * device is up before its virtualiser asks, and the boot log has the original's order.
 */
function inTurn({ gate, rank }: BootInfo, init: () => void): void {
  if (rank === undefined) return init();
  const words = new Int32Array(gate);
  for (let turn = 0; (turn = Atomics.load(words, GATE.TURN)) < rank; ) Atomics.wait(words, GATE.TURN, turn);
  try {
    init();
  } finally {
    Atomics.add(words, GATE.TURN, 1);
    Atomics.notify(words, GATE.TURN);
  }
}

/** A domain that failed before its turn must not hold up the others. */
function skipTurn(info: BootInfo): void {
  const turn = Atomics.load(new Int32Array(info.gate), GATE.TURN);
  if (info.rank !== undefined && turn <= info.rank) inTurn(info, () => {});
}

/** Those of an object of a class are its prototype's, and know the object by `this`. */
function procedures(control: object = {}): object {
  const made = Object.getPrototypeOf(control) as object;
  const names = made === Object.prototype ? Object.keys(control) : Object.getOwnPropertyNames(made);
  const named = control as Readonly<Record<string, (...args: unknown[]) => unknown>>;
  return Object.fromEntries(
    names.filter((name) => name !== 'constructor').map((name) => [name, named[name]!.bind(control)]),
  );
}

async function live(pd: ProtectionDomain, kernel: WorkerKernel, control: ControlEndpoint): Promise<void> {
  if (pd.run) return pd.run(() => control.answered());
  for (;;) {
    const bits = run(pd, kernel);
    if (bits & CONTROL_BIT.DIE) return;
    await control.answered();
  }
}

function holdLifeLock({ name, generation, bootTime }: BootInfo): Promise<void> {
  return new Promise((held) => {
    void navigator.locks.request(lifeLock(name, generation, bootTime), () => {
      held();
      return new Promise(() => {});
    });
  });
}

function fault(kernel: WorkerKernel, { name, generation }: BootInfo, error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  console.error(`${name} faulted`, error);
  kernel.print(
    `MON|ERROR: received message 0x00000006  badge: ${name}\r\nMON|ERROR: faulting PD: ${name}: ${message}\r\n`,
  );
  report({ report: 'fault', name, generation, message });
}

function report(message: WorkerReport): void {
  self.postMessage(message);
}
