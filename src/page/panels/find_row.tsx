/** Find in the terminal's text, with what has scrolled off. */
import { SearchAddon } from '@xterm/addon-search';
import type { Terminal } from '@xterm/xterm';
import { useEffect, useRef, useState } from 'react';
import { Sign } from '../icons';

export function FindRow({ terminal, close }: { terminal: Terminal; close: () => void }) {
  const [search] = useState(() => new SearchAddon());
  const [text, setText] = useState('');
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    terminal.loadAddon(search);
    field.current?.focus();
    return () => {
      search.clearDecorations();
      terminal.clearSelection();
    };
  }, [terminal, search]);
  const [found, setFound] = useState(true);
  const look = (wanted: string) => {
    setText(wanted);
    setFound(wanted === '' || search.findPrevious(wanted, { incremental: true }));
  };
  return (
    <search className="find">
      <Sign name="find" />
      <input
        ref={field}
        aria-label="Find in the terminal"
        placeholder="Find in the terminal"
        value={text}
        onChange={({ target }) => look(target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') close();
          if (event.key === 'Enter') event.shiftKey ? search.findNext(text) : search.findPrevious(text);
        }}
      />
      <span role="status">{found ? '' : 'Not found'}</span>
      <button className="btn quiet s" type="button" aria-label="Close" onClick={close}>
        <Sign name="cross" />
      </button>
    </search>
  );
}
