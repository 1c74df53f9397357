/** What the panel offers to break, as data: in a person's words, with the node of the graph that it befalls. */
import type { DomainStatus } from '../../microkit/status';
import type { Fault } from '../../protocol/faults';
import { deviceId } from '../graph/model';

export type Act =
  | { readonly kill: string }
  | { readonly hang: string }
  /** Set together; `damage` is done at once, and there is nothing to take back. */
  | { readonly set: readonly Fault[] }
  | { readonly damage: readonly Fault[] }
  /** A bad sector under the largest file. */
  | { readonly badSector: true };

export type MenuSign =
  | 'kill'
  | 'hang'
  | 'corrupt'
  | 'error'
  | 'slow'
  | 'silent'
  | 'torn'
  | 'eject'
  | 'lost'
  | 'twice'
  | 'restart';

export interface MenuItem {
  readonly id: string;
  readonly label: string;
  /** What happens, and what Python sees. Text in backquotes is the system's voice. */
  readonly words: string;
  readonly sign: MenuSign;
  /** Node of the graph. */
  readonly victim: string;
  readonly act: Act;
  /** The single key, while the panel has the focus. */
  readonly key?: string;
}

export interface MenuGroup {
  readonly title: string;
  readonly items: readonly MenuItem[];
}

const VM = 'linux_fs_vm';
const CLIENT = 'micropython';
const DISK = deviceId('blk_driver');
const CARD = deviceId('ethernet_driver');
const ALWAYS = Number.POSITIVE_INFINITY;
/** Head and tail of the server's answers to Python, far from anything that it could have written. */
const IMPOSSIBLE_INDEX = [0, 8].map((offset): Fault => {
  return { on: 'memory', region: 'fs_fs_driver_vmm_completion_queue', offset, bits: 0x4000_0000 };
});

export const MENU: readonly MenuGroup[] = [
  {
    title: 'The file system VM',
    items: [
      {
        id: 'kill-vm',
        label: 'Kill it',
        words: 'Gone in mid-write, then reboots. Files stay.',
        sign: 'kill',
        victim: VM,
        act: { kill: VM },
        key: 'k',
      },
      {
        id: 'hang-vm',
        label: 'Hang it',
        words: 'An endless loop. The watchdog has to notice.',
        sign: 'hang',
        victim: VM,
        act: { hang: VM },
      },
      {
        id: 'corrupt-vm',
        label: 'Corrupt its memory',
        words: 'Impossible indices in a queue. Who asks next finds them.',
        sign: 'corrupt',
        victim: VM,
        act: { damage: IMPOSSIBLE_INDEX },
      },
    ],
  },
  {
    title: 'The disk',
    items: [
      {
        id: 'read-error',
        label: 'Read error',
        words: 'The next read fails: `OSError 5`.',
        sign: 'error',
        victim: DISK,
        act: { set: [{ on: 'disk', what: 'error', request: 'read' }] },
      },
      {
        id: 'bad-sector',
        label: 'Bad sector',
        words: 'Under the largest file: reading it is `OSError 5`.',
        sign: 'error',
        victim: DISK,
        act: { badSector: true },
      },
      {
        id: 'write-error',
        label: 'Write error',
        words: 'The next one fails; read-only from then on.',
        sign: 'error',
        victim: DISK,
        act: { set: [{ on: 'disk', what: 'error', request: 'write' }] },
      },
      {
        id: 'torn-write',
        label: 'Torn write',
        words: 'Half of the next write arrives.',
        sign: 'torn',
        victim: DISK,
        act: { set: [{ on: 'disk', what: 'torn write' }] },
      },
      {
        id: 'slow-disk',
        label: 'Slow disk',
        words: '50 ms a request. Watch the queues fill.',
        sign: 'slow',
        victim: DISK,
        act: { set: [{ on: 'interrupt', domain: 'blk_driver', what: 'delayed', ms: 50, times: ALWAYS }] },
      },
      {
        id: 'no-answer',
        label: 'No answer',
        words: 'Not to the next request. `Ctrl C` ends the waiting.',
        sign: 'silent',
        victim: DISK,
        act: { set: [{ on: 'disk', what: 'no answer' }] },
      },
      {
        id: 'eject',
        label: 'Eject the card',
        words: 'All requests fail until you put it back.',
        sign: 'eject',
        victim: DISK,
        act: { set: [{ on: 'disk', what: 'eject' }] },
      },
    ],
  },
  {
    title: 'A message',
    items: [
      {
        id: 'lose-interrupt',
        label: 'Lose an interrupt',
        words: 'The disk is done. Who waits for ever?',
        sign: 'lost',
        victim: 'blk_driver',
        act: { set: [{ on: 'interrupt', domain: 'blk_driver', what: 'lost' }] },
      },
      {
        id: 'double-interrupt',
        label: 'Deliver one twice',
        words: 'The driver finds nothing to do.',
        sign: 'twice',
        victim: 'blk_driver',
        act: { set: [{ on: 'interrupt', domain: 'blk_driver', what: 'duplicated' }] },
      },
      {
        id: 'lose-frame',
        label: 'Lose a packet',
        words: 'TCP sends it again.',
        sign: 'lost',
        victim: CARD,
        act: { set: [{ on: 'wire', what: 'lost' }] },
      },
      {
        id: 'restart-python',
        label: 'Restart Python',
        words: 'Only `micropython`. The disk stays mounted.',
        sign: 'restart',
        victim: CLIENT,
        act: { kill: CLIENT },
      },
    ],
  },
];

export const menuItem = (id: string): MenuItem | undefined =>
  MENU.flatMap(({ items }) => items).find((item) => item.id === id);

/** What is gone with a component, and what goes on. */
const WITHOUT: Readonly<Record<string, string>> = {
  timer_driver: 'Whoever asks for the time waits for ever: `time.sleep()` does. Everything else goes on.',
  blk_driver: 'Whoever needs the disk waits: EIO after 30 s, or `Ctrl C`. Python still computes.',
  blk_virt: 'Whoever needs the disk waits: EIO after 30 s, or `Ctrl C`. Python still computes.',
  net_virt_tx: 'No packet leaves any more. Files, keys and time go on.',
  net_virt_rx: 'No packet arrives any more. Files, keys and time go on.',
  ethernet_driver: 'There is no network any more. Files, keys and time go on.',
  micropython_net_copier: 'No packet reaches Python any more. Files, keys and time go on.',
  uart_driver: 'The terminal is deaf and silent. The page and its Files view go on.',
  serial_virt_tx: 'Nobody can print any more: Python stops when its queue is full. The Files view goes on.',
  serial_virt_rx: 'No key reaches Python any more. What runs goes on.',
  fs_driver_vmm: 'The virtual machine has lost its disk and its console, and nobody can build it anew.',
};

const withoutWords = (domain: string): string => WITHOUT[domain] ?? 'What needs it waits; everything else goes on.';

/** What a component that is gone means, by its state; undefined for one that is there. */
export function goneWords({ name, state }: DomainStatus, comesBack: boolean): string | undefined {
  const gone = ({ killed: 'was killed', hung: 'hangs', faulted: 'faulted', dead: 'stopped' } as const)[
    state as 'killed'
  ];
  if (!gone) return undefined;
  if (comesBack) return `\`${name}\` ${gone}. Kill it, and it comes back.`;
  return `\`${name}\` ${gone}; nothing restarts it, as upstream. ${withoutWords(name)}`;
}

/** A fault as a chip says it. */
export function faultWords(fault: Fault): string {
  switch (fault.on) {
    case 'disk':
      return `disk: ${fault.what}${fault.request ? `, ${fault.request}` : ''}${fault.sectors ? `, sector ${fault.sectors.first}` : ''}`;
    case 'interrupt':
      return `${fault.domain}: interrupt ${fault.what}${fault.what === 'delayed' ? `, ${fault.ms ?? 100} ms` : ''}`;
    case 'wire':
      return `wire: frame ${fault.what}${fault.direction ? `, ${fault.direction}` : ''}`;
    case 'hop':
      return `${fault.domain}: frame ${fault.what}`;
    case 'memory':
      return `memory: ${fault.region}`;
  }
}

/** The node that a fault befalls. */
export function victimOf(fault: Fault): string | undefined {
  if (fault.on === 'disk') return DISK;
  if (fault.on === 'wire') return CARD;
  return fault.on === 'memory' ? undefined : fault.domain;
}
