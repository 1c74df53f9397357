/** The signs of faults: decoration beside their words. */
import type { MenuSign } from '../breaking/menu';

const SIGNS: Readonly<Record<MenuSign, string>> = {
  kill: 'M3.5 3.5l9 9M12.5 3.5l-9 9',
  hang: 'M8 2.2a5.8 5.8 0 100 11.6A5.8 5.8 0 008 2.2M4 12L12 4',
  corrupt: 'M1.5 8h2.500l1.500-4.500 2.500 9 2-6.500 1.500 3.500h3M4 13.500h.1M12 3.500h.1',
  error: 'M8 2l6.500 12h-13zM8 6.500V10M8 12v.1',
  slow: 'M4 2.500h8M4 13.500h8M5 2.500c0 4 6 3.500 6 5.500s-6 1.500-6 5.500M11 2.500c0 4-6 3.500-6 5.500',
  silent: 'M2.500 3h11v7.500H8L5 13.500v-3H2.500zM5.500 6.800h5',
  torn: 'M3 2.500h10v4l-2.500 1.500L8 6.500 5.500 8 3 6.500zM3 13.500v-3l2.500 1.500L8 10.500l2.500 1.500L13 10.500v3z',
  eject: 'M8 3l5 6H3zM3 12.500h10',
  lost: 'M4.500 11V7a3.500 3.500 0 017 0v4M3 11.500h10M7 13.800h2M2.500 2.500l11 11',
  twice: 'M3.500 10V6.500a3 3 0 016 0V10M2.500 10.500h8M12 4.500a3 3 0 011 2V10M13 10.500h.8M6 13h1M12 13h.5',
  restart: 'M13 8a5 5 0 11-1.500-3.500L13 6V2.500',
};

export function BreakSign({ name }: { name: MenuSign }) {
  return (
    <svg
      className="break-sign"
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.6"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={SIGNS[name]} />
    </svg>
  );
}
