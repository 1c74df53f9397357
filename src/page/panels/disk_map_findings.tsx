/** What is wrong with the volume, as fsck.fat would find it, as it is now. */
import { useMemo } from 'react';
import { chooseCluster } from '../diskmap/choose';
import type { Selection } from '../diskmap/selection';
import { check, type Finding, type Severity } from '../fat/check';
import type { Volume } from '../fat/volume';
import { Sign } from '../icons';

const WORDS: Readonly<Record<Severity, string>> = { note: 'note', lost: 'lost', error: 'error' };

export function DiskMapFindings({ volume, selection }: { volume: Volume; selection: Selection }) {
  const findings = useMemo(() => check(volume), [volume]);
  return (
    <section className="disk-map-findings" aria-label="What a check of the disk finds">
      <p role="status">{summaryOf(findings)}</p>
      <ul>
        {findings.map((finding) => (
          <li key={finding.text} data-severity={finding.severity}>
            <b>
              <Sign name={finding.severity === 'note' ? 'tick' : 'cross'} />
              {WORDS[finding.severity]}
            </b>
            <span>{finding.text}</span>
            <Show finding={finding} volume={volume} selection={selection} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Show({
  finding: { path, clusters, text },
  volume,
  selection,
}: {
  finding: Finding;
  volume: Volume;
  selection: Selection;
}) {
  const [cluster] = clusters;
  if (path === undefined && cluster === undefined) return null;
  return (
    <button
      className="btn s"
      type="button"
      aria-label={`Show where: ${text}`}
      onClick={() => {
        if (path === undefined) chooseCluster(volume, selection, cluster!);
        else selection.set({ path, cluster, lens: 'entry' });
      }}
    >
      Show
    </button>
  );
}

function summaryOf(findings: readonly Finding[]): string {
  const count = (severity: Severity) => findings.filter((finding) => finding.severity === severity).length;
  const [errors, lost] = [count('error'), count('lost')];
  if (errors + lost > 0)
    return `${errors === 0 ? 'No errors' : errors === 1 ? '1 error' : `${errors} errors`}, ${lost} lost ${lost === 1 ? 'chain' : 'chains'}. The map does not mend: fsck.fat -a on a downloaded image does.`;
  return 'Sound: every file has the clusters that its size needs, and nothing is lost.';
}
