/** Names of the lanes, beside the drawing and always in sight. */
import type { Desk } from '../desk';
import type { Lane } from '../time/lanes';

interface Props {
  readonly desk: Desk;
  readonly lanes: readonly Lane[];
  readonly lit: string | undefined;
  readonly path: ReadonlySet<string> | undefined;
}

export function TimeLanes({ desk: { stage }, lanes, lit, path }: Props) {
  return (
    <ul className="time-lanes" aria-label="Lanes">
      {lanes.map(({ name, kind, priority, guest }) => (
        <li key={name} className={`k-${kind}${guest ? ' guest' : ''}${path && !path.has(name) ? ' off' : ''}`}>
          <button
            className="time-lane"
            type="button"
            data-lit={name === lit || undefined}
            onClick={() => stage.choose(name)}
            onPointerEnter={() => stage.light(name)}
            onPointerLeave={() => stage.light(undefined)}
            onFocus={() => stage.light(name)}
            onBlur={() => stage.light(undefined)}
          >
            <span>{name}</span>
            <span className="priority">
              <span className="sr">, priority </span>
              {priority}
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}
