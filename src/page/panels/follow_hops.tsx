/** The hops of a statement in order, command by command, with the time of each since the statement began. */
import { type ReactNode, useMemo, useState } from 'react';
import type { SystemMemory } from '../../microkit/layout';
import type { Followed, FollowedCommand } from '../follow/followed';
import { commandWords, type Hop } from '../follow/hops';
import { diskWork } from '../follow/why';
import { many } from '../follow/words';
import { type GraphNode, graphOf } from '../graph/model';

interface Props {
  readonly shown: Followed;
  readonly memory: SystemMemory | undefined;
  light(node: string | undefined): void;
}

/** Commands that are open from the start, when they asked the disk for something. */
const OPEN = 2;

export function FollowHops({ shown, memory, light }: Props) {
  const { statement, commands } = shown;
  const description = memory?.description;
  const nodes = useMemo(
    () => new Map(description && graphOf(description).nodes.map((node) => [node.name, node])),
    [description],
  );
  const busy = commands.filter(({ tries }) => tries.some(({ accesses }) => accesses.length > 0)).slice(0, OPEN);
  const further = statement.requests.length - commands.length;
  return (
    <div className="commands">
      {commands.map((command, i) => (
        <Unfolding key={command.request} open={busy.includes(command) || commands.length === 1}>
          <summary>
            <code>{commandWords(command)}</code>
            <time>{tookWords(command)}</time>
            <span className="id">
              request 0x{command.request.toString(16)}, {diskWork([command])}
              {command.tries.length > 1 && <b>, {command.tries.length} tries</b>}
            </span>
          </summary>
          <ol>
            {command.hops.map((hop, n) => (
              <Item
                // biome-ignore lint/suspicious/noArrayIndexKey: a hop is its place
                key={n}
                hop={hop}
                node={nodes.get(hop.who)}
                since={statement.begin}
                now={command.end === undefined && i === commands.length - 1 && n === command.hops.length - 1}
                light={light}
              />
            ))}
          </ol>
        </Unfolding>
      ))}
      {further > 0 && <p className="further">and {many(further, 'more command')}</p>}
    </div>
  );
}

/** A summary and what is below it, which is made only while it is open: a statement may have hundreds of hops. */
function Unfolding({ open, children: [summary, below] }: { open: boolean; children: [ReactNode, ReactNode] }) {
  const [shown, setShown] = useState(open);
  return (
    <details open={shown} onToggle={(event) => setShown(event.currentTarget.open)}>
      {summary}
      {shown && below}
    </details>
  );
}

interface ItemProps {
  readonly hop: Hop;
  readonly node: GraphNode | undefined;
  /** Milliseconds since boot. */
  readonly since: number;
  readonly now: boolean;
  light(node: string | undefined): void;
}

function Item({ hop: { who, words, time, ms }, node, since, now, light }: ItemProps) {
  return (
    <li
      className={`k-${node?.kind ?? 'device'}${now ? ' now' : ''}`}
      aria-current={now ? 'step' : undefined}
      onPointerEnter={() => light(node?.id)}
      onPointerLeave={() => light(undefined)}
    >
      <span>
        <code>{who}</code> {words}
      </span>
      <time title={ms === undefined ? undefined : `${Math.max(0, ms).toFixed(3)} ms there`}>
        {(time - since).toFixed(3)}
      </time>
    </li>
  );
}

function tookWords({ begin, end }: FollowedCommand): string {
  return end === undefined ? 'not answered yet' : `${(end - begin).toFixed(3)} ms`;
}
