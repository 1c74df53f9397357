/** The chosen moment in sentences: which write led to it, what fsck would say, and what a cache could have done. */
import { useMemo } from 'react';
import type { WriteEntry } from '../../protocol/write_log_reader';
import type { Causes } from '../powercut/cause';
import { placesWords } from '../powercut/place';
import type { PowerCutModel, PowerCutState } from '../powercut/power_cut_model';
import { cacheWords, fsckWords, momentWords } from '../powercut/words';
import { VerdictMark } from './power_cut_verdict';

interface Props {
  readonly model: PowerCutModel;
  readonly state: PowerCutState;
  readonly causes: Causes;
}

const MOST_FINDINGS = 6;
const BUSY = 'Writes are coming in: checked when they pause.';
const READING = 'Reading the boot sector, the FATs and the directories...';

export function PowerCutSaid({ model, state, causes }: Props) {
  const { chosen, examined, isBusy } = state;
  const write = model.history.writeBefore(chosen);
  const worth = examined?.findings.filter(({ severity }) => severity !== 'note') ?? [];
  const findings = [...new Set(worth.map(({ text }) => text))];
  return (
    <div className="pc-said">
      <h2>{momentWords(chosen, state, write)}</h2>
      {write && (
        <p className="pc-written">
          {writtenWords(model, state)} <Caused by={write} causes={causes} />
        </p>
      )}
      <p className="pc-verdict">
        <VerdictMark verdict={examined?.verdict ?? 'unknown'} />
        <span>{examined ? fsckWords(examined) : isBusy ? BUSY : READING}</span>
      </p>
      {findings.length > 0 && (
        <ul className="pc-findings">
          {findings.slice(0, MOST_FINDINGS).map((text) => (
            <li key={text}>{text}</li>
          ))}
          {findings.length > MOST_FINDINGS && <li>And {findings.length - MOST_FINDINGS} more.</li>}
        </ul>
      )}
      {write && <p className="pc-cache">{cacheWords(chosen, model.flushedBefore(chosen))}</p>}
    </div>
  );
}

/** Whose the write is. */
function Caused({ by: { number, request, timeNs }, causes }: { by: WriteEntry; causes: Causes }) {
  // biome-ignore lint/correctness/useExhaustiveDependencies: another write of the same number is that of another system
  const cause = useMemo(() => causes.of(request), [causes, request, number, timeNs]);
  if (!cause) return null;
  const { command, lines, domain } = cause;
  if (!command) return <>{domain} did it of its own accord.</>;
  if (lines.length === 0)
    return (
      <>
        It is part of <code>{command}</code>, which {domain} asked for.
      </>
    );
  return (
    <>
      It is part of <code>{command}</code>, asked for by <code className="pc-line">{lines.join(' ')}</code>
    </>
  );
}

/** What the write that led here changed. */
function writtenWords(model: PowerCutModel, { chosen, examined }: PowerCutState): string {
  const { sector, sectors } = model.history.writeBefore(chosen)!;
  const where = sectors === 1 ? `sector ${sector}` : `sectors ${sector} to ${sector + sectors - 1}`;
  const changed = model.changedBy(chosen);
  if (changed.length === 0) return `It wrote ${where}, with the bytes that were there already.`;
  return `It wrote ${where} and changed: ${placesWords(examined?.volume, changed)}.`;
}
