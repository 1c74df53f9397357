/** linux_fs_vm: the guest with the file system server. Trusts its monitor; not the client, not the disk's contents. */
import type { Program } from '../../src/libmicrokit/pd';
import { Guest } from './guest';

export const program: Program = (env) => new Guest(env);
