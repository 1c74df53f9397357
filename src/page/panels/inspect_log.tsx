/** What a domain printed, or what was said of it, on the terminal. */
import type { GraphMachine } from '../graph/graph_machine';
import { logLines } from '../graph/node_facts';

const MOST = 500;

export function InspectLog({ machine, name }: { machine: GraphMachine; name: string }) {
  const lines = logLines(machine.text(), name, MOST);
  if (lines.length === 0)
    return <p className="inspect-note">{name} has printed nothing that is still on the terminal.</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls
    <pre className="inspect-log" tabIndex={0}>
      {lines.join('\n')}
    </pre>
  );
}
