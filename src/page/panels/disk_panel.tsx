/** The disk as a whole: where it is kept, what is on it, and in and out as an image. */
import { type ReactNode, useRef, useState } from 'react';
import type { Desk } from '../desk';
import { Sign } from '../icons';
import type { MachineState } from '../machine_state';
import { bytesWords, mountWords, storageWords } from '../storage_words';
import { Words } from './strip';

type Job =
  | { readonly doing: string }
  | { readonly done: string; readonly undo?: boolean }
  | { readonly failed: string };

export function DiskPanel({ desk, state }: { desk: Desk; state: MachineState }) {
  const [job, setJob] = useState<Job>();
  const file = useRef<HTMLInputElement>(null);
  const storage = storageWords(state.storage);
  const { disk } = desk.machine;
  const busy = state.phase === 'starting' || (job !== undefined && 'doing' in job);

  const work = async (doing: string, task: () => Promise<Job>) => {
    setJob({ doing });
    setJob(await task().catch((error: Error): Job => ({ failed: error.message })));
  };
  const download = () =>
    work('Reading the disk', async () => {
      const bytes = await disk.export((share) => setJob({ doing: `Reading the disk, ${Math.floor(share * 100)} %` }));
      saveFile(bytes, 'vmfs.img');
      return { done: `vmfs.img was downloaded, ${bytesWords(bytes.length)}` };
    });
  const open = (image: File) =>
    work(`Reading ${image.name}`, async () => {
      await disk.import(new Uint8Array(await image.arrayBuffer()), (share) =>
        setJob({ doing: `Writing ${image.name}, ${Math.floor(share * 100)} %` }),
      );
      return { done: `The system runs on ${image.name} now.`, undo: disk.undoable };
    });
  const reset = () =>
    work('Starting on a fresh disk', async () => {
      await disk.reset();
      return { done: 'The disk was reset.', undo: disk.undoable };
    });
  const undo = () =>
    work('Bringing the old disk back', async () =>
      (await disk.undo()) ? { done: 'The old disk is back.' } : { failed: 'There is no older disk to bring back.' },
    );
  const persist = () =>
    work('Asking the browser', async () =>
      (await navigator.storage.persist()) ? { done: KEPT } : { failed: NOT_KEPT },
    );

  return (
    <div className="panel">
      <h2 className={`storage ${storage.kind}`}>
        <i aria-hidden="true" />
        {storage.short}
      </h2>
      <p>{storage.long}</p>
      <dl className="facts">
        <dt>On it</dt>
        <dd>{mountWords(state.mount)}</dd>
        <dt>Read by</dt>
        <dd>
          <Words text="`linux_fs_vm`, through `fs_driver_vmm`, `blk_virt` and `blk_driver`" />
        </dd>
      </dl>
      <div className="actions">
        <Action
          sign="download"
          says="The whole disk, for mtools, QEMU or a loop device."
          disabled={busy}
          act={download}
        >
          Download the disk
        </Action>
        <Action
          sign="open"
          says="FAT12, FAT16 or FAT32, with or without a partition table. The system starts again on it."
          disabled={busy}
          act={() => file.current!.click()}
        >
          Open an image...
        </Action>
        <Action
          sign="fresh"
          says="An empty 16 MiB FAT disk. The old one can be brought back."
          disabled={busy}
          act={reset}
        >
          Reset the disk
        </Action>
        {storage.kind === 'saved' && (
          <Action
            sign="disk"
            says="Otherwise the browser may clear it when the device is short of room."
            disabled={busy}
            act={persist}
          >
            Ask to keep it for good
          </Action>
        )}
      </div>
      <input
        ref={file}
        type="file"
        hidden
        onChange={({ target }) => {
          const [image] = target.files ?? [];
          target.value = '';
          if (image) open(image);
        }}
      />
      <p className="outcome" role="status">
        {job && ('doing' in job ? `${job.doing}...` : 'failed' in job ? <Failed>{job.failed}</Failed> : job.done)}
        {job && 'undo' in job && job.undo && (
          <button className="btn s" type="button" onClick={undo}>
            <Sign name="undo" /> Undo
          </button>
        )}
      </p>
    </div>
  );
}

const KEPT = 'The browser keeps this disk until you clear it yourself.';
const NOT_KEPT = 'The browser did not agree. It decides by how often you come here; the disk stays where it is.';

interface ActionProps {
  readonly sign: 'download' | 'open' | 'fresh' | 'disk';
  readonly says: string;
  readonly disabled: boolean;
  readonly children: ReactNode;
  act(): void;
}

function Action({ sign, says, disabled, children, act }: ActionProps) {
  return (
    <button className="action" type="button" disabled={disabled} onClick={act}>
      <Sign name={sign} />
      <b>{children}</b>
      <span>{says}</span>
    </button>
  );
}

function Failed({ children }: { children: ReactNode }) {
  return (
    <span className="failed">
      <Sign name="cross" /> {children}
    </span>
  );
}

function saveFile(bytes: Uint8Array<ArrayBuffer>, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([bytes], { type: 'application/octet-stream' }));
  link.download = name;
  link.click();
  // The download has its own hold on the blob once it has begun.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
