/** The whole window takes what is dropped on it, a disk image or an upload; while it is held over it, it says which. */
import { useEffect, useState } from 'react';
import type { Desk } from '../desk';

export function DropTarget({ desk, show }: { desk: Desk; show: () => void }) {
  const [over, setOver] = useState(false);
  useEffect(() => {
    const hasFile = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;
    const hold = (event: DragEvent) => {
      if (!hasFile(event)) return;
      event.preventDefault();
      setOver(true);
    };
    const leave = (event: DragEvent) => {
      if (event.relatedTarget === null) setOver(false);
    };
    const drop = (event: DragEvent) => {
      if (!hasFile(event)) return;
      event.preventDefault();
      setOver(false);
      const { uploader } = desk.dropped;
      if (uploader) {
        uploader.take(event.dataTransfer!);
        return;
      }
      const [image] = event.dataTransfer?.files ?? [];
      if (!image) return;
      show();
      desk.dropped.give(image);
    };
    const controller = new AbortController();
    const { signal } = controller;
    addEventListener('dragenter', hold, { signal });
    addEventListener('dragover', hold, { signal });
    addEventListener('dragleave', leave, { signal });
    addEventListener('drop', drop, { signal });
    return () => controller.abort();
  }, [desk, show]);
  const says = desk.dropped.uploader?.says() ?? 'Drop a disk image: the system starts again on it';
  return over ? <p className="drop-target">{says}</p> : null;
}
