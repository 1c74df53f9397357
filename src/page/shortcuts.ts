/** Single keys outside the terminal, where letters are not text. They can be switched off (WCAG 2.1.4). */

export interface Pressed {
  readonly key: string;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
}

export const SHORTCUTS = {
  p: 'pause',
  s: 'step',
  S: 'stepStatement',
  g: 'system',
  d: 'disk',
  f: 'files',
  t: 'timeline',
  b: 'break',
  '/': 'find',
  '?': 'help',
  Escape: 'back',
} as const;

export type Shortcut = (typeof SHORTCUTS)[keyof typeof SHORTCUTS];

/** What takes every key for itself: text and the terminal. */
const TAKES_TEXT =
  'input:not([type="range"], [type="checkbox"]), textarea, select, [contenteditable="true"], .terminal';
/** What takes letters: it finds rows by them. */
const TAKES_LETTERS = '[role="grid"], [role="listbox"], [role="tree"]';

export function shortcutOf({ key, ctrlKey, altKey, metaKey }: Pressed): Shortcut | undefined {
  if (ctrlKey || altKey || metaKey) return undefined;
  return Object.hasOwn(SHORTCUTS, key) ? SHORTCUTS[key as keyof typeof SHORTCUTS] : undefined;
}

export function listenForShortcuts(enabled: () => boolean, act: (shortcut: Shortcut) => void): () => void {
  const pressed = (event: KeyboardEvent) => {
    const shortcut = shortcutOf(event);
    if (!shortcut || event.defaultPrevented) return;
    const within = (selector: string) => event.target instanceof Element && event.target.closest(selector) !== null;
    if (within(TAKES_TEXT) || (shortcut !== 'back' && (within(TAKES_LETTERS) || !enabled()))) return;
    event.preventDefault();
    act(shortcut);
  };
  addEventListener('keydown', pressed);
  return () => removeEventListener('keydown', pressed);
}
