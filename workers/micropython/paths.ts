/** Paths as the file system server gets them: absolute, otherwise as typed, because what `..` means is the server's to say. */

export function absolute(path: string, cwd: string): string {
  if (path === '' || path.startsWith('/')) return path;
  return cwd === '/' ? `/${path}` : `${cwd}/${path}`;
}

/** For the name of the current directory: no `.`, `..` or double slash. */
export function normalised(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}
