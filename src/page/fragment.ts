/** The stage in the address, as in `#v1&view=disk&node=blk_virt&tab=queues`: a link shows what its sender saw. Versioned; never runs anything. */
import { SLOTS, type StageState, VIEWS } from './stage';

const VERSION = 'v1';
/** Names of nodes and tabs: what the system's own names are made of. */
const NAME = /^[\w. -]{1,64}$/;

export interface ReadFragment {
  readonly state: Partial<StageState>;
  /** What could not be understood, in one sentence. */
  readonly problem?: string;
}

export function readFragment(hash: string): ReadFragment {
  const [version = '', ...parts] = hash.replace(/^#/, '').split('&');
  if (version === '') return { state: {} };
  if (version !== VERSION)
    return {
      state: {},
      problem: `The link says ${version.slice(0, 20)}, and this page reads ${VERSION}: it shows its first view.`,
    };
  const given = new URLSearchParams(parts.join('&'));
  const one = <T extends string>(name: string, of: readonly T[]) => of.find((word) => word === given.get(name));
  const named = (name: string) => (NAME.test(given.get(name) ?? '') ? given.get(name)! : undefined);
  const view = one('view', VIEWS);
  const node = named('node');
  const slot =
    node === undefined
      ? one(
          'slot',
          SLOTS.filter((word) => word !== 'node'),
        )
      : 'node';
  const tab = named('tab');
  const [inspected, disk] = view === 'disk' ? [undefined, tab] : [tab, undefined];
  const state = {
    view,
    node,
    tab: inspected,
    diskTab: disk,
    slot,
    drawer: given.get('drawer') === '1' ? true : undefined,
  };
  return { state: Object.fromEntries(Object.entries(state).filter(([, value]) => value !== undefined)) };
}

/** Empty for what the page shows by itself. */
export function writeFragment({ view, slot, node, tab, diskTab, drawer }: StageState): string {
  const parts = new URLSearchParams();
  if (view !== 'system') parts.set('view', view);
  if (view === 'disk' && diskTab !== undefined) parts.set('tab', diskTab);
  const inspecting = view === 'system' && slot === 'node';
  if (inspecting && node !== undefined) parts.set('node', node);
  if (inspecting && tab !== undefined) parts.set('tab', tab);
  if (view === 'system' && slot === 'break') parts.set('slot', slot);
  if (drawer) parts.set('drawer', '1');
  const text = parts.toString();
  return text === '' ? '' : `#${VERSION}&${text}`;
}

/** Whether Back should undo the way from one state to the other: another view or node, not what happens within one. */
export function isStep(from: StageState, to: StageState): boolean {
  return from.view !== to.view || from.node !== to.node;
}
