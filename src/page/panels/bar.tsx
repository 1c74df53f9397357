/** The bar: what this is, which board, where the disk is, theme and help. */
import { useState } from 'react';
import type { Desk } from '../desk';
import { Mark, Sign } from '../icons';
import type { MachineState } from '../machine_state';
import type { View } from '../stage';
import { storageWords } from '../storage_words';
import { keptTheme, nextTheme, setTheme, type Theme } from '../theme';
import { BoardChoice } from './board_choice';

interface Props {
  readonly desk: Desk;
  readonly state: MachineState;
  readonly view: View;
  show(view: View): void;
}

const THEME_WORDS: Record<Theme, string> = { system: 'follows your system', light: 'light', dark: 'dark' };

export function Bar({ desk, state, view, show }: Props) {
  const storage = storageWords(state.storage);
  const short = state.phase === 'failed' && !state.storage ? 'Not opened' : storage.short;
  return (
    <header className="bar">
      <a className="wordmark" href="./">
        <Mark />
        vmfs
        <small>
          LionsOS Virtualised Filesystem,
          <br />
          running in this page
        </small>
        <span className="sr">, start again</span>
      </a>
      <span className="sep wide" />
      <BoardChoice desk={desk} className="fact wide" />
      <button className="fact chip" type="button" aria-expanded={view === 'disk'} onClick={() => show('disk')}>
        <b>{state.mount?.type ? `${state.mount.type} disk` : 'disk'}</b>
        <span className={`storage ${storage.kind}`} role="status">
          <i aria-hidden="true" />
          {short}
        </span>
      </button>
      <span className="grow" />
      <ThemeButton desk={desk} />
      <button className="btn quiet" type="button" aria-label="Help and keys" onClick={() => show('help')}>
        <Sign name="help" />
      </button>
    </header>
  );
}

export function ThemeButton({ desk }: { desk?: Desk }) {
  const [theme, set] = useState(keptTheme);
  const change = () => {
    const next = nextTheme(theme);
    setTheme(next);
    set(next);
    desk?.screen.repaint();
  };
  const words = `Theme: ${THEME_WORDS[theme]}`;
  return (
    <button className="btn quiet" type="button" aria-label={words} title={words} onClick={change}>
      <Sign name="theme" />
    </button>
  );
}
