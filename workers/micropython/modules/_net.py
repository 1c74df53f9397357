# The client's network as files below ":net"; net_control.ts says what can be asked.
_control = open(":net/control", "r+b")


def call(request, size=256):
    if _control.write(request) is None:
        raise OSError(11)
    return _control.read(size)


def words(request):
    return call(request).decode().split(" ")


# [(fd, events)] of those of `wanted` that are ready, within `ms` milliseconds; -1 is for ever.
def wait(wanted, ms):
    request = "wait %d" % ms
    if wanted:
        request += " " + " ".join(["%d:%d" % pair for pair in wanted])
    answer = call(request, 16 + 16 * len(wanted))
    if not answer:
        return []
    return [tuple([int(n) for n in pair.split(":")]) for pair in answer.decode().split(" ")]
