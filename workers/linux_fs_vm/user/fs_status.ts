/** Which status of the protocol answers which Linux error. */
import { FS_STATUS, FS_STATUS_ERRNO } from '../../../src/protocol/fs';
import { ERRNO, type ErrnoName } from '../../../src/specs/errno';

const STATUS_OF = new Map<ErrnoName, number>(
  (Object.keys(FS_STATUS_ERRNO) as (keyof typeof FS_STATUS_ERRNO)[]).map((name) => [
    FS_STATUS_ERRNO[name],
    FS_STATUS[name],
  ]),
);
/** Three statuses stand for EINVAL; a file system says it of names. */
STATUS_OF.set('EINVAL', FS_STATUS.INVALID_NAME);

const NAME_OF = new Map<number, ErrnoName>((Object.keys(ERRNO) as ErrnoName[]).map((name) => [ERRNO[name], name]));

export function statusOf(error: ErrnoName): number {
  return STATUS_OF.get(error) ?? FS_STATUS.ERROR;
}

/** For a negative result of an io_uring operation. */
export function statusOfResult(res: number): number {
  return statusOf(NAME_OF.get(-res) ?? 'EIO');
}
