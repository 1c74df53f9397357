/** What was done, with the way back; and the one question before something that has none. */
import { useEffect, useState } from 'react';
import type { FilesModel } from '../files/files_model';
import { doomedWords, KEPT_AT_MOST } from '../files/trash';
import { bytesWords } from '../storage_words';
import { useStore } from '../use';

const SHOWN_MS = 10_000;

export function FilesNotice({ model }: { model: FilesModel }) {
  const { notice, doomed } = useStore(model);
  const [held, setHeld] = useState(false);
  useEffect(() => {
    if (!notice || held) return;
    const timer = setTimeout(() => model.dismiss(), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [model, notice, held]);
  return (
    <>
      {doomed && (
        <div className="files-question" role="alert">
          <span className="files-why">
            {`${doomedWords(doomed)}: Undo keeps up to ${bytesWords(KEPT_AT_MOST)}, so this would be gone for good.`}
          </span>
          <button className="btn s" type="button" onClick={() => model.deletions.decided(true)}>
            Delete for good
          </button>
          <button className="btn s solid" type="button" onClick={() => model.deletions.decided(false)}>
            Keep it
          </button>
        </div>
      )}
      <div role="status">
        {notice && (
          // biome-ignore lint/a11y/noStaticElementInteractions: to hover or to be in it only holds it
          <div
            className={`toast${notice.failed ? ' bad' : ''}`}
            onPointerEnter={() => setHeld(true)}
            onPointerLeave={() => setHeld(false)}
            onFocus={() => setHeld(true)}
            onBlur={() => setHeld(false)}
          >
            {notice.text}
            {notice.undo ? (
              <button className="btn s" type="button" onClick={notice.undo}>
                Undo
              </button>
            ) : (
              <button className="btn s" type="button" onClick={() => model.dismiss()}>
                Dismiss
              </button>
            )}
          </div>
        )}
      </div>
    </>
  );
}
