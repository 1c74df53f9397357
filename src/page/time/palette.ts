/** The tokens' colours as a canvas takes them, in the theme of now. */

export interface Palette {
  readonly driver: string;
  readonly virtualiser: string;
  readonly vm: string;
  readonly client: string;
  readonly device: string;
  readonly guest: CanvasPattern;
  readonly future: CanvasPattern;
  readonly band: string;
  readonly lit: string;
  readonly surface: string;
  readonly line: string;
  readonly edge: string;
  readonly ink: string;
  readonly ink2: string;
  readonly ink3: string;
  readonly signal: string;
  readonly onSignal: string;
  readonly mono: string;
}

/** Reads them from the style of an element in the page. */
export function paletteOf(element: HTMLElement, context: CanvasRenderingContext2D): Palette {
  const probe = document.createElement('i');
  // A drawing keeps its colours where the system has its own: they are what tells the kinds apart.
  probe.style.setProperty('forced-color-adjust', 'none');
  element.append(probe);
  const colour = (token: string) => {
    probe.style.color = `var(--${token})`;
    return getComputedStyle(probe).color;
  };
  probe.style.fontFamily = 'var(--mono)';
  const mono = getComputedStyle(probe).fontFamily;
  const palette = {
    driver: colour('driver'),
    virtualiser: colour('virt'),
    vm: colour('vm'),
    client: colour('client'),
    device: colour('device'),
    guest: stripes(context, colour('vm'), colour('vm-w')),
    future: hatch(context, colour('line')),
    band: colour('raised'),
    lit: colour('signal-w'),
    surface: colour('surface'),
    line: colour('line'),
    edge: colour('edge'),
    ink: colour('ink'),
    ink2: colour('ink-2'),
    ink3: colour('ink-3'),
    signal: colour('signal'),
    onSignal: colour('on-signal'),
    mono,
  };
  probe.remove();
  return palette;
}

/** A virtual machine is a broken line, everywhere. */
function stripes(context: CanvasRenderingContext2D, line: string, ground: string): CanvasPattern {
  return tile(context, 5, (to) => {
    to.fillStyle = ground;
    to.fillRect(0, 0, 5, 5);
    to.fillStyle = line;
    to.fillRect(0, 0, 2.4, 5);
  });
}

function hatch(context: CanvasRenderingContext2D, line: string): CanvasPattern {
  return tile(context, 8, (to) => {
    to.strokeStyle = line;
    to.lineWidth = 1.2;
    to.beginPath();
    for (const offset of [-8, 0, 8]) {
      to.moveTo(offset, 8);
      to.lineTo(offset + 8, 0);
    }
    to.stroke();
  });
}

function tile(context: CanvasRenderingContext2D, size: number, paint: (to: CanvasRenderingContext2D) => void) {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = size;
  paint(canvas.getContext('2d')!);
  return context.createPattern(canvas, 'repeat')!;
}
