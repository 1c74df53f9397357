/** Three things to type first: a press types, Enter is the person's. */

import type { Desk } from '../desk';
import { allDone, HINTS } from '../hints';
import { Sign } from '../icons';
import { useStore } from '../use';

export function HintList({ desk }: { desk: Desk }) {
  const { done, gone } = useStore(desk.hints);
  if (gone) return null;
  return (
    <div className="hints">
      <h3>
        {allDone({ done, gone }) ? 'That was all three. The prompt is yours.' : 'Three things to type first'}
        <button
          className="btn quiet s"
          type="button"
          aria-label="Dismiss the hints"
          onClick={() => desk.hints.dismiss()}
        >
          <Sign name="cross" />
        </button>
      </h3>
      <ul>
        {HINTS.map(({ code, says }, i) => (
          <li key={code}>
            <button
              className={`hint ${done.includes(i) ? 'done' : ''}`}
              type="button"
              onClick={() => desk.suggest(code)}
            >
              <code>{code}</code>
              {done.includes(i) ? (
                <span>
                  <Sign name="tick" /> done
                </span>
              ) : (
                <span>{says}</span>
              )}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
