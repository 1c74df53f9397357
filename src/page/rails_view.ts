/**
 * The system as rails on the page: each service's way from MicroPython to the hardware, with what every domain is doing now. Plain
 * elements, changed in place ten times a second at most: they are there before React and cost no render.
 */
import type { DomainActivity } from './activity';
import { kindGlyph } from './glyphs';
import type { Rail, RailKind, RailRow } from './rails';

type State = DomainActivity['state'] | 'absent';

/** What needs other words than the monitor's own. */
const STATE_WORDS: Readonly<Partial<Record<State, string>>> = {
  absent: 'not up yet',
  down: 'not up yet',
  passive: 'passive, runs when called',
  dead: 'ended',
  restarting: 'ended, starting again',
};

const KIND_WORDS: readonly (readonly [RailKind, string])[] = [
  ['client', 'client'],
  ['vm', 'virtual machine'],
  ['virtualiser', 'virtualiser'],
  ['driver', 'driver'],
  ['device', 'device'],
];

interface Shown {
  readonly row: RailRow;
  readonly element: HTMLElement;
  readonly words: Text;
  readonly count: Text;
}

const times = (n: number): string => (n === 1 ? 'once' : `${n} times`);

export class RailsView {
  readonly element = make('div', 'rails');
  /** A row was chosen: its domain. */
  open: (domain: string) => void = () => {};
  readonly #shown: Shown[] = [];

  /** Another system in place of the one before. */
  show(rails: readonly Rail[]): void {
    this.#shown.length = 0;
    this.element.replaceChildren(...rails.map((rail, i) => this.#section(rail, i === 0)), legend());
    this.#paint([]);
  }

  /** Where they are to be seen; whoever puts them on the page brings them up to date. */
  update(domains: readonly DomainActivity[]): void {
    if (this.element.isConnected) this.#paint(domains);
  }

  #paint(domains: readonly DomainActivity[]): void {
    for (const { row, element, words, count } of this.#shown) {
      const domain = domains.find(({ name }) => name === row.name);
      const state = stateOf(domain);
      const look = `k-${row.kind}${row.guest ? ' guest' : ''} ${state}${domain?.fresh ? ' now' : ''}`;
      if (element.className !== look) element.className = look;
      const reboots = (domain?.generation ?? 1) - 1;
      const says =
        (STATE_WORDS[state] ?? state) +
        (reboots > 0 ? `, ${row.kind === 'vm' ? 'rebooted' : 'restarted'} ${times(reboots)}` : '');
      if (words.data !== says) words.data = says;
      const handled = domain?.notifications ? domain.notifications.toLocaleString('en') : '';
      if (count.data !== handled) count.data = handled;
    }
  }

  #section({ service, rows }: Rail, first: boolean): HTMLElement {
    const section = make('section', 'rail');
    section.ariaLabel = service;
    const columns = make('span', 'columns', make('span', '', 'notifications'), make('span', '', 'priority'));
    columns.ariaHidden = 'true';
    const list = make('ul', '', ...rows.map((row) => (row.kind === 'device' ? deviceRow(row) : this.#domainRow(row))));
    section.append(make('h2', '', service, ...(first ? [columns] : [])), list);
    return section;
  }

  #domainRow(row: RailRow): HTMLElement {
    const [words, count] = [new Text(), new Text()];
    const name = make('button', 'rail-open', row.name) as HTMLButtonElement;
    name.type = 'button';
    name.addEventListener('click', () => this.open(row.name));
    const element = make(
      'li',
      '',
      make('i', 'tile', kindGlyph(row.kind)),
      make('span', 'name', make('b', '', name), make('small', '', make('span', 'dot'), words)),
      make('span', 'count', count, make('span', 'sr', ' notifications')),
      make('span', 'priority', make('span', 'sr', 'priority '), String(row.priority)),
    );
    this.#shown.push({ row, element, words, count });
    return element;
  }
}

function deviceRow({ name, intid }: RailRow): HTMLElement {
  const says = intid === undefined ? 'device' : `device, IRQ ${intid}`;
  const words = make('span', 'name', make('b', '', name), make('small', '', says));
  return make('li', 'k-device', make('i', 'tile', kindGlyph('device')), words);
}

function legend(): HTMLElement {
  return make('p', 'legend', ...KIND_WORDS.map(([kind, word]) => make('span', `k-${kind}`, kindGlyph(kind), word)));
}

function stateOf(domain: DomainActivity | undefined): State {
  // Between two samples it ran and went back to sleep: that is what a person wants to see.
  if (domain && domain.fresh > 0 && domain.state === 'waiting') return 'running';
  return domain?.state ?? 'absent';
}

function make(tag: string, className: string, ...children: (Node | string)[]): HTMLElement {
  const element = document.createElement(tag);
  if (className !== '') element.className = className;
  element.append(...children);
  return element;
}
