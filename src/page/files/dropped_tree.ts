/** Files and folders as a person hands them over, dropped or chosen, in one form. */
import { composed } from './names';

export interface GivenFile {
  /** From what was handed over on; parts separated by `/`, composed (NFC). */
  readonly path: string;
  readonly contents: Blob;
}

export interface Given {
  readonly files: readonly GivenFile[];
  /** Each before the folders in it. */
  readonly folders: readonly string[];
}

/** What `<input type=file>` gives; of a folder, every file has its path from there. */
export function fromInput(chosen: Iterable<File>): Given {
  const files = [...chosen].map((file) => ({
    path: composed(file.webkitRelativePath || file.name),
    contents: file,
  }));
  const folders = new Set<string>();
  for (const { path } of files) {
    for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) folders.add(path.slice(0, at));
  }
  return { files, folders: [...folders] };
}

/** Call it in the event itself: what was dropped is out of reach afterwards. */
export function fromDrop({ items, files }: DataTransfer): Promise<Given> {
  const entries = [...items].flatMap((item) => (item.kind === 'file' ? (item.webkitGetAsEntry() ?? []) : []));
  return entries.length > 0 ? readEntries(entries) : Promise.resolve(fromInput([...files]));
}

async function readEntries(entries: readonly FileSystemEntry[]): Promise<Given> {
  const found = { files: [] as GivenFile[], folders: [] as string[] };
  for (const entry of entries) await readEntry(entry, composed(entry.name), found);
  return found;
}

async function readEntry(
  entry: FileSystemEntry,
  path: string,
  into: { files: GivenFile[]; folders: string[] },
): Promise<void> {
  if (entry.isFile) {
    const contents = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    into.files.push({ path, contents });
    return;
  }
  into.folders.push(path);
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  for (;;) {
    // A hundred at a time, until there are none.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return;
    for (const inner of some) await readEntry(inner, `${path}/${composed(inner.name)}`, into);
  }
}
