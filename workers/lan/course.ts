/** The course files: what lies in the folder `course` beside the page, fetched from the page's own server when it is asked for. */
import { type Answer, refusal, whole } from './http_answer';
import { type Sized, sized } from './http_range';

export type Fetch = (address: string, init?: RequestInit) => Promise<Response>;

const MAX_FILE = 64 * 1024 * 1024;
const TYPES: Readonly<Record<string, string>> = {
  css: 'text/css; charset=utf-8',
  csv: 'text/csv; charset=utf-8',
  gif: 'image/gif',
  html: 'text/html; charset=utf-8',
  jpg: 'image/jpeg',
  js: 'text/javascript; charset=utf-8',
  json: 'application/json',
  md: 'text/markdown; charset=utf-8',
  pdf: 'application/pdf',
  png: 'image/png',
  py: 'text/x-python; charset=utf-8',
  svg: 'image/svg+xml',
  txt: 'text/plain; charset=utf-8',
};

export class Course {
  constructor(
    /** Address of the folder, with a slash at the end. */
    readonly folder: string,
    readonly fetch: Fetch,
  ) {}

  /** `path` as a client sends it; that of a folder stands for its index.html. */
  async file(path: string): Promise<Answer | Sized> {
    const names = segments(path);
    if (!names) return refusal(400, 'This path leads out of the course files.');
    const name = names.join('/');
    const file = path.endsWith('/') ? `${names.length > 0 ? `${name}/` : ''}index.html` : name;
    const found = await this.#load(file);
    if (found) return found;
    // A folder without its slash: relative links in its index would go wrong.
    if (!path.endsWith('/') && !/\.\w+$/.test(file) && (await this.#load(`${file}/index.html`)))
      return { ...whole(301, 'text/plain; charset=utf-8', ''), fields: { Location: `/${file}/` } };
    return refusal(404, `There is no course file /${name}. The list is at http://10.0.2.2/.`);
  }

  async #load(file: string): Promise<Answer | Sized | undefined> {
    const type = TYPES[/\.(\w+)$/.exec(file)?.[1]?.toLowerCase() ?? ''];
    const address = this.folder + file.split('/').map(encodeURIComponent).join('/');
    let response: Response;
    try {
      response = await this.fetch(address);
    } catch (error) {
      return refusal(502, `The page's own server did not send course/${file}: ${String(error)}. Is there a network?`);
    }
    // A host that answers every address with its start page has no such file.
    const isStartPage =
      /^text\/html/.test(response.headers.get('content-type') ?? '') && !/^text\/html/.test(type ?? '');
    if (!response.ok || isStartPage) {
      await response.body?.cancel();
      return undefined;
    }
    if (Number(response.headers.get('content-length') ?? 0) > MAX_FILE)
      return refusal(502, `course/${file} is longer than ${MAX_FILE} bytes.`);
    return sized(type ?? 'application/octet-stream', new Uint8Array(await response.arrayBuffer()));
  }
}

/** The names along a path; undefined when one is none. */
function segments(path: string): string[] | undefined {
  try {
    const names = path
      .split('/')
      .filter((name) => name !== '')
      .map(decodeURIComponent);
    return names.some((name) => /^\.{1,2}$|[/\\\0]/.test(name)) ? undefined : names;
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}
