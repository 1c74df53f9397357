/**
 * The Python modules that MicroPython's users know and the npm build lacks, or has for a page's event loop only. Each is compiled when it
 * is first imported. They come after the user's files and before the build's own, as frozen modules of MicroPython's boards do.
 */
import net from './modules/_net.py?raw';
import asyncio from './modules/asyncio.py?raw';
import network from './modules/network.py?raw';
import ntptime from './modules/ntptime.py?raw';
import requests from './modules/requests.py?raw';
import select from './modules/select.py?raw';
import socket from './modules/socket.py?raw';
import ssl from './modules/ssl.py?raw';

const alias = (name: string) => `from ${name} import *\n`;

/** Source by file name. `lwip` is upstream's name of `socket`; those with a `u` are old names that programs still use. */
export const MODULES: ReadonlyMap<string, string> = new Map([
  ['_net.py', net],
  ['asyncio.py', asyncio],
  ['lwip.py', alias('socket')],
  ['network.py', network],
  ['ntptime.py', ntptime],
  ['requests.py', requests],
  ['select.py', select],
  ['socket.py', socket],
  ['ssl.py', ssl],
  ['uasyncio.py', alias('asyncio')],
  ['urequests.py', alias('requests')],
  ['uselect.py', alias('select')],
  ['usocket.py', alias('socket')],
  ['ussl.py', alias('ssl')],
]);

/** Run before the disk's programs. help('modules') knows the build's modules only. */
export const USE_MODULES = `
def _modules():
    import builtins, sys
    sys.path.insert(1, ':lib')
    build = builtins.help
    def help(*of):
        build(*of)
        if of == ('modules',):
            print('From the client: asyncio lwip network ntptime requests select socket ssl')
    builtins.help = help
_modules()
del _modules
`;
