/** The glyphs of the kinds of component, as SVG elements: used with React and before it. */
import type { RailKind } from './rails';

type Shape = readonly [tag: 'path' | 'rect', attributes: Readonly<Record<string, string>>];

const BOX: Shape = ['rect', { x: '1.5', y: '1.5', width: '9', height: '9' }];

const KINDS: Readonly<Record<RailKind, readonly Shape[]>> = {
  driver: [BOX, ['rect', { class: 'f', x: '1.5', y: '1.5', width: '4.5', height: '9' }]],
  virtualiser: [['path', { d: 'M1 6h4M5 6l5.5-4M5 6l5.5 4M5 6h5.5' }]],
  vm: [BOX, ['rect', { class: 'f', x: '4', y: '4', width: '4', height: '4' }]],
  client: [['path', { d: 'M1.5 2.5L5 6 1.5 9.5M6.5 9.5h4.5' }]],
  device: [
    ['rect', { x: '3', y: '3', width: '6', height: '6' }],
    ['path', { d: 'M4.5 3V1M7.5 3V1M4.5 11V9M7.5 11V9' }],
  ],
};

export function kindGlyph(kind: RailKind): SVGElement {
  return svg(
    'svg',
    {
      class: 'kind',
      viewBox: '0 0 12 12',
      fill: 'none',
      stroke: 'currentColor',
      'stroke-width': '1.4',
      'aria-hidden': 'true',
    },
    KINDS[kind].map(([tag, attributes]) => svg(tag, attributes)),
  );
}

function svg(
  tag: string,
  attributes: Readonly<Record<string, string>>,
  children: readonly SVGElement[] = [],
): SVGElement {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}
