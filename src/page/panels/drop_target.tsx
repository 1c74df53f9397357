/** The whole window takes a disk image that is dropped on it; while one is held over it, it says so. */
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
  return over ? <p className="drop-target">Drop a disk image: the system starts again on it</p> : null;
}
