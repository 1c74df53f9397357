import io
from _net import call, words

AF_INET = 2
SOCK_STREAM = 1
SOCK_DGRAM = 2
IPPROTO_IP = 0
IPPROTO_TCP = 6
IPPROTO_UDP = 17
SOL_SOCKET = 0xFFF
SO_REUSEADDR = 4
SO_KEEPALIVE = 8
SO_BROADCAST = 32
TCP_NODELAY = 1
SHUT_RD = 0
SHUT_WR = 1
SHUT_RDWR = 2

_EAGAIN = 11


def _resolve(host):
    answer = words("resolve " + host)
    if answer[0][0] == "-":
        raise OSError(int(answer[0]))
    return answer


def _end(address):
    host, port = address[0], address[1]
    if not host:
        host = "0.0.0.0"
    return "%s %d" % (_resolve(host)[0], port)


def _address(answer):
    return answer[0], int(answer[1])


def getaddrinfo(host, port, af=0, type=0, proto=0, flags=0):
    if af not in (0, AF_INET):
        raise OSError(97)
    kind = type or SOCK_STREAM
    return [(AF_INET, kind, proto, "", (ip, int(port))) for ip in _resolve(host or "0.0.0.0")]


class _Closed:
    def __getattr__(self, name):
        raise OSError(9)


class socket(io.IOBase):
    def __init__(self, af=AF_INET, type=SOCK_STREAM, proto=0, _name=None):
        if af != AF_INET:
            raise OSError(97)
        if type not in (SOCK_STREAM, SOCK_DGRAM):
            raise OSError(22)
        self._file = open(":net/" + (_name or ("tcp" if type == SOCK_STREAM else "udp")), "r+b")
        self._fd = self._file.fileno()

    def __repr__(self):
        return "<socket fd=%d>" % self._fd

    def __enter__(self):
        return self

    def __exit__(self, *args):
        self.close()

    def fileno(self):
        return self._fd

    def close(self):
        if self._fd >= 0:
            self._fd = -1
            self._file.close()
            self._file = _Closed()

    def bind(self, address):
        call("bind %d %s" % (self._fd, _end(address)))

    def listen(self, backlog=5):
        call("listen %d %d" % (self._fd, backlog))

    def accept(self):
        peer = socket(_name="accept/%d" % self._fd)
        return peer, _address(words("sender %d" % peer._fd))

    def connect(self, address):
        call("connect %d %s" % (self._fd, _end(address)))

    def shutdown(self, how):
        call("shutdown %d %d" % (self._fd, how))

    def getsockname(self):
        return _address(words("own %d" % self._fd))

    def getpeername(self):
        return _address(words("peer %d" % self._fd))

    def settimeout(self, seconds):
        call("timeout %d %d" % (self._fd, -1 if seconds is None else int(seconds * 1000)))

    def setblocking(self, flag):
        self.settimeout(None if flag else 0)

    def setsockopt(self, level, option, value):
        if not isinstance(value, int):
            raise OSError(92)
        call("option %d %d %d %d" % (self._fd, level, option, value))

    def send(self, data):
        if not data:
            call("empty %d" % self._fd)
            return 0
        n = self._file.write(data)
        if n is None:
            raise OSError(_EAGAIN)
        return n

    def sendall(self, data):
        rest = memoryview(data)
        while len(rest):
            rest = rest[self.send(rest) :]

    def sendto(self, data, address):
        call("to %d %s" % (self._fd, _end(address)))
        return self.send(data)

    def recv(self, n, flags=0):
        return call("recv %d %d" % (self._fd, n), n)

    def recvfrom(self, n, flags=0):
        data = self.recv(n)
        return data, _address(words("sender %d" % self._fd))

    def recv_into(self, buf, n=0, flags=0):
        data = self.recv(n or len(buf))
        buf[: len(data)] = data
        return len(data)

    def read(self, n=-1):
        return self._file.read(n)

    def readinto(self, buf, n=-1):
        return self._file.readinto(buf) if n < 0 else self._file.readinto(buf, n)

    def readline(self, n=-1):
        return self._file.readline(n)

    def write(self, data, *part):
        return self._file.write(data, *part)

    def makefile(self, mode="rb", buffering=0):
        return self

    # How C's streams, and select.poll of a subclass, ask: 3 poll, 4 close.
    def ioctl(self, request, argument):
        if request == 3:
            answer = call("wait 0 %d:%d" % (self._fd, argument))
            return int(answer.decode().split(":")[1]) if answer else 0
        if request == 4:
            self.close()
            return 0
        return -22
