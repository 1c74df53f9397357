/** One frame: its layers field by field, and its bytes. What is lit in one is lit in the other. */
import { useState } from 'react';
import { Sign } from '../icons';
import type { Frame } from '../packets/frames';
import type { PacketField } from '../packets/packet';
import { hopSentence } from '../packets/packet_words';
import { PacketsBytes } from './packets_bytes';

interface Props {
  readonly frame: Frame;
  close(): void;
}

export function PacketsDetail({ frame, close }: Props) {
  const [kept, keep] = useState<PacketField>();
  const [hovered, hover] = useState<PacketField>();
  const { layers, info } = frame.packet;
  const lit = hovered ?? kept;
  const all = layers.flatMap(({ fields }) => fields);
  /** The smallest field that has the byte; of the innermost layer. */
  const fieldAt = (byte: number): PacketField | undefined =>
    all
      .filter(({ at, length }) => at <= byte && byte < at + length)
      .reduce<PacketField | undefined>((best, field) => (best && best.length < field.length ? best : field), undefined);
  return (
    <section className="packets-detail" aria-label={info}>
      <header>
        <p>{hopSentence(frame)}.</p>
        <button className="btn s quiet" type="button" aria-label="Close the frame" onClick={close}>
          <Sign name="cross" />
        </button>
      </header>
      <div className="packets-layers">
        {layers.map(({ name, fields }) => (
          <section key={`${name} ${fields[0]?.at}`} aria-label={name}>
            <h2>{name}</h2>
            {fields.map((field) => (
              <Field
                key={`${field.at} ${field.label}`}
                field={field}
                lit={field === lit}
                kept={field === kept}
                keep={() => keep(field === kept ? undefined : field)}
                hover={hover}
              />
            ))}
          </section>
        ))}
      </div>
      <PacketsBytes
        bytes={frame.bytes}
        lit={lit}
        hover={(byte) => hover(byte === undefined ? undefined : fieldAt(byte))}
        keep={(byte) => keep(fieldAt(byte))}
      />
    </section>
  );
}

interface FieldProps {
  readonly field: PacketField;
  readonly lit: boolean;
  readonly kept: boolean;
  keep(): void;
  hover(field: PacketField | undefined): void;
}

function Field({ field, lit, kept, keep, hover }: FieldProps) {
  const { label, value, wrong } = field;
  return (
    <button
      className={`packets-field${lit ? ' lit' : ''}${wrong === undefined ? '' : ' wrong'}`}
      type="button"
      aria-pressed={kept}
      onClick={keep}
      onMouseEnter={() => hover(field)}
      onMouseLeave={() => hover(undefined)}
    >
      <span>{label}</span>
      <code>{value}</code>
      {wrong !== undefined && <em>{wrong}</em>}
    </button>
  );
}
