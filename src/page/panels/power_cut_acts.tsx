/** What can be done with the chosen moment: start the system on a copy of it, download it, compare from it. */
import { useState } from 'react';
import type { Desk } from '../desk';
import { Sign } from '../icons';
import { asFile, imageStream } from '../image_file';
import type { PowerCutModel, PowerCutState } from '../powercut/power_cut_model';
import { bytesWords } from '../storage_words';

interface Props {
  readonly desk: Desk;
  readonly model: PowerCutModel;
  readonly state: PowerCutState;
}

type Job =
  | { readonly doing: string }
  | { readonly done: string; readonly undo?: boolean }
  | { readonly failed: string };

export function PowerCutActs({ desk, model, state }: Props) {
  const [job, setJob] = useState<Job>();
  const { chosen, marked, base } = state;
  const { disk } = desk.machine;
  const isBusy = job !== undefined && 'doing' in job;
  const work = async (doing: string, task: () => Promise<Job>) => {
    setJob({ doing });
    setJob(await task().catch((error: Error): Job => ({ failed: error.message })));
  };
  const mount = () =>
    work(`Starting on a copy of the disk after write ${chosen}`, async () => {
      await disk.open(await imageOf(model, chosen));
      return { done: `The system runs on a copy of the disk after write ${chosen} now.`, undo: disk.undoable };
    });
  const download = () =>
    work('Reading the disk', async () => {
      const image = await imageOf(model, chosen);
      saveFile(image, `vmfs-after-write-${chosen}.img`);
      return { done: `The disk after write ${chosen} was downloaded, ${bytesWords(image.size)}.` };
    });
  const undo = () =>
    work('Bringing the old disk back', async () =>
      (await disk.undo()) ? { done: 'The old disk is back.' } : { failed: 'There is no older disk to bring back.' },
    );
  return (
    <div className="pc-acts">
      <button className="btn" type="button" disabled={isBusy} onClick={mount}>
        <Sign name="disk" /> Mount a copy of that moment
      </button>
      <button className="btn" type="button" disabled={isBusy} onClick={download}>
        <Sign name="download" /> Download that moment
      </button>
      <button className="btn" type="button" onClick={() => model.mark(marked ? undefined : chosen)}>
        {marked ? `Compare with the write before, not with ${base}` : 'Compare others with this moment'}
      </button>
      <p className="pc-outcome" role="status">
        {job && ('doing' in job ? `${job.doing}...` : 'failed' in job ? job.failed : job.done)}
        {job && 'undo' in job && job.undo && (
          <button className="btn s" type="button" onClick={undo}>
            <Sign name="undo" /> Undo
          </button>
        )}
      </p>
    </div>
  );
}

async function imageOf(model: PowerCutModel, number: number): Promise<Blob> {
  const moment = await model.moment(number);
  const fetch = (offset: number, length: number) => moment.read(offset / 512, length / 512);
  return asFile(imageStream(moment.sectors * 512, fetch), false);
}

function saveFile(file: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  // The download has its own hold on the blob once it has begun.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
