from time import ticks_ms, ticks_add, ticks_diff
from _net import wait

POLLIN = 1
POLLOUT = 4
POLLERR = 8
POLLHUP = 16

# How often objects that can only be asked are asked.
_ASK_MS = 10


# An object with a file descriptor is waited for; another one is asked by its ioctl, as MicroPython's streams are.
def _fd(obj):
    try:
        return obj.fileno()
    except AttributeError:
        pass
    if hasattr(obj, "ioctl"):
        return None
    raise OSError(22)


class poll:
    def __init__(self):
        self._entries = {}

    def register(self, obj, eventmask=POLLIN | POLLOUT):
        known = id(obj) in self._entries
        self._entries[id(obj)] = [obj, eventmask, _fd(obj)]
        return not known

    def unregister(self, obj):
        self._entries.pop(id(obj), None)

    def modify(self, obj, eventmask):
        if id(obj) not in self._entries:
            raise OSError(2)
        self._entries[id(obj)][1] = eventmask

    def poll(self, timeout=-1):
        return self._poll(timeout, 0)

    # Flag 1: whoever was reported is not watched until it is modified.
    def ipoll(self, timeout=-1, flags=0):
        return iter(self._poll(timeout, flags))

    def _poll(self, timeout, flags):
        if timeout is None or timeout < 0:
            timeout = -1
        end = ticks_add(ticks_ms(), timeout)
        while True:
            ready = self._asked()
            left = timeout if timeout < 0 else max(0, ticks_diff(end, ticks_ms()))
            ready += self._waited(0 if ready else left)
            if ready or left == 0:
                break
        if flags & 1:
            for obj, _ in ready:
                self._entries[id(obj)][1] = 0
        return ready

    def _asked(self):
        ready = []
        for obj, mask, fd in self._entries.values():
            if fd is None and mask:
                events = obj.ioctl(3, mask)
                if events:
                    ready.append((obj, events))
        return ready

    def _waited(self, ms):
        wanted = []
        for obj, mask, fd in self._entries.values():
            if fd is None:
                ms = _ASK_MS if ms < 0 else min(ms, _ASK_MS)
            elif mask:
                # A socket that was closed, or opened again by another name, is asked for anew.
                wanted.append((obj.fileno(), mask, obj))
        ready = dict(wait([each[:2] for each in wanted], ms))
        return [(obj, ready[fd]) for fd, mask, obj in wanted if fd in ready]


def select(readers, writers, broken, timeout=None):
    p = poll()
    masks = {}
    for objects, mask in ((readers, POLLIN), (writers, POLLOUT), (broken, 0)):
        for obj in objects:
            masks[id(obj)] = masks.get(id(obj), 0) | mask
            p.register(obj, masks[id(obj)] or POLLERR)
    events = {id(obj): got for obj, got in p.poll(-1 if timeout is None else int(timeout * 1000))}
    over = POLLERR | POLLHUP
    return (
        [obj for obj in readers if events.get(id(obj), 0) & (POLLIN | over)],
        [obj for obj in writers if events.get(id(obj), 0) & (POLLOUT | over)],
        [obj for obj in broken if events.get(id(obj), 0) & POLLERR],
    )
