/** Which keys the page takes for itself while the terminal has the focus; everything else goes over the serial line. */

export type KeyAction = 'copy' | 'browser' | 'leave' | 'find' | 'previous' | 'next' | 'line';

export interface Key {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly shiftKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
}

/** `browser`: the browser's own action (paste). `line`: xterm.js makes bytes of it. */
export function keyAction(key: Key, { selected, mac }: { selected: boolean; mac: boolean }): KeyAction {
  const letter = key.key.toLowerCase();
  if (key.ctrlKey && key.shiftKey && !key.altKey && !key.metaKey) {
    if (letter === 'arrowup') return 'leave';
    if (letter === 'f') return 'find';
    if (letter === 'c') return 'copy';
    if (letter === 'v') return 'browser';
  }
  if (mac && key.metaKey && 'cv'.includes(letter)) return 'browser';
  if (!mac && key.ctrlKey && !key.shiftKey && !key.altKey) {
    if (letter === 'c' && selected) return 'copy';
    if (letter === 'v') return 'browser';
  }
  const plain = !key.ctrlKey && !key.shiftKey && !key.altKey && !key.metaKey;
  if (plain && key.key === 'ArrowUp') return 'previous';
  if (plain && key.key === 'ArrowDown') return 'next';
  return 'line';
}
