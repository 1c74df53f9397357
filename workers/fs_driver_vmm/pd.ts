/** fs_driver_vmm: the monitor of the FS VM. Trusts the block and serial virtualisers; not its guest. */
import type { Program } from '../../src/libmicrokit/pd';
import { Vmm } from './vmm';

export const program: Program = (env) => new Vmm(env);
