/** The disk as an image: where it is kept, what is on it, in and out, and others to start on. */
import { lazy, type ReactNode, Suspense, useEffect, useRef, useState } from 'react';
import type { Desk } from '../desk';
import type { MadeDisk } from '../gallery/made_disk';
import { Sign } from '../icons';
import type { MachineState } from '../machine_state';
import { bytesWords, mountWords, storageWords } from '../storage_words';
import { Words } from './strip';

const Gallery = lazy(() => import('../gallery/gallery').then((file) => ({ default: file.Gallery })));
const SectorView = lazy(() => import('../gallery/sector_view').then((file) => ({ default: file.SectorView })));

type Job =
  | { readonly doing: string; readonly cancel?: (() => void) | undefined }
  | { readonly done: string; readonly undo?: boolean }
  | { readonly failed: string };

const CANCELLED = 'Cancelled: the disk is as it was.';
const percent = (share: number) => `${Math.floor(share * 100)} %`;

export function DiskImages({ desk, state }: { desk: Desk; state: MachineState }) {
  const [job, setJob] = useState<Job>();
  const [asBytes, setAsBytes] = useState(false);
  const file = useRef<HTMLInputElement>(null);
  const storage = storageWords(state.storage);
  const { disk } = desk.machine;
  const busy = state.phase === 'starting' || (job !== undefined && 'doing' in job);

  const work = async (doing: string, task: () => Promise<Job>) => {
    setJob({ doing });
    setJob(await task().catch((error: Error): Job => ({ failed: error.message })));
  };
  /** A task that says how far it is and can be cancelled. */
  const longWork = (doing: string, task: (say: (share: number) => void, signal: AbortSignal) => Promise<Job>) =>
    work(doing, async () => {
      const controller = new AbortController();
      const cancel = () => controller.abort(new Error(CANCELLED));
      const say = (share: number) =>
        setJob({ doing: `${doing}, ${percent(share)}`, cancel: share < 1 ? cancel : undefined });
      say(0);
      return task(say, controller.signal);
    });
  const download = (packed: boolean) =>
    longWork('Reading the disk', async (say, signal) => {
      const name = packed ? 'vmfs.img.gz' : 'vmfs.img';
      const saved = await disk.file(packed, say, signal);
      saveFile(saved, name);
      return { done: `${name} was downloaded, ${bytesWords(saved.size)}` };
    });
  const open = (image: File) =>
    longWork(`Reading ${image.name}`, async (say, signal) => {
      await disk.open(image, say, signal).catch((error) => {
        throw error instanceof TypeError ? new Error(`${image.name} cannot be unpacked: ${error.message}`) : error;
      });
      return { done: `The system runs on ${image.name} now.`, undo: disk.undoable };
    });
  const openFirst = useRef(open);
  openFirst.current = open;
  useEffect(() => desk.dropped.take((image) => void openFirst.current(image)), [desk]);
  const reset = () =>
    work('Starting on a fresh disk', async () => {
      await disk.reset();
      return { done: 'The disk was reset.', undo: disk.undoable };
    });
  const make = ({ name, size, writes }: MadeDisk) =>
    work(`Making ${name}`, async () => {
      await disk.make(size, writes());
      return { done: `The system runs on ${name} now.`, undo: disk.undoable };
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
      <p className="outcome" role="status">
        {job && ('doing' in job ? `${job.doing}...` : 'failed' in job ? <Failed>{job.failed}</Failed> : job.done)}
        {job && 'cancel' in job && job.cancel && (
          <button className="btn s" type="button" onClick={job.cancel}>
            Cancel
          </button>
        )}
        {job && 'undo' in job && job.undo && (
          <button className="btn s" type="button" onClick={undo}>
            <Sign name="undo" /> Undo
          </button>
        )}
      </p>
      <div className="actions">
        <Action
          sign="download"
          says="The whole disk, for mtools, QEMU or a loop device."
          disabled={busy}
          act={() => download(false)}
        >
          Download the disk
        </Action>
        <Action sign="download" says="The same, packed: zeros take no room." disabled={busy} act={() => download(true)}>
          Download it as .img.gz
        </Action>
        <Action
          sign="open"
          says="FAT12, FAT16 or FAT32, with or without a partition table, as .img or .img.gz. You can drop it anywhere on the page, too."
          disabled={busy}
          act={() => file.current!.click()}
        >
          Open an image...
        </Action>
        <Action
          sign="fresh"
          says={
            state.storage?.hosted
              ? `Back to ${state.storage.hosted.path} as the server has it. The old one can be brought back.`
              : 'An empty 16 MiB FAT disk. The old one can be brought back.'
          }
          disabled={busy}
          act={reset}
        >
          {state.storage?.hosted?.server === 'changed' ? 'Start on the new image' : 'Reset the disk'}
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
      <Suspense fallback={null}>
        <Gallery disabled={busy} make={make} />
        <h3>The disk as bytes</h3>
        {asBytes && state.phase === 'ready' ? (
          <SectorView disk={disk} starts={state.starts} />
        ) : (
          <button className="btn" type="button" disabled={busy} onClick={() => setAsBytes(true)}>
            Look at the sectors
          </button>
        )}
      </Suspense>
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

function saveFile(file: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  // The download has its own hold on the blob once it has begun.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
