/** The system as rails: each service's way from MicroPython to the hardware, with what every domain is doing now. */
import type { DomainActivity } from '../activity';
import { Kind } from '../icons';
import type { Rail, RailRow } from '../rails';

interface Props {
  readonly rails: readonly Rail[];
  readonly domains: readonly DomainActivity[];
}

export function SystemPanel({ rails, domains }: Props) {
  const byName = new Map(domains.map((domain) => [domain.name, domain]));
  return (
    <div className="rails">
      {rails.map(({ service, rows }, i) => (
        <section key={service} className="rail" aria-label={service}>
          <h3>
            {service}
            {i === 0 && (
              <span className="columns" aria-hidden="true">
                <span>notifications</span>
                <span>priority</span>
              </span>
            )}
          </h3>
          <ul>
            {rows.map((row) => (
              <Row key={row.name} row={row} domain={byName.get(row.name)} />
            ))}
          </ul>
        </section>
      ))}
      <p className="legend">
        {(['client', 'vm', 'virtualiser', 'driver', 'device'] as const).map((kind) => (
          <span key={kind} className={`k-${kind}`}>
            <Kind kind={kind} />
            {kind === 'vm' ? 'virtual machine' : kind}
          </span>
        ))}
      </p>
    </div>
  );
}

function Row({ row, domain }: { row: RailRow; domain: DomainActivity | undefined }) {
  if (row.kind === 'device') return <DeviceRow row={row} />;
  const state = stateOf(domain);
  return (
    <li className={`k-${row.kind} ${row.guest ? 'guest' : ''} ${state} ${domain?.fresh ? 'now' : ''}`}>
      <i className="tile">
        <Kind kind={row.kind} />
      </i>
      <span className="name">
        <b>{row.name}</b>
        <small>
          <span className="dot" aria-hidden="true" />
          {STATE_WORDS[state]}
        </small>
      </span>
      <span className="count" title="notifications handled">
        {domain && domain.notifications > 0 ? domain.notifications.toLocaleString('en') : ''}
        <span className="sr"> notifications</span>
      </span>
      <span className="priority">
        <span className="sr">priority </span>
        {row.priority}
      </span>
    </li>
  );
}

function DeviceRow({ row }: { row: RailRow }) {
  return (
    <li className="k-device">
      <i className="tile">
        <Kind kind="device" />
      </i>
      <span className="name">
        <b>{row.name}</b>
        <small>device{row.intid === undefined ? '' : `, IRQ ${row.intid}`}</small>
      </span>
    </li>
  );
}

type State = 'absent' | 'down' | 'starting' | 'waiting' | 'running' | 'paused' | 'passive' | 'dead' | 'faulted';

const STATE_WORDS: Record<State, string> = {
  absent: 'not up yet',
  down: 'not up yet',
  starting: 'starting',
  waiting: 'waiting',
  running: 'running',
  paused: 'paused',
  passive: 'passive, runs when called',
  dead: 'ended',
  faulted: 'faulted',
};

function stateOf(domain: DomainActivity | undefined): State {
  // Between two samples it ran and went back to sleep: that is what a person wants to see.
  if (domain && domain.fresh > 0 && domain.state === 'waiting') return 'running';
  return domain?.state ?? 'absent';
}
