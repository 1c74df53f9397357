/** The guest's web server as a browser sees it: an address, its page in a frame, and what there is to type when nothing answers. */
import '../style/web.css';
import { type FormEvent, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import type { Desk } from '../desk';
import type { GuestAddress } from '../guest_web';
import { Sign } from '../icons';
import type { MachineState } from '../machine_state';

/** A web server in one line of Python, as it can stand behind the prompt. */
const SERVER = "import requests; exec(requests.get('http://10.0.2.2/server.py').text)";

interface Props {
  readonly desk: Desk;
  readonly state: MachineState;
  /** Shows the terminal where there is room for one pane only. */
  terminal(): void;
}

export function WebPanel({ desk, state, terminal }: Props) {
  const { web } = desk.machine;
  const [typed, setTyped] = useState('/');
  const [shown, setShown] = useState<GuestAddress>();
  /** Another frame for each visit: one that shows an address already would not load it again. */
  const [visit, setVisit] = useState(0);
  const frame = useRef<HTMLIFrameElement>(null);

  const go = async (path: string) => {
    const address = await web.addressOf(path);
    setShown(address);
    setVisit((before) => before + 1);
  };
  const first = useRef(go);
  useEffect(() => {
    if (state.phase === 'ready') void first.current('/');
  }, [state.phase]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const path = typed.startsWith('/') ? typed : `/${typed}`;
    setTyped(path);
    void go(path);
  };
  /** The page in the frame has this page's origin, so where it is can be read, and shown after a link was followed. */
  const loaded = () => {
    const path = web.pathOf(frame.current?.contentWindow?.location.href ?? '');
    if (path !== undefined) setTyped(path);
  };
  const suggest = () => {
    terminal();
    desk.suggest(SERVER);
  };

  return (
    <div className="web">
      <form className="web-bar" onSubmit={submit}>
        <label className="web-address">
          <span>http://10.0.2.15</span>
          <input
            value={typed}
            aria-label="Path on the guest's web server"
            spellCheck={false}
            autoCapitalize="off"
            autoComplete="off"
            onChange={(event) => setTyped(event.target.value)}
          />
        </label>
        <button className="btn s" type="submit" title="Loads the page again" disabled={state.phase !== 'ready'}>
          <Sign name="fresh" />
          Load
        </button>
      </form>
      {shown && 'address' in shown ? (
        <iframe
          key={visit}
          ref={frame}
          className="web-frame"
          title="A page of the guest's web server"
          sandbox="allow-same-origin allow-forms"
          src={shown.address}
          onLoad={loaded}
        />
      ) : (
        <p className="web-empty" role="status">
          {shown ? shown.problem : 'The system is starting.'}
        </p>
      )}
      <footer className="web-foot">
        <button className="btn s" type="button" disabled={state.phase !== 'ready'} onClick={suggest}>
          <Sign name="python" />
          Type a small web server
        </button>
        <Carry desk={desk} />
      </footer>
    </div>
  );
}

/** Nothing leaves the page before this is switched on. */
function Carry({ desk }: { desk: Desk }) {
  const { web } = desk.machine;
  const carries = useSyncExternalStore(web.subscribe, () => web.carries);
  return (
    <label
      className="web-carry"
      title="Plain HTTP from Python to port 80 of other hosts is sent on by this browser, over HTTPS"
    >
      <input type="checkbox" checked={carries} onChange={(event) => web.carry(event.target.checked).catch(() => {})} />
      Carry requests to other hosts
    </label>
  );
}
