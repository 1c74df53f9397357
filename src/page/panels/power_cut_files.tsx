/** The files as they stand in the directories of the chosen moment. */
import type { FatNode } from '../fat/node';
import type { PowerCutState } from '../powercut/power_cut_model';
import { bytesWords } from '../storage_words';

const MOST = 200;

export function PowerCutFiles({ state: { examined } }: { state: PowerCutState }) {
  const nodes = examined?.volume?.nodes.filter(isShown) ?? [];
  return (
    <section className="pc-files" aria-label="Files at that moment">
      <h3>Files at that moment</h3>
      {nodes.length === 0 ? (
        <p>{examined ? 'None.' : ''}</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls
        <ul tabIndex={0} aria-label="Files">
          {nodes.slice(0, MOST).map(({ id, kind, path, size }) => (
            <li key={id}>
              <span className="path">{kind === 'directory' ? `${path}/` : path}</span>
              <span className="size">{kind === 'directory' ? '' : bytesWords(size)}</span>
            </li>
          ))}
          {nodes.length > MOST && <li>And {nodes.length - MOST} more.</li>}
        </ul>
      )}
    </section>
  );
}

const isShown = ({ kind }: FatNode) => kind === 'file' || kind === 'directory';
