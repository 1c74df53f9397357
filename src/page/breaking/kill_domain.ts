/** Ends any domain of the running system: one that comes back, or one that nothing restarts. */
import type { Machine } from '../machine';

/** Fulfilled when its next generation is up (the client: at its prompt), or when it is dead for good. */
export async function killDomain(machine: Machine, name: string): Promise<void> {
  const { monitor } = machine.faults;
  return monitor.comesBack(name) ? machine.restartDomain(name) : monitor.kill(name);
}
