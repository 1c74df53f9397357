/** Who is next? Hidden until somebody has said who: priorities decide, and one learns them by being wrong. */
import { type ReactNode, useState } from 'react';
import type { Next } from '../../microkit/gate_order';

interface Props {
  readonly next: Next;
  /** The answer. */
  readonly children: ReactNode;
}

export function Quiz({ next, children }: Props) {
  const [asked, setAsked] = useState(false);
  const [said, setSaid] = useState<string>();
  const could = [next.domain, ...next.ties, ...(next.over ? [next.over.domain] : [])].sort();
  if (said !== undefined)
    return (
      <>
        {said === next.domain ? 'Right. ' : 'No. '}
        {children}
      </>
    );
  if (!asked || could.length < 2)
    return (
      <>
        {children}
        {could.length > 1 && (
          <button className="btn s quiet quiz" type="button" onClick={() => setAsked(true)}>
            Quiz me
          </button>
        )}
      </>
    );
  return (
    <>
      Who is next?{' '}
      {could.map((domain) => (
        <button className="btn s choice" key={domain} type="button" onClick={() => setSaid(domain)}>
          <code>{domain}</code>
        </button>
      ))}
    </>
  );
}
