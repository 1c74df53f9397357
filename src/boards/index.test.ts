/** Every board that the page offers gives a system that the tool accepts. */
import { expect, test } from 'vitest';
import { validate } from '../microkit/validate';
import { BOARDS, boardNamed } from './index';
import { vmfs } from './vmfs';

const DISK = { store: 'memory', name: 'test' } as const;

test.each(BOARDS)('$name is found by its name and describes a right system', (board) => {
  expect(boardNamed(board.name)).toBe(board);
  const system = vmfs(board, { disk: DISK });
  expect(system.board).toBe(board.name);
  expect(() =>
    validate(
      system,
      system.domains.map(({ image }) => image),
    ),
  ).not.toThrow();
});

test('a board that does not exist is not found', () => {
  expect(boardNamed('toaster')).toBeUndefined();
});
