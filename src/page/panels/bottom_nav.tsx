/** On small screens: one pane at a time, chosen here. */

import { Sign } from '../icons';
import type { Pane, View } from '../stage';

interface Props {
  readonly pane: Pane;
  readonly view: View;
  terminal(): void;
  show(view: View): void;
}

const VIEWS = [
  { view: 'system', label: 'System' },
  { view: 'disk', label: 'Disk' },
  { view: 'files', label: 'Files' },
  { view: 'web', label: 'Web' },
  { view: 'packets', label: 'Packets' },
  { view: 'help', label: 'Help' },
] as const;

export function BottomNav({ pane, view, terminal, show }: Props) {
  return (
    <nav className="bottom-nav" aria-label="Panes">
      <button type="button" aria-current={pane === 'terminal' ? 'page' : undefined} onClick={terminal}>
        <Sign name="python" />
        Python
      </button>
      {VIEWS.map((item) => (
        <button
          key={item.view}
          type="button"
          aria-current={pane === 'stage' && view === item.view ? 'page' : undefined}
          onClick={() => show(item.view)}
        >
          <Sign name={item.view} />
          {item.label}
        </button>
      ))}
    </nav>
  );
}
