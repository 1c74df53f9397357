/** The terminal: who gets the keys, what to do with the text, the rows themselves, and what to type first. */
import { lazy, Suspense, useCallback, useEffect, useLayoutEffect, useRef, useState, useSyncExternalStore } from 'react';
import type { Desk } from '../desk';
import type { MachineState } from '../machine_state';
import { copyText } from '../terminal/copy';
import { useStore } from '../use';
import { HintList } from './hint_list';
import { KeyRow } from './key_row';

const FindRow = lazy(() => import('./find_row').then((file) => ({ default: file.FindRow })));
const COPIED_MS = 2000;

export function TerminalPanel({ desk, state }: { desk: Desk; state: MachineState }) {
  const [finding, setFinding] = useState(false);
  const stopFinding = useCallback(() => {
    setFinding(false);
    desk.screen.terminal.focus();
  }, [desk]);
  const find = useCallback(() => setFinding(true), []);
  return (
    <section className="terminal" aria-label="Terminal">
      <h2 className="sr">Terminal</h2>
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
      <RestartOffer desk={desk} />
      <Rows desk={desk} find={find} />
      <HintList desk={desk} />
      <KeyRow desk={desk} />
    </section>
  );
}

/** Python that Ctrl-C does not reach: one step of it goes on for ever. */
function RestartOffer({ desk }: { desk: Desk }) {
  const offered = useSyncExternalStore(desk.stopOffer.subscribe, () => desk.stopOffer.offered);
  return (
    <div role="alert">
      {offered && (
        <p className="restart-offer">
          <span>
            <b>Ctrl C does not stop it.</b> MicroPython is inside one long step. Restarting it alone loses its
            variables; files and everything else stay.
          </span>
          <button className="btn s" type="button" onClick={() => desk.restartClient()}>
            Restart MicroPython
          </button>
        </p>
      )}
    </div>
  );
}

function aside(state: MachineState): string {
  if (state.phase === 'failed') return 'stopped';
  if (state.phase === 'starting') return 'boot log, you can type already';
  if (state.restarting) return 'MicroPython starts again';
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

/** The terminal's element was open before React came; it only gets its place here. */
function Rows({ desk, find }: { desk: Desk; find: () => void }) {
  const place = useRef<HTMLDivElement>(null);
  const { screenReader } = useStore(desk.settings);
  useLayoutEffect(() => {
    const focused = desk.element.contains(document.activeElement);
    place.current!.append(desk.element);
    desk.screen.fit();
    if (focused || document.activeElement === document.body) desk.screen.terminal.focus();
  }, [desk]);
  useEffect(() => {
    desk.actions = { find, leave: () => document.querySelector<HTMLElement>('.bar button')?.focus() };
  }, [desk, find]);
  return (
    <div className="place" ref={place}>
      <p className="sr">Tab completes Python names here. Ctrl Shift Up leaves the terminal.</p>
      <button className="skip" type="button" onClick={() => desk.settings.set({ screenReader: !screenReader })}>
        {screenReader ? 'Leave screen reader mode' : 'Read the terminal aloud: screen reader mode'}
      </button>
    </div>
  );
}
