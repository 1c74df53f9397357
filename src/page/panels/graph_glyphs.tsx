/** Signs of kinds and states, for drawing and text alike. */
import type { StateShape } from '../graph/words';
import type { RailKind } from '../rails';

const KINDS: Readonly<Record<RailKind, React.ReactNode>> = {
  driver: (
    <>
      <rect x="1.5" y="1.5" width="9" height="9" />
      <rect className="f" x="1.5" y="1.5" width="4.5" height="9" />
    </>
  ),
  virtualiser: <path d="M1 6h4M5 6l5.5-4M5 6l5.5 4M5 6h5.5" />,
  vm: (
    <>
      <rect x="1.5" y="1.5" width="9" height="9" />
      <rect className="f" x="4" y="4" width="4" height="4" />
    </>
  ),
  client: <path d="M1.5 2.5L5 6 1.5 9.5M6.5 9.5h4.5" />,
  device: <path d="M3 3h6v6H3zM4.5 3V1M7.5 3V1M4.5 11V9M7.5 11V9" />,
};

/** 12 by 12. */
export function KindShape({ kind }: { kind: RailKind }) {
  return <g className="kind-shape">{KINDS[kind]}</g>;
}

export function KindGlyph({ kind }: { kind: RailKind }) {
  return (
    <svg className="kind-glyph" viewBox="0 0 12 12" aria-hidden="true">
      <KindShape kind={kind} />
    </svg>
  );
}

const STATES: Readonly<Record<StateShape, React.ReactNode>> = {
  circle: <circle cx="4" cy="4" r="3" />,
  ring: <circle cx="4" cy="4" r="3" strokeDasharray="2.4 1.6" />,
  triangle: <path d="M1 0.2L8 4L1 7.8Z" />,
  diamond: <path d="M4 0.4L7.6 4L4 7.6L0.4 4Z" />,
  cross: <path d="M1 1L7 7M7 1L1 7" />,
  none: null,
};

/** 8 by 8. */
export function StateMark({ shape }: { shape: StateShape }) {
  return <g className={`state-mark ${shape}`}>{STATES[shape]}</g>;
}

export function StateGlyph({ shape }: { shape: StateShape }) {
  return (
    <svg className="state-glyph" viewBox="-1 -1 10 10" aria-hidden="true">
      <StateMark shape={shape} />
    </svg>
  );
}
