/** What the graph, its table and a node's panel say of a node. */
import type { DomainActivity } from '../activity';
import type { GraphNode } from './model';

/** How a state is drawn: shape and word, never colour alone. */
export type StateShape = 'circle' | 'triangle' | 'diamond' | 'cross' | 'ring' | 'none';

export interface NodeState {
  readonly name: 'absent' | 'rebooting' | Exclude<DomainActivity['state'], 'down' | 'restarting'>;
  readonly word: string;
  readonly shape: StateShape;
}

const SHAPES: Readonly<Record<NodeState['name'], readonly [shape: StateShape, word: string]>> = {
  absent: ['none', 'not up yet'],
  starting: ['ring', 'starting'],
  waiting: ['circle', 'waiting'],
  running: ['triangle', 'running'],
  passive: ['diamond', 'passive'],
  rebooting: ['ring', 'rebooting'],
  faulted: ['cross', 'faulted'],
  dead: ['cross', 'stopped'],
  killed: ['cross', 'killed'],
  hung: ['cross', 'hung'],
};

/** `rebooted`: it has just come back, or is about to. */
export function stateOf(domain: DomainActivity | undefined, rebooted = false): NodeState {
  const name = nameOf(domain, rebooted);
  const [shape, word] = SHAPES[name];
  return { name, shape, word };
}

function nameOf(domain: DomainActivity | undefined, rebooted: boolean): NodeState['name'] {
  if (!domain || domain.state === 'down') return 'absent';
  if (domain.state === 'restarting' || (rebooted && domain.state !== 'faulted')) return 'rebooting';
  // Between two samples it ran and went back to sleep: that is what a person wants to see.
  return domain.state === 'waiting' && domain.fresh > 0 ? 'running' : domain.state;
}

const DOMAIN_KINDS: Readonly<Record<GraphNode['domain']['kind'], string>> = {
  driver: 'driver',
  virtualiser: 'virtualiser',
  monitor: 'monitor',
  guest: 'virtual machine',
  client: 'client',
};

export const kindWord = ({ kind, domain }: GraphNode) => (kind === 'device' ? 'device' : DOMAIN_KINDS[domain.kind]);

/** The number to the right: what the node ranks as, or which interrupt it raises. */
export function metaOf({ kind, domain }: GraphNode): string {
  if (kind !== 'device') return String(domain.priority);
  return domain.irqs.map(({ intid }) => `IRQ ${intid}`).join(', ');
}

export function budgetWords({ domain }: GraphNode): string {
  const { budgetUs, periodUs } = domain;
  return budgetUs === undefined || periodUs === undefined ? 'none' : `${budgetUs} of ${periodUs} \u00b5s`;
}

/** What a reader hears between a node's name, its state and its number, which it sees. */
export function saidBetween(node: GraphNode): readonly [afterName: string, beforeMeta: string] {
  if (node.kind === 'device') return [`device of ${node.domain.name}`, ''];
  return [kindWord(node), 'priority'];
}

/** By a domain's name. */
const ROLES: Readonly<Record<string, string>> = {
  timer_driver: 'Tells the time and wakes its clients when they asked for it. It runs only when one of them calls.',
  blk_driver: 'Drives the disk: turns requests of the virtualiser into the device\u2019s own, and its answers back.',
  blk_virt: 'Gives each client its partition, and lets no request through that reaches beyond it.',
  net_virt_tx: 'Collects the packets that clients send, and hands them to the driver one after the other.',
  net_virt_rx: 'Looks at each packet that arrives, and passes it to the client whose address it bears.',
  ethernet_driver: 'Drives the network card: gives it empty buffers and takes full ones away.',
  micropython_net_copier: 'Copies packets out of the card\u2019s memory, so that the client never sees that memory.',
  uart_driver: 'Drives the serial line: sends the bytes of the transmit queue, and queues those that arrive.',
  serial_virt_tx: 'Merges what its clients print into one line, each in its own colour.',
  serial_virt_rx: 'Passes keys to the client that has the keyboard. Ctrl \\ and a number choose another one.',
  fs_driver_vmm: 'Runs the virtual machine inside it: its disk, its console, its interrupts, and its reboot.',
  linux_fs_vm: 'The file system: answers the commands of its clients with a FAT driver and a page cache. It may crash.',
  micropython: 'Python. Files, keys, packets and time reach it only through the lines that end here.',
  files: 'The tab Files of this page: a second client of the file system, with queues and a share of its own.',
};

const KIND_ROLES: Readonly<Record<GraphNode['domain']['kind'], string>> = {
  driver: 'Drives a device.',
  virtualiser: 'Shares a device between clients.',
  monitor: 'Runs a virtual machine.',
  guest: 'A virtual machine.',
  client: 'Uses the services of the others.',
};

export function roleOf({ kind, domain }: GraphNode): string {
  if (kind !== 'device') return ROLES[domain.name] ?? KIND_ROLES[domain.kind];
  return `Hardware, as a model of its registers. Only ${domain.name} reaches it.`;
}
