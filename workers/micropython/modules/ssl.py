_WHY = (
    "there is no TLS here: this network ends in the browser, whose own connections are encrypted, and the client has no"
    " cryptography. Use http:// instead of https://"
)

PROTOCOL_TLS_CLIENT = 0
PROTOCOL_TLS_SERVER = 1
CERT_NONE = 0
CERT_OPTIONAL = 1
CERT_REQUIRED = 2


class SSLContext:
    def __init__(self, *args):
        raise NotImplementedError(_WHY)


def create_default_context(*args, **kwargs):
    raise NotImplementedError(_WHY)


def wrap_socket(*args, **kwargs):
    raise NotImplementedError(_WHY)
