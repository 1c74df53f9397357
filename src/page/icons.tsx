/** The page's drawings: the mark, and the signs on controls. All decoration: names are in words. */
import type { ReactNode } from 'react';

export function Mark() {
  return (
    <svg width="22" height="22" viewBox="0 0 22 22" fill="none" aria-hidden="true">
      <rect x="1" y="1" width="20" height="20" stroke="currentColor" strokeWidth="2" />
      <rect x="6" y="6" width="10" height="10" stroke="currentColor" strokeWidth="1.6" strokeDasharray="2.5 1.5" />
      <path d="M16 7.2L19.8 11 16 14.8 12.2 11z" fill="var(--signal)" stroke="currentColor" strokeWidth="1.4" />
    </svg>
  );
}

const SIGNS = {
  theme: (
    <>
      <circle cx="8" cy="8" r="5.5" />
      <path d="M8 2.5a5.5 5.5 0 010 11z" fill="currentColor" />
    </>
  ),
  help: <path d="M5.5 6a2.5 2.5 0 115 0c0 1.8-2.5 2-2.5 4M8 12.8v.1" />,
  tick: <path d="M3 8.5l3.5 3.5L13 4.5" strokeWidth="2" />,
  cross: <path d="M3.5 3.5l9 9M12.5 3.5l-9 9" />,
  download: <path d="M8 2.5v7.5M4.8 7.2L8 10.4l3.2-3.2M3 13.5h10" />,
  open: <path d="M2.5 12.5v-9h4l1.5 2h5.5v7zM2.5 8h11" />,
  fresh: <path d="M12.8 6A5.2 5.2 0 103 9.5M12.9 2.8V6.2H9.5" />,
  undo: <path d="M3.2 6h6a3.6 3.6 0 010 7.2H6M5.8 3.2L3 6l2.8 2.8" />,
  python: <path d="M3 4.5L6.5 8 3 11.5M8.5 11.5H13" />,
  system: <path d="M2.5 2.5h4v4h-4zM9.5 2.5h4v4h-4zM9.5 9.5h4v4h-4zM4.5 6.5v5h5" />,
  disk: (
    <>
      <path d="M2.5 3.5h11v9h-11z" />
      <path d="M2.5 8h11M11 10.3h.1" />
    </>
  ),
  web: (
    <>
      <circle cx="8" cy="8" r="5.8" />
      <path d="M2.2 8h11.6M8 2.2c-4 3.5-4 8.1 0 11.6M8 2.2c4 3.5 4 8.1 0 11.6" />
    </>
  ),
  break: <path d="M2.5 2.5h11v11h-11zM2.5 10.5l8-8M5.5 13.5l8-8M2.5 5.5l3-3M10.5 13.5l3-3" />,
  packets: <path d="M1.5 4.5h6v7h-6zM10 8h4.5M12.3 5.8L14.5 8l-2.2 2.2" />,
  pause: <path d="M5.5 3v10M10.5 3v10" strokeWidth="2.4" />,
  resume: <path d="M5 3l8 5-8 5z" fill="currentColor" />,
  step: <path d="M3 3.5L9 8l-6 4.5zM12.5 3v10" />,
  statement: <path d="M2 4l4 4-4 4zM7.5 4l4 4-4 4zM14 3v10" />,
  timeline: <path d="M1.5 4h5M4.5 8h7M8.5 12h6M1.5 1.5v13" />,
  upload: <path d="M8 11V3M4.5 6L8 2.5 11.5 6M3 13.5h10" />,
  back: <path d="M9.5 3.5L5 8l4.5 4.5" />,
  file: <path d="M3.5 1.5h6l3 3v10h-9zM9.5 1.5v3h3" />,
  folder: <path d="M1.5 4H6l1.5 2h7v7.5h-13z" />,
  files: <path d="M1.5 4H6l1.5 2h7v7.5h-13z" />,
  trash: <path d="M3 4.5h10M6 4.5v-2h4v2M4.5 4.5l.5 9h6l.5-9" />,
  warning: <path d="M8 2l6.5 12h-13zM8 6.5V10M8 12v.1" />,
  find: (
    <>
      <circle cx="7" cy="7" r="4" />
      <path d="M10 10l3.5 3.5" />
    </>
  ),
} as const satisfies Record<string, ReactNode>;

export function Sign({ name }: { name: keyof typeof SIGNS }) {
  return (
    <svg
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.6"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      {SIGNS[name]}
    </svg>
  );
}
