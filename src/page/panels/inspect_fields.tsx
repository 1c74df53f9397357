/** The fields of a struct with their values: choosing one chooses its bytes. */
import type { ShownField } from '../inspect/fields';
import { TONES } from '../inspect/hex';

interface Props {
  readonly title: string;
  readonly fields: readonly ShownField[];
  /** Name of the chosen one. */
  readonly chosen: string | undefined;
  /** Whether its bytes are underlined in colours. */
  readonly toned: boolean;
  pick(field: ShownField): void;
  /** The pointer or the focus is on a field, or on none. */
  hover(field: ShownField | undefined): void;
}

export function InspectFields({ title, fields, chosen, toned, pick, hover }: Props) {
  return (
    <table className="inspect-fields">
      <caption>{title}</caption>
      <tbody>
        {fields.map((field, i) => (
          <tr
            key={field.name}
            className={field.name === chosen ? 'lit' : undefined}
            onMouseEnter={() => hover(field)}
            onMouseLeave={() => hover(undefined)}
          >
            <th scope="row">
              <button
                type="button"
                className={toned ? `tone-${(i % TONES) + 1}` : undefined}
                aria-pressed={field.name === chosen}
                onClick={() => pick(field)}
              >
                {field.name}
              </button>
            </th>
            <td>{field.text}</td>
            <td>{field.words}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
