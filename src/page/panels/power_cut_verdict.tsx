/** The verdicts as shapes, and the patterns that the strip is drawn with. */
import type { Verdict } from '../powercut/examine';
import { VERDICT_WORDS } from '../powercut/words';

const SHOWN: readonly Verdict[] = ['clean', 'lost', 'errors', 'unreadable'];

export function VerdictMark({ verdict }: { verdict: Verdict | 'unknown' }) {
  return (
    <svg className="pc-mark" width="14" height="14" aria-hidden="true">
      <rect className={`pc-${verdict}`} x="1" y="1" width="12" height="12" />
      {verdict === 'clean' && <path className="sign" d="M3.5 7.5l2.5 2.5 4.5-5.5" />}
      {verdict === 'errors' && <path className="sign" d="M3.5 3.5l7 7M10.5 3.5l-7 7" />}
      {verdict === 'unreadable' && <path className="sign" d="M3 7h8" />}
    </svg>
  );
}

/** Once in the view, always drawn: a pattern in a hidden drawing does not paint. */
export function VerdictPatterns() {
  return (
    <svg className="pc-patterns" width="0" height="0" aria-hidden="true">
      <defs>
        <pattern id="pc-lost-fill" width="5" height="5" patternUnits="userSpaceOnUse">
          <rect className="pc-lost-ground" width="5" height="5" />
          <path className="pc-lost-lines" d="M-1 6L6 -1M-1 1L1 -1M4 6L6 4" />
        </pattern>
        <pattern id="pc-errors-fill" width="6" height="6" patternUnits="userSpaceOnUse">
          <rect className="pc-errors-ground" width="6" height="6" />
          <path className="pc-errors-lines" d="M0 0L6 6M6 0L0 6" />
        </pattern>
      </defs>
    </svg>
  );
}

/** What the strip's fillings mean. */
export function Verdicts() {
  return (
    <ul className="pc-legend">
      {SHOWN.map((verdict) => (
        <li key={verdict}>
          <VerdictMark verdict={verdict} /> {VERDICT_WORDS[verdict]}
        </li>
      ))}
      <li>
        <svg className="pc-mark" width="14" height="14" aria-hidden="true">
          <path className="flush" d="M7 4v6" />
        </svg>{' '}
        flushed
      </li>
    </ul>
  );
}
