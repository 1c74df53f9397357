/** The terminal's colours, taken from the page's tokens as they are painted now. */
import type { ITheme } from '@xterm/xterm';

/** Palette entries that stand for "client 0 printed this", "client 1" and a prompt: our inks, or upstream's red and green. */
export const CLIENT_INK = { client0: 250, client1: 251, prompt: 252 } as const;
const EXTENDED_FROM = 16;

const ANSI = {
  black: '--ansi-black',
  red: '--fault',
  green: '--client',
  yellow: '--signal-t',
  blue: '--driver',
  magenta: '--vm',
  cyan: '--ansi-cyan',
  white: '--ink-2',
  brightBlack: '--ink-3',
  brightRed: '--fault',
  brightGreen: '--client',
  brightYellow: '--signal-t',
  brightBlue: '--driver',
  brightMagenta: '--vm',
  brightCyan: '--ansi-cyan',
  brightWhite: '--ink',
} as const;

export function terminalTheme(within: HTMLElement, upstreamColours: boolean): ITheme {
  const probe = within.appendChild(document.createElement('i'));
  // A token may be light-dark(...): only a painted colour says which of the two it is.
  const colour = (token: string): string => {
    probe.style.color = `var(${token})`;
    return getComputedStyle(probe).color;
  };
  const extendedAnsi = new Array<string>(CLIENT_INK.prompt - EXTENDED_FROM + 1);
  extendedAnsi[CLIENT_INK.client0 - EXTENDED_FROM] = colour(upstreamColours ? '--upstream-red' : '--ink');
  extendedAnsi[CLIENT_INK.client1 - EXTENDED_FROM] = colour(upstreamColours ? '--upstream-green' : '--ink');
  extendedAnsi[CLIENT_INK.prompt - EXTENDED_FROM] = colour(upstreamColours ? '--upstream-red' : '--client');
  const theme: ITheme = {
    background: colour('--term'),
    foreground: colour('--ink'),
    cursor: colour('--ink'),
    cursorAccent: colour('--term'),
    selectionBackground: colour('--signal-w'),
    selectionInactiveBackground: colour('--signal-w'),
    selectionForeground: colour('--ink'),
    scrollbarSliderBackground: colour('--line'),
    scrollbarSliderHoverBackground: colour('--edge'),
    scrollbarSliderActiveBackground: colour('--edge'),
    overviewRulerBorder: 'rgba(0, 0, 0, 0)',
    extendedAnsi,
    ...Object.fromEntries(Object.entries(ANSI).map(([name, token]) => [name, colour(token)])),
  };
  probe.remove();
  return theme;
}
