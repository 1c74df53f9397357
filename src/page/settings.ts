/** How the terminal is shown, kept in this browser. */
import { flag, keep, kept } from './kept';
import type { ScreenOptions } from './terminal/xterm_screen';

export const FONT_SIZES = { smallest: 10, phone: 12, usual: 13.5, largest: 32 } as const;
const PHONE = '(max-width: 719px)';

export interface PageSettings extends ScreenOptions {
  /** Single keys act on the page while the terminal does not have them. */
  readonly shortcuts: boolean;
}

export class Settings {
  state: PageSettings = {
    fontSize: kept('fontSize', size, matchMedia(PHONE).matches ? FONT_SIZES.phone : FONT_SIZES.usual),
    upstreamColours: kept('upstreamColours', flag, false),
    screenReader: kept('screenReader', flag, false),
    shortcuts: kept('shortcuts', flag, true),
  };
  readonly #listeners = new Set<() => void>();

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  set(change: Partial<PageSettings>): void {
    const fontSize = Math.min(
      FONT_SIZES.largest,
      Math.max(FONT_SIZES.smallest, change.fontSize ?? this.state.fontSize),
    );
    this.state = { ...this.state, ...change, fontSize };
    for (const [name, value] of Object.entries(this.state)) keep(name, value);
    for (const listener of this.#listeners) listener();
  }
}

function size(value: unknown): number | undefined {
  const known = typeof value === 'number' && value >= FONT_SIZES.smallest && value <= FONT_SIZES.largest;
  return known ? value : undefined;
}
