/** How full the disk is, and where it is kept. */
import type { FilesModel } from '../files/files_model';
import { bytesWords, type StorageWords } from '../storage_words';
import { useStore } from '../use';

const MIB = 2 ** 20;

export function FilesSpace({ model, storage }: { model: FilesModel; storage: StorageWords }) {
  const { space } = useStore(model.listing);
  return (
    <div className="files-space">
      {space && (
        <>
          <meter min={0} max={space.size} value={space.size - space.free} aria-label="Space used on the disk" />
          <span>
            <b>{usedWords(space.size - space.free, space.size)}</b> of {bytesWords(space.size)} used
          </span>
        </>
      )}
      <span className="grow" />
      <span className={`storage ${storage.kind}`}>{storage.short}</span>
    </div>
  );
}

/** In the unit of the whole, where that is the plainer. */
function usedWords(used: number, size: number): string {
  return size >= MIB && size < 1024 * MIB && used < MIB && used > 0
    ? `${(used / MIB).toFixed(1)} MiB`
    : bytesWords(used);
}
