/** The terminal: who gets the keys, what to do with the text, the rows themselves, and what to type first. */
import { lazy, Suspense, useCallback, useEffect, useRef, useState } from 'react';
import type { Desk } from '../desk';
import type { MachineState } from '../machine';
import { copyText } from '../terminal/copy';
import { drawGutter } from '../terminal/gutter';
import { connectKeyboard } from '../terminal/keyboard';
import { useStore } from '../use';
import { HintList } from './hint_list';
import { KeyRow } from './key_row';

const FindRow = lazy(() => import('./find_row'));
const COPIED_MS = 2000;

export function TerminalPanel({ desk, state }: { desk: Desk; state: MachineState }) {
  const [finding, setFinding] = useState(false);
  const stopFinding = useCallback(() => {
    setFinding(false);
    desk.screen.terminal.focus();
  }, [desk]);
  return (
    <section className="terminal" aria-label="Terminal">
      <div className="terminal-head">
        <Client desk={desk} state={state} />
        <span className="aside">{aside(state)}</span>
        <span className="grow" />
        <button className="btn quiet s wide" type="button" aria-expanded={finding} onClick={() => setFinding(!finding)}>
          Find
        </button>
        <CopyAll desk={desk} />
        <button className="btn s" type="button" onClick={() => desk.interrupt()}>
          Stop <kbd>Ctrl C</kbd>
        </button>
      </div>
      {finding && (
        <Suspense fallback={null}>
          <FindRow terminal={desk.screen.terminal} close={stopFinding} />
        </Suspense>
      )}
      <Rows desk={desk} find={() => setFinding(true)} />
      <HintList desk={desk} />
      <KeyRow desk={desk} />
    </section>
  );
}

function aside(state: MachineState): string {
  if (state.phase === 'failed') return 'stopped';
  if (state.phase === 'starting') return 'boot log, you can type already';
  return state.keysTo === 0 ? 'Python, over the serial line' : 'console of the virtual machine';
}

/** Who gets the keys; pressing the other one sends upstream's own switch, Ctrl-\ and its number. */
function Client({ desk, state }: { desk: Desk; state: MachineState }) {
  const client = (number: 0 | 1, name: string) => (
    <button
      type="button"
      className={`client${number}`}
      aria-pressed={state.keysTo === number}
      title={`Sends Ctrl \\ ${number} Enter`}
      onClick={() => desk.talkTo(number)}
    >
      <i aria-hidden="true" />
      {name}
    </button>
  );
  return (
    <fieldset className="segments">
      <legend className="sr">Your keys go to</legend>
      {client(0, 'micropython')}
      {client(1, 'linux_fs_vm')}
    </fieldset>
  );
}

function CopyAll({ desk }: { desk: Desk }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), COPIED_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = async () => setCopied(await copyText(desk.machine.console.text));
  return (
    <button className="btn quiet s" type="button" onClick={copy}>
      {copied ? 'Copied' : 'Copy all'}
    </button>
  );
}

function Rows({ desk, find }: { desk: Desk; find: () => void }) {
  const element = useRef<HTMLDivElement>(null);
  const gutter = useRef<HTMLDivElement>(null);
  const openFind = useRef(find);
  openFind.current = find;
  const settings = useStore(desk.settings);

  useEffect(() => {
    const { screen, recall } = desk;
    screen.open(element.current!, desk.settings.state);
    const stopKeys = connectKeyboard(screen, element.current!, desk, recall, {
      leave: () => document.querySelector<HTMLElement>('.bar button')?.focus(),
      find: () => openFind.current(),
    });
    const stopGutter = drawGutter(screen, gutter.current!);
    const resized = new ResizeObserver(() => requestAnimationFrame(() => screen.fit()));
    resized.observe(element.current!);
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    const repaint = () => screen.repaint();
    scheme.addEventListener('change', repaint);
    if (document.activeElement === document.body) screen.terminal.focus();
    return () => {
      stopKeys();
      stopGutter();
      resized.disconnect();
      scheme.removeEventListener('change', repaint);
    };
  }, [desk]);

  useEffect(() => desk.screen.apply(settings), [desk, settings]);

  return (
    <div className="rows">
      <div className="gutter" ref={gutter} aria-hidden="true" />
      <p className="sr" id="leave-terminal">
        Tab completes Python names here. Ctrl Shift Up leaves the terminal.
      </p>
      <button
        className="skip"
        type="button"
        onClick={() => desk.settings.set({ screenReader: !settings.screenReader })}
      >
        {settings.screenReader ? 'Leave screen reader mode' : 'Read the terminal aloud: screen reader mode'}
      </button>
      <div className="xterm-host" ref={element} />
    </div>
  );
}
