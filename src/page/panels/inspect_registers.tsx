/** The inspector's tab "Registers": each register of a node's devices by name, with its bits; read from where the model shows them. */
import { useEffect, useRef, useState } from 'react';
import type { GraphNode } from '../graph/model';
import type { Look } from '../inspect/look';
import { nodeWindows } from '../inspect/node';
import { readRegisters, type ShownRegister, type Window } from '../inspect/registers';
import { uioRows } from '../inspect/uio';

const ACCESS = { r: 'R', rw: 'RW', w: 'W', data: 'RW' } as const;

export function InspectRegisters({ look, node }: { look: Look; node: GraphNode }) {
  const uio = uioRows(look, node.domain);
  return (
    <div className="inspect-registers">
      {nodeWindows(look, node).map((window) => (
        <Registers key={window.name} look={look} window={window} />
      ))}
      {node.domain.kind === 'guest' && uio.length > 0 && <Uio rows={uio} />}
    </div>
  );
}

function Registers({ look, window }: { look: Look; window: Window }) {
  const [open, setOpen] = useState<string>();
  const registers = readRegisters(look, window);
  const changed = useChanged(registers);
  const { title, address } = window;
  return (
    <table className="inspect-table" data-device={window.name}>
      <caption>
        {title}
        {address !== undefined && <> at {`0x${address.toString(16)}`}</>}{' '}
        <span>as its model showed them last; looking never disturbs the device</span>
      </caption>
      <thead>
        <tr>
          <th scope="col">Offset</th>
          <th scope="col">Register</th>
          <th scope="col">Access</th>
          <th scope="col">Value</th>
          <th scope="col">Means</th>
        </tr>
      </thead>
      <tbody>
        {registers.map((register) => (
          <RegisterRow
            key={register.name}
            register={register}
            changed={changed.has(register.name)}
            open={open === register.name}
            toggle={() => setOpen(open === register.name ? undefined : register.name)}
          />
        ))}
      </tbody>
    </table>
  );
}

interface RowProps {
  readonly register: ShownRegister;
  readonly changed: boolean;
  readonly open: boolean;
  toggle(): void;
}

function RegisterRow({ register, changed, open, toggle }: RowProps) {
  const { name, offset, access, text, words, fields } = register;
  return (
    <>
      <tr data-register={name} className={changed ? 'lit' : undefined}>
        <td>{offset.toString(16).padStart(3, '0')}</td>
        <th scope="row">
          {fields.length === 0 ? (
            name
          ) : (
            <button type="button" aria-expanded={open} onClick={toggle}>
              {name}
            </button>
          )}
        </th>
        <td>{ACCESS[access]}</td>
        <td className="value">{text}</td>
        <td className="words">
          {words}
          {access === 'w' && <small> last written</small>}
          {access === 'data' && <small> last read or written</small>}
        </td>
      </tr>
      {open && (
        <tr className="bits">
          <td colSpan={5}>
            <ul aria-label={`Bits of ${name}`}>
              {fields.map((field) => (
                <li key={field.name} className={field.value === 0 ? 'zero' : undefined}>
                  <span>{field.bits}</span>
                  <b>{field.name}</b>
                  <span>{field.words === '' ? field.value : `${field.value} ${field.words}`}</span>
                </li>
              ))}
            </ul>
          </td>
        </tr>
      )}
    </>
  );
}

/** Registers with another value than at the look before. */
function useChanged(registers: readonly ShownRegister[]): ReadonlySet<string> {
  const before = useRef(new Map<string, unknown>());
  const known = before.current;
  const changed = registers.filter(({ name, value }) => known.has(name) && known.get(name) !== value);
  useEffect(() => {
    before.current = new Map(registers.map(({ name, value }) => [name, value]));
  });
  return new Set(changed.map(({ name }) => name));
}

function Uio({ rows }: { rows: ReturnType<typeof uioRows> }) {
  return (
    <table className="inspect-table">
      <caption>
        UIO devices <span>as the guest's kernel keeps them: its user program drives them by itself</span>
      </caption>
      <thead>
        <tr>
          <th scope="col">Device</th>
          <th scope="col">Region</th>
          <th scope="col">At</th>
          <th scope="col">Size</th>
          <th scope="col">Interrupts</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ path, name, address, size, interrupts }) => (
          <tr key={path}>
            <th scope="row">{path}</th>
            <td>{name}</td>
            <td>{address}</td>
            <td className="value">{size}</td>
            <td className="words">{interrupts}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
