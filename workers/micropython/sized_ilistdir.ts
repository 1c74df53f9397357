/**
 * The build's os.ilistdir gives (name, type, inode); MicroPython's documentation has a fourth element, the size, which LionsOS users of
 * other ports know. The directory is still read by the build's own function; files are asked for their size as they are reached.
 */
export const SIZED_ILISTDIR = `
def _sized():
    import os
    entries, stat = os.ilistdir, os.stat
    def ilistdir(path='.'):
        slash = b'/' if isinstance(path, (bytes, bytearray)) else '/'
        for entry in entries(path):
            size = 0
            if entry[1] == 0x8000:
                try:
                    size = stat(path + slash + entry[0])[6]
                except OSError:
                    size = -1
            yield entry + (size,)
    os.ilistdir = ilistdir
_sized()
del _sized
`;
