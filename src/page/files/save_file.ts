/** Gives a blob to the person as a download. */

/** The download has its own hold on the blob once it has begun. */
const HOLD_MS = 10_000;

export function saveFile(file: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), HOLD_MS);
}
