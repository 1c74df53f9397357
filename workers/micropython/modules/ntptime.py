import socket
from _net import call

host = "pool.ntp.org"
timeout = 1

# From 1900 to 1970, in seconds.
_OFFSET = 2208988800


# Seconds since 1970, as the server has them.
def time():
    address = socket.getaddrinfo(host, 123)[0][-1]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(timeout)
        s.connect(address)
        request = bytearray(48)
        request[0] = 0x23
        s.send(request)
        answer = s.recv(48)
    if len(answer) < 48 or answer[0] & 7 != 4 or answer[1] == 0:
        raise OSError(71)
    seconds = int.from_bytes(answer[40:44], "big")
    # A clear top bit means that the era of 2036 has begun.
    return seconds - _OFFSET + (0 if seconds & 0x80000000 else 0x100000000)


# There is no clock to set but this client's own: time.time() follows, files keep the machine's date.
def settime():
    call("clock %d" % (time() * 1000))
