/** Draws frames into the graph's edges: tokens that run along them, gold where they are too many, what waits, and how often. No React. */
import type { Fired } from './fired';
import type { Frame } from './live';
import type { Depth } from './queues';

/** At a time: above that an eye sees a swarm and follows none. */
const MAX_TOKENS = 8;
const TOKEN_MS = 450;
const LIT_MS = 600;
/** Notifications a second from which on an edge says how many. */
const RATE_SHOWN = 30;
const RATE_OVER_MS = 500;
const LETTER = 5.8;
const BADGE = { height: 14, padding: 15, level: 9 };
const TOKEN = 'M0 -6.5L6.5 0L0 6.5L-6.5 0Z';

interface Edge {
  readonly element: SVGElement;
  readonly lit: SVGElement;
  readonly path: string;
  readonly badge: SVGElement | null;
  fired: number;
  /** Since when `recent` is counted. */
  since: number;
  recent: number;
  rate: number;
  depth: Depth | undefined;
  label: string;
  token: Animation | undefined;
  gold: Animation | undefined;
  /** Gold for as long as the system is busy. */
  steady: boolean;
}

export class EdgePainter {
  readonly #edges = new Map<string, Edge>();
  readonly #still = matchMedia('(prefers-reduced-motion: reduce)');
  #tokens = 0;

  /** `drawing` has elements with `data-edge` and `data-badge` for each edge; tokens are put into `layer`. */
  constructor(
    readonly drawing: SVGElement,
    readonly layer: SVGElement,
  ) {
    for (const element of drawing.querySelectorAll<SVGElement>('[data-edge]')) {
      this.#edges.set(element.dataset.edge!, {
        element,
        lit: element.querySelector<SVGElement>('.lit')!,
        path: element.querySelector('.lit path')!.getAttribute('d')!,
        badge: drawing.querySelector<SVGElement>(`[data-badge="${element.dataset.edge}"]`),
        fired: 0,
        since: 0,
        recent: 0,
        rate: 0,
        depth: undefined,
        label: '',
        token: undefined,
        gold: undefined,
        steady: false,
      });
    }
  }

  paint({ fired, depths, last, busy }: Frame): void {
    const now = performance.now();
    this.drawing.classList.toggle('busy', busy);
    for (const one of fired) this.#fire(one, busy);
    const alight = new Set(busy ? fired.map(({ edge }) => edge) : []);
    for (const [id, edge] of this.#edges) {
      steady(edge, alight.has(id));
      edge.depth = depths.get(id);
      if (last) edge.rate = edge.recent = 0;
      else if (now - edge.since >= RATE_OVER_MS) measure(edge, now);
      label(edge);
    }
  }

  #fire({ edge: id, forward, count }: Fired, busy: boolean): void {
    const edge = this.#edges.get(id);
    if (!edge) return;
    edge.fired += count;
    edge.recent += count;
    edge.element.dataset.fired = String(Math.round(edge.fired));
    // Every change of the drawing costs; gold that stays is as true, and costs nothing.
    if (busy) return;
    if (this.#still.matches || edge.token || this.#tokens >= MAX_TOKENS) glow(edge, this.#still.matches);
    else this.#run(edge, forward);
  }

  #run(edge: Edge, forward: boolean): void {
    const token = document.createElementNS('http://www.w3.org/2000/svg', 'path');
    token.setAttribute('class', 'token');
    token.setAttribute('d', TOKEN);
    token.style.offsetPath = `path("${edge.path}")`;
    this.layer.append(token);
    const way = forward ? ['0%', '100%'] : ['100%', '0%'];
    const animation = token.animate({ offsetDistance: way }, { duration: TOKEN_MS, easing: 'ease-out' });
    edge.token = animation;
    this.#tokens++;
    const over = () => {
      token.remove();
      edge.token = undefined;
      this.#tokens--;
    };
    // Cancelled when the drawing goes: then it is over, too.
    animation.finished.then(over, over);
    glow(edge, false);
  }
}

function steady(edge: Edge, on: boolean): void {
  if (edge.steady === on) return;
  edge.steady = on;
  edge.element.classList.toggle('steady', on);
}

/** Gold at once, gone as slowly as an eye needs; without motion it stays gold for as long. */
function glow(edge: Edge, still: boolean): void {
  // Known here: to ask the element for its animations costs a calculation of all styles.
  if (edge.gold?.playState === 'running') edge.gold.currentTime = 0;
  else edge.gold = edge.lit.animate({ opacity: still ? [1, 1] : [1, 1, 0] }, { duration: LIT_MS });
}

function measure(edge: Edge, now: number): void {
  edge.rate = edge.since === 0 ? 0 : Math.round((edge.recent * 1000) / (now - edge.since));
  edge.since = now;
  edge.recent = 0;
}

const rateWords = (rate: number) => (rate < 1000 ? `${rate}/s` : `${Math.round(rate / 1000)}k/s`);

/** What waits comes first; how often something runs along is said when nothing does. */
function label(edge: Edge): void {
  const { badge, depth, rate } = edge;
  if (!badge) return;
  const waiting = depth?.label ?? '';
  const text = waiting !== '' ? waiting : rate >= RATE_SHOWN ? rateWords(rate) : '';
  const kind = waiting !== '' ? 'depth' : 'rate';
  const level = Math.ceil((depth?.level ?? 0) * BADGE.level);
  const whole = `${kind} ${text} ${level}`;
  if (edge.label === whole) return;
  edge.label = whole;
  badge.dataset.kind = text === '' ? '' : kind;
  const width = text.length * LETTER + (kind === 'depth' ? BADGE.padding : 8);
  const [box, bar, words] = badge.children as unknown as readonly SVGElement[];
  box!.setAttribute('x', String(-width / 2));
  box!.setAttribute('width', String(width));
  bar!.setAttribute('x', String(-width / 2 + 4));
  bar!.setAttribute('y', String(BADGE.height / 2 - 3 - level));
  bar!.setAttribute('height', String(level));
  words!.setAttribute('x', String(kind === 'depth' ? 4 : 0));
  words!.textContent = text;
}
