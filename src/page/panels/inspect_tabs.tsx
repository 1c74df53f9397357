/** The inspector's tabs: arrow keys, Home and End move between them. */
import type { KeyboardEvent } from 'react';
import type { InspectorTab } from '../inspect/node';

const LABELS: Readonly<Record<InspectorTab, string>> = {
  overview: 'Overview',
  queues: 'Queues',
  memory: 'Memory',
  registers: 'Registers',
  log: 'Log',
};

interface Props {
  readonly tabs: readonly InspectorTab[];
  readonly tab: InspectorTab;
  readonly frozen?: boolean;
  show(tab: InspectorTab): void;
  freeze?(): void;
}

export function InspectTabs({ tabs, tab, frozen, show, freeze }: Props) {
  const moved = (event: KeyboardEvent) => {
    const at = tabs.indexOf(tab);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = tabs[(to + tabs.length) % tabs.length]!;
    show(next);
    document.getElementById(`inspect-tab-${next}`)?.focus();
  };
  return (
    <div className="inspect-tabs">
      <div role="tablist" aria-label="What to inspect" onKeyDown={moved}>
        {tabs.map((one) => (
          <button
            key={one}
            id={`inspect-tab-${one}`}
            className="tab"
            type="button"
            role="tab"
            aria-selected={one === tab}
            aria-controls="inspect-panel"
            tabIndex={one === tab ? 0 : -1}
            onClick={() => show(one)}
          >
            {LABELS[one]}
          </button>
        ))}
      </div>
      <span className="grow" />
      {freeze && (
        <button className="btn s quiet" type="button" aria-pressed={frozen ?? false} onClick={freeze}>
          {frozen ? 'Frozen view' : 'Freeze view'}
        </button>
      )}
    </div>
  );
}
