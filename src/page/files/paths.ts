/** Paths on the mounted disk: absolute, parts separated by `/`; `/` is the root. */

export const ROOT = '/';

export function join(folder: string, name: string): string {
  return folder === ROOT ? `/${name}` : `${folder}/${name}`;
}

/** The folder that holds it; of the root, the root. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf('/')));
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** From the root down to the path itself; the root has the name `/`. */
export function steps(path: string): { readonly path: string; readonly name: string }[] {
  const names = path.split('/').filter((name) => name !== '');
  return [
    { path: ROOT, name: ROOT },
    ...names.map((name, i) => ({ path: `/${names.slice(0, i + 1).join('/')}`, name })),
  ];
}

/** Whether `path` is `folder` or lies somewhere in it. */
export function isWithin(path: string, folder: string): boolean {
  return path === folder || folder === ROOT || path.startsWith(`${folder}/`);
}
