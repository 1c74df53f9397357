/** Which board the system runs on. Another one starts the whole system anew, on the same disk. */
import { useId } from 'react';
import { BOARDS } from '../../boards';
import type { Desk } from '../desk';
import { useStore } from '../use';

export function BoardChoice({ desk, className }: { desk: Desk; className: string }) {
  const { phase } = useStore(desk.machine);
  const id = useId();
  return (
    <span className={`${className} board-choice`}>
      <select
        id={id}
        value={desk.machine.board.name}
        disabled={phase === 'starting'}
        title="Starts the whole system anew on this board, on the same disk"
        onChange={({ target }) => desk.switchTo(BOARDS.find(({ name }) => name === target.value)!)}
      >
        {BOARDS.map(({ name }) => (
          <option key={name}>{name}</option>
        ))}
      </select>
      <label htmlFor={id}>Board</label>
    </span>
  );
}
