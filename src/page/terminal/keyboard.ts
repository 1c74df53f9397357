/** Keys, paste and copy between the terminal's element and who takes the keys. */
import type { Input } from '../console';
import { pasteKeys } from '../paste';
import { copyText } from './copy';
import { keyAction } from './keys';
import type { Recall } from './recall';
import type { XtermScreen } from './xterm_screen';

/** Where the keys go. */
export interface Typist {
  readonly input: Input | undefined;
  type(keys: string): void;
}

export interface KeyboardActions {
  leave(): void;
  find(): void;
}

/** xterm.js is open in `element` by now. */
export function connectKeyboard(
  { terminal }: XtermScreen,
  element: HTMLElement,
  typist: Typist,
  recall: Recall,
  actions: KeyboardActions,
): void {
  const mac = /^Mac/.test(navigator.platform);
  terminal.attachCustomKeyEventHandler((event) => {
    const action = keyAction(event, { selected: terminal.hasSelection(), mac });
    if (action === 'line') return true;
    if (action === 'browser') return false;
    if ((action === 'previous' || action === 'next') && !typist.input) return true;
    event.preventDefault();
    if (event.type !== 'keydown') return false;
    if (action === 'copy') copySelection(terminal);
    else if (action === 'previous' || action === 'next') recall.move(action);
    else actions[action]();
    return false;
  });
  terminal.onData((keys) => {
    recall.typed();
    typist.type(keys);
  });
  terminal.onBinary((keys) => typist.type(keys));
  const paste = (event: ClipboardEvent) => {
    // Before xterm.js, which would type several lines into MicroPython's automatic indentation.
    event.preventDefault();
    event.stopPropagation();
    recall.typed();
    terminal.scrollToBottom();
    typist.type(pasteKeys(event.clipboardData?.getData('text/plain') ?? '', typist.input));
  };
  element.addEventListener('paste', paste, { capture: true });
}

/** The selection goes away, so that the next Ctrl-C interrupts. */
async function copySelection(terminal: XtermScreen['terminal']): Promise<void> {
  if (!terminal.hasSelection()) return;
  if (await copyText(terminal.getSelection())) terminal.clearSelection();
}
