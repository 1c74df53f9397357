# One loop over _net.wait, which sleeps until a socket, a key or the next timer needs it.
import socket as _socket
import sys
from time import ticks_ms as ticks, ticks_add, ticks_diff
from _net import wait as _wait

_IN = 1
_OUT = 4
# Error, hang-up, closed: always reported, and whoever waits finds out by trying.
_OVER = 56
_EAGAIN = 11
_EISCONN = 106
_PIECE = 4096


class CancelledError(BaseException):
    pass


class TimeoutError(Exception):
    pass


# A task that waits is in one or more lists: `_timers` of [due, task] in the order of their time, `_waits` of [fd, events, task], or those of
# tasks that belong to what they wait for. `_places` of a task says which.
_ready = []
_timers = []
_waits = []
_tasks = set()
# Tasks that failed while nobody waited for them.
_failed = []
_handler = None
_stopping = False
cur_task = None


class Task:
    def __init__(self, coro):
        self.coro = coro
        self._done = False
        self._result = None
        self._error = None
        self._thrown = None
        self._queued = False
        self._seen = False
        self._inner = None
        self._places = ()
        self._joiners = []

    def done(self):
        return self._done

    def cancel(self):
        if self._done:
            return False
        if self is cur_task:
            raise RuntimeError("can't cancel self")
        task = self
        while task._inner is not None:
            task = task._inner
        _wake(task, CancelledError())
        return True

    def result(self):
        if not self._done:
            raise RuntimeError("the task is not done")
        self._seen = True
        if self._error is not None:
            raise self._error
        return self._result

    def exception(self):
        self._seen = True
        return self._error

    def __iter__(self):
        if not self._done:
            cur_task._inner = self
            _park((self._joiners, cur_task))
            yield
        return self.result()

    __await__ = __iter__


# The running task waits in each of the places, a list and an entry, until `_wake`; it has to yield next.
def _park(*places):
    for where, entry in places:
        if where is _timers:
            at = len(where)
            while at and ticks_diff(where[at - 1][0], entry[0]) > 0:
                at -= 1
            where.insert(at, entry)
        else:
            where.append(entry)
    cur_task._places = places


def _wake(task, thrown=None):
    if task._done:
        return
    for where, entry in task._places:
        if entry in where:
            where.remove(entry)
    task._places = ()
    task._inner = None
    if thrown is not None:
        task._thrown = thrown
    if not task._queued:
        task._queued = True
        _ready.append(task)


def _finish(task, result, error):
    task._done = True
    task._result = result
    task._error = error
    _tasks.discard(task)
    if not task._joiners and error is not None and not isinstance(error, CancelledError):
        _failed.append(task)
    for waiting in task._joiners[:]:
        _wake(waiting)


def _step(task):
    global cur_task
    task._queued = False
    thrown, task._thrown = task._thrown, None
    cur_task = task
    try:
        if thrown is None:
            task.coro.send(None)
        else:
            task.coro.throw(thrown)
        if not task._places:
            _wake(task)
    except StopIteration as e:
        _finish(task, e.value, None)
    except (CancelledError, Exception) as e:
        _finish(task, None, e)
    finally:
        cur_task = None


def _turn():
    for task in _failed:
        if not task._seen:
            Loop.call_exception_handler(
                {"message": "Task exception wasn't retrieved", "exception": task._error, "future": task}
            )
    _failed.clear()
    ms = 0 if _ready else max(0, ticks_diff(_timers[0][0], ticks())) if _timers else -1
    if _waits or not _ready:
        for fd, events in _wait([(each[0], each[1]) for each in _waits], ms):
            for entry in _waits[:]:
                if entry[0] == fd and events & (entry[1] | _OVER):
                    _wake(entry[2])
    if _timers:
        now = ticks()
        while _timers and ticks_diff(_timers[0][0], now) <= 0:
            _wake(_timers[0][1])
    return len(_ready)


def run_until_complete(main):
    global _stopping
    if cur_task is not None:
        raise RuntimeError("the loop runs already")
    main = _task(main)
    main._seen = True
    _stopping = False
    while not main._done and not _stopping:
        for _ in range(_turn()):
            task = _ready.pop(0)
            if not task._done:
                _step(task)
            if main._done or _stopping:
                break
    if main._done:
        return main.result()


def run(coro):
    try:
        return run_until_complete(coro)
    finally:
        new_event_loop()


def create_task(coro):
    if not hasattr(coro, "send"):
        raise TypeError("coroutine expected")
    task = Task(coro)
    _tasks.add(task)
    _wake(task)
    return task


def _task(aw):
    return aw if isinstance(aw, Task) else create_task(aw)


def current_task():
    if cur_task is None:
        raise RuntimeError("no running task")
    return cur_task


def sleep_ms(ms):
    if ms > 0:
        _park((_timers, [ticks_add(ticks(), ms), cur_task]))
    yield


def sleep(seconds):
    return sleep_ms(int(seconds * 1000))


async def wait_for_ms(aw, ms):
    return await wait_for(aw, ms / 1000)


async def wait_for(aw, timeout):
    task = _task(aw)
    if timeout is None:
        return await task
    if not task._done:
        try:
            await _either(task, int(timeout * 1000))
        except CancelledError:
            task.cancel()
            raise
    if task._done or not task.cancel():
        return task.result()
    try:
        return await task
    except CancelledError:
        raise TimeoutError


def _either(task, ms):
    _park((task._joiners, cur_task), (_timers, [ticks_add(ticks(), max(0, ms)), cur_task]))
    yield


def _any(tasks):
    _park(*[(task._joiners, cur_task) for task in tasks])
    yield


async def gather(*aws, return_exceptions=False):
    tasks = [_task(aw) for aw in aws]
    try:
        while True:
            left = [task for task in tasks if not task._done]
            failed = [task for task in tasks if task._done and task._error is not None]
            if not left or failed and not return_exceptions:
                break
            await _any(left)
    except CancelledError:
        for task in tasks:
            task.cancel()
        raise
    for task in tasks:
        task._seen = True
    if failed and not return_exceptions:
        raise failed[0]._error
    return [task._result if task._error is None else task._error for task in tasks]


class Event:
    def __init__(self):
        self._set = False
        self._waiting = []

    def is_set(self):
        return self._set

    def set(self):
        self._set = True
        for task in self._waiting[:]:
            _wake(task)

    def clear(self):
        self._set = False

    def wait(self):
        if not self._set:
            _park((self._waiting, cur_task))
            yield
        return True


# An event for one task that clears itself.
class ThreadSafeFlag(Event):
    def wait(self):
        while not self._set:
            _park((self._waiting, cur_task))
            yield
        self._set = False


class Lock:
    def __init__(self):
        self._owner = None
        self._waiting = []

    def locked(self):
        return self._owner is not None

    def acquire(self):
        if self._owner is None:
            self._owner = cur_task
        else:
            _park((self._waiting, cur_task))
            try:
                yield
            except CancelledError:
                # It may have become the owner just before.
                if self._owner is cur_task:
                    self.release()
                raise
        return True

    def release(self):
        if self._owner is None:
            raise RuntimeError("Lock not acquired")
        self._owner = self._waiting[0] if self._waiting else None
        if self._owner is not None:
            _wake(self._owner)

    async def __aenter__(self):
        await self.acquire()

    async def __aexit__(self, *args):
        self.release()


def _until(s, events):
    _park((_waits, [s.fileno(), events, cur_task]))
    yield


class Stream:
    def __init__(self, s, e={}):
        self.s = s
        self.e = e
        self.out_buf = b""
        self._in = b""

    def get_extra_info(self, name, default=None):
        return self.e.get(name, default)

    async def __aenter__(self):
        return self

    async def __aexit__(self, *args):
        await self.wait_closed()

    # What was written and has not left yet is sent behind the caller's back.
    def close(self):
        if self.out_buf and self.s is not None:
            create_task(self.wait_closed())
        else:
            self._shut()

    async def wait_closed(self):
        try:
            await self.drain()
        except OSError:
            self.out_buf = b""
        finally:
            self._shut()

    def _shut(self):
        if self.s is not None and self.s is not sys.stdin:
            self.s.close()

    async def _more(self, n):
        while True:
            await _until(self.s, _IN)
            if not hasattr(self.s, "recv"):
                data = self.s.read(1)
                return data.encode() if isinstance(data, str) else data
            try:
                return self.s.recv(n)
            except OSError as e:
                if e.errno != _EAGAIN:
                    raise

    async def read(self, n=-1):
        data, self._in = self._in, b""
        if n < 0:
            pieces = [data]
            while pieces[-1] or len(pieces) == 1:
                pieces.append(await self._more(_PIECE))
            return b"".join(pieces)
        if not data and n > 0:
            data = await self._more(n)
        self._in = data[n:]
        return data[:n]

    async def readinto(self, buf):
        data = await self.read(len(buf))
        buf[: len(data)] = data
        return len(data)

    async def readexactly(self, n):
        data = await self.read(n)
        while len(data) < n:
            more = await self.read(n - len(data))
            if not more:
                raise EOFError
            data += more
        return data

    async def readline(self):
        data, self._in = self._in, b""
        while True:
            end = data.find(b"\n") + 1
            more = b"" if end else await self._more(_PIECE)
            if not more:
                end = end or len(data)
                self._in = data[end:]
                return data[:end]
            data += more

    def write(self, buf):
        if isinstance(buf, str):
            buf = buf.encode()
        if not self.out_buf:
            n = self.s.write(buf) or 0
            if n == len(buf):
                return
            buf = memoryview(buf)[n:]
        self.out_buf += buf

    def writelines(self, bufs):
        for buf in bufs:
            self.write(buf)

    async def drain(self):
        if not self.out_buf:
            return await sleep_ms(0)
        while self.out_buf:
            await _until(self.s, _OUT)
            self.out_buf = self.out_buf[self.s.write(self.out_buf) or 0 :]


StreamReader = Stream
StreamWriter = Stream


async def open_connection(host, port, ssl=None, server_hostname=None):
    _refuse_tls(ssl)
    kind = _socket.getaddrinfo(host, port, 0, _socket.SOCK_STREAM)[0]
    s = _socket.socket(kind[0], kind[1], kind[2])
    s.setblocking(False)
    try:
        while not _connects(s, kind[-1]):
            await _until(s, _OUT)
    except BaseException:
        s.close()
        raise
    stream = Stream(s, {"peername": kind[-1]})
    return stream, stream


# False while it is on its way: EINPROGRESS, EALREADY.
def _connects(s, address):
    try:
        s.connect(address)
    except OSError as e:
        if e.errno not in (_EISCONN, 115, 114):
            raise
        return e.errno == _EISCONN
    return True


def _refuse_tls(ssl):
    if ssl:
        import ssl as tls

        tls.create_default_context()


class Server:
    def __init__(self, s, cb):
        self._s = s
        self.task = create_task(self._serve(cb))

    async def __aenter__(self):
        return self

    async def __aexit__(self, *args):
        self.close()
        await self.wait_closed()

    def close(self):
        self.task.cancel()

    async def wait_closed(self):
        try:
            await self.task
        except CancelledError:
            if not self.task._done:
                raise

    async def serve_forever(self):
        await self.task

    async def _serve(self, cb):
        s = self._s
        try:
            while True:
                await _until(s, _IN)
                try:
                    peer, address = s.accept()
                except OSError as e:
                    if e.errno == _EAGAIN:
                        continue
                    raise
                peer.setblocking(False)
                stream = Stream(peer, {"peername": address})
                handled = cb(stream, stream)
                if hasattr(handled, "send"):
                    create_task(handled)
        finally:
            s.close()


async def start_server(cb, host, port, backlog=16, ssl=None):
    _refuse_tls(ssl)
    s = _socket.socket()
    try:
        s.setsockopt(_socket.SOL_SOCKET, _socket.SO_REUSEADDR, 1)
        s.bind((host, port))
        s.listen(backlog)
        s.setblocking(False)
    except BaseException:
        s.close()
        raise
    return Server(s, cb)


class Loop:
    create_task = create_task
    run_until_complete = run_until_complete

    def run_forever():
        run_until_complete(_forever())

    def stop():
        global _stopping
        _stopping = True

    def close():
        pass

    def set_exception_handler(handler):
        global _handler
        _handler = handler

    def get_exception_handler():
        return _handler

    def default_exception_handler(loop, context):
        print(context["message"])
        print("future:", context["future"], "coro=", context["future"].coro)
        sys.print_exception(context["exception"])

    def call_exception_handler(context):
        (_handler or Loop.default_exception_handler)(Loop, context)


async def _forever():
    while True:
        await Event().wait()


def get_event_loop(*args):
    return Loop


# Ends what the tasks of the old loop had begun: their `finally` closes what they hold.
def new_event_loop():
    for task in list(_tasks):
        task._places = ()
        try:
            task.coro.close()
        except Exception as e:
            sys.print_exception(e)
    for each in (_ready, _timers, _waits, _failed, _tasks):
        each.clear()
    return Loop


core = sys.modules[__name__]
