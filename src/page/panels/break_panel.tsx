/** What can be broken, in the lower slot of the System view: the victim stays in sight in the graph above, and is marked before anything happens. */
import { type KeyboardEvent, useEffect, useMemo, useRef } from 'react';
import { type Breaking, breakingOf } from '../breaking/breaking';
import { killDomain } from '../breaking/kill_domain';
import { MENU, type MenuItem } from '../breaking/menu';
import type { Desk } from '../desk';
import { Sign } from '../icons';
import { useStore } from '../use';
import { BreakActive } from './break_active';
import { BreakComponents } from './break_components';
import { BreakSign } from './break_signs';
import { Words } from './strip';
import '../style/break.css';

export function BreakPanel({ desk }: { desk: Desk }) {
  const breaking = useMemo(() => breakingOf(desk), [desk]);
  const panel = useRef<HTMLElement>(null);
  useEffect(() => breaking.feel(), [breaking]);
  useEffect(() => breaking.faults.follow(), [breaking]);
  useEffect(() => {
    // Opened by a key, it is where the reader goes on.
    if (document.activeElement === document.body || document.activeElement?.matches(':focus-visible:not(.terminal *)'))
      panel.current?.querySelector<HTMLElement>('.fault')?.focus();
  }, []);
  const close = () => {
    desk.stage.choose(undefined);
    document.querySelector<HTMLElement>('.break-it')?.focus();
  };
  const pressed = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.altKey || event.metaKey || !desk.settings.state.shortcuts) return;
    const item = MENU.flatMap(({ items }) => items).find(({ key }) => key === event.key);
    if (!item) return;
    event.preventDefault();
    act(breaking, item);
  };
  return (
    <section className="break-panel" aria-label="Break it" ref={panel} onKeyDown={pressed}>
      <header className="slot-head">
        <h2>Break it</h2>
        <span className="aside">pick a fault; its victim is marked in the graph</span>
        <span className="grow" />
        <button className="btn s quiet" type="button" aria-label="Close Break it" onClick={close}>
          <Sign name="cross" />
        </button>
      </header>
      <BreakActive desk={desk} breaking={breaking} />
      <div className="fault-groups">
        {MENU.map(({ title, items }) => (
          <section key={title} className="fault-group" aria-label={title}>
            <h3>{title}</h3>
            {items.map((item) => (
              <FaultRow key={item.id} desk={desk} breaking={breaking} item={item} />
            ))}
          </section>
        ))}
        <BreakComponents desk={desk} breaking={breaking} />
      </div>
      <p className="break-note">Nothing here can harm files outside this page.</p>
    </section>
  );
}

function FaultRow({ desk, breaking, item }: { desk: Desk; breaking: Breaking; item: MenuItem }) {
  const { phase } = useStore(desk.machine);
  const light = (on: boolean) => desk.stage.light(on ? item.victim : undefined);
  // A panel that goes away under the pointer lights nothing any more.
  useEffect(() => () => desk.stage.light(undefined), [desk]);
  return (
    <button
      className="fault"
      type="button"
      aria-disabled={phase !== 'ready'}
      aria-keyshortcuts={item.key}
      onClick={() => {
        if (phase === 'ready') act(breaking, item);
      }}
      onPointerEnter={() => light(true)}
      onPointerLeave={() => light(false)}
      onFocus={() => light(true)}
      onBlur={() => light(false)}
    >
      <BreakSign name={item.sign} />
      <span>
        <b>{item.label}</b>
        <span className="fault-words">
          <Words text={item.words} />
        </span>
      </span>
      {item.key && <kbd>{item.key.toUpperCase()}</kbd>}
    </button>
  );
}

function act({ desk, faults }: Breaking, { act: what }: MenuItem): void {
  const { machine, watch } = desk;
  watch.poke();
  // What becomes of it is said on the terminal, in the graph and by the recovery.
  if ('kill' in what) killDomain(machine, what.kill).catch(() => {});
  else if ('hang' in what) machine.hang(what.hang);
  else if ('badSector' in what) void faults.setBadSector();
  else void faults.set(...('set' in what ? what.set : what.damage));
}
