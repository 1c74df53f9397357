/** What the graph needs of the page: the description that runs, its memory to look at, and the few things a person may do to a domain. */
import { vmfs } from '../../boards/vmfs';
import type { SystemMemory } from '../../microkit/layout';
import type { SystemDescription } from '../../microkit/sdf';
import type { ActivityWatch } from '../activity';
import { killDomain } from '../breaking/kill_domain';
import type { Machine } from '../machine';

export interface GraphMachine {
  readonly description: SystemDescription;
  readonly watch: ActivityWatch;
  /** Undefined while no system runs. */
  memory(): SystemMemory | undefined;
  /** Everything on the terminal. */
  text(): string;
  kill(domain: string): void;
  hang(domain: string): void;
}

export function graphMachine(machine: Machine, watch: ActivityWatch): GraphMachine {
  return {
    get description() {
      return machine.memory()?.description ?? vmfs(machine.board, { disk: { store: 'memory', name: '' } });
    },
    watch,
    memory: machine.memory,
    text: () => machine.console.text,
    kill: (domain) => {
      // The monitor says on the terminal what became of it.
      killDomain(machine, domain).catch(() => {});
      watch.poke();
    },
    hang: (domain) => {
      machine.hang(domain);
      watch.poke();
    },
  };
}
