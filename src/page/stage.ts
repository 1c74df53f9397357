/** What the page shows: which view and pane, what lies below the graph, what is chosen, what is lit. One object, so that views agree. */

export const VIEWS = ['system', 'disk', 'files', 'web', 'packets', 'help'] as const;
export type View = (typeof VIEWS)[number];
export type Pane = 'terminal' | 'stage';

/** What the lower slot of the System view holds: exactly one of these. */
export const SLOTS = ['words', 'node', 'break', 'recovery'] as const;
export type Slot = (typeof SLOTS)[number];

export interface StageState {
  readonly view: View;
  /** On small screens: which one is seen. */
  readonly pane: Pane;
  readonly slot: Slot;
  /** The chosen node of the graph: a domain's name, or its device's. */
  readonly node?: string | undefined;
  /** The inspector's tab. */
  readonly tab?: string | undefined;
  /** Which way the disk is shown: whoever comes back to it finds what was open. */
  readonly diskTab?: string | undefined;
  /** The timeline is open. */
  readonly drawer: boolean;
  /** The node under the pointer or the focus, in whatever view: lit everywhere. */
  readonly lit?: string | undefined;
  /** Ids of the graph's nodes and edges that a followed request went along; everything else steps back. */
  readonly path?: ReadonlySet<string> | undefined;
  /** What the address asked for and could not have. */
  readonly notice?: string | undefined;
}

export class Stage {
  state: StageState = { view: 'system', pane: 'terminal', slot: 'words', drawer: false };
  readonly #listeners = new Set<() => void>();

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  show(view: View): void {
    this.set({ view, pane: 'stage', notice: undefined });
  }

  showTerminal(): void {
    this.set({ pane: 'terminal' });
  }

  /** In the lower slot; the System view comes forward for it. */
  open(slot: Slot): void {
    this.set({ slot, view: 'system', pane: 'stage', node: slot === 'node' ? this.state.node : undefined });
  }

  /** Opens a node in the inspector; undefined closes it. */
  choose(node: string | undefined, tab?: string): void {
    if (node === undefined) this.set({ node, tab: undefined, slot: 'words' });
    else this.set({ node, tab: tab ?? this.state.tab, slot: 'node', view: 'system', pane: 'stage' });
  }

  showTab(tab: string): void {
    this.set({ tab });
  }

  light(lit: string | undefined): void {
    this.set({ lit });
  }

  follow(path: ReadonlySet<string> | undefined): void {
    this.set({ path });
  }

  toggleDrawer(drawer = !this.state.drawer): void {
    this.set({ drawer });
  }

  /** Esc: one level back; false when there is none. */
  back(): boolean {
    const { slot, path, drawer } = this.state;
    if (slot !== 'words') this.choose(undefined);
    else if (path) this.follow(undefined);
    else if (drawer) this.toggleDrawer(false);
    else return false;
    return true;
  }

  set(change: Partial<StageState>): void {
    const next = { ...this.state, ...change };
    if ((Object.keys(next) as (keyof StageState)[]).every((key) => next[key] === this.state[key])) return;
    this.state = next;
    for (const listener of this.#listeners) listener();
  }
}
