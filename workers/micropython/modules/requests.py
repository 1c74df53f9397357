import json as _json
import socket

_REDIRECTS = (301, 302, 303, 307, 308)
_MOST_REDIRECTS = 8
_PIECE = 65536


class Response:
    def __init__(self, raw, url, status, reason, headers, pieces):
        self.raw = raw
        self.url = url
        self.status_code = status
        self.reason = reason
        self.headers = headers
        self.encoding = "utf-8"
        self._pieces = pieces
        self._content = None

    def __repr__(self):
        return "<Response [%d]>" % self.status_code

    def __enter__(self):
        return self

    def __exit__(self, *args):
        self.close()

    @property
    def ok(self):
        return self.status_code < 400

    # The body as it comes, for what is larger than memory.
    def iter_content(self, chunk_size=None):
        return self._pieces

    @property
    def content(self):
        if self._content is None:
            try:
                self._content = b"".join(list(self._pieces))
            finally:
                self.close()
        return self._content

    @property
    def text(self):
        return str(self.content, self.encoding)

    def json(self):
        return _json.loads(self.content)

    def raise_for_status(self):
        if not self.ok:
            raise OSError("%d %s: %s" % (self.status_code, self.reason, self.url))

    def close(self):
        self.raw.close()


def _split(url):
    scheme, _, rest = url.partition("://")
    scheme = scheme.lower()
    if scheme == "https":
        import ssl

        ssl.create_default_context()
    if scheme != "http" or not rest:
        raise ValueError("not an http:// address: " + url)
    rest = rest.split("#")[0]
    at = min([i for i in (rest.find("/"), rest.find("?"), len(rest)) if i >= 0])
    host, path = rest[:at], rest[at:]
    if not path.startswith("/"):
        path = "/" + path
    name, _, port = host.partition(":")
    return host, name, int(port or 80), path


def _line(s):
    line = s.readline(_PIECE)
    if not line.endswith(b"\n"):
        raise ValueError("the answer ends within its head")
    return line.strip().decode()


def _exactly(s, n):
    while n > 0:
        piece = s.recv(min(n, _PIECE))
        if not piece:
            raise ValueError("the answer ends %d bytes too soon" % n)
        n -= len(piece)
        yield piece


def _chunks(s):
    while True:
        n = int(_line(s).split(";")[0], 16)
        if n == 0:
            break
        yield from _exactly(s, n)
        _line(s)
    while _line(s):
        pass


def _rest(s):
    piece = s.recv(_PIECE)
    while piece:
        yield piece
        piece = s.recv(_PIECE)


def _head(s):
    words = _line(s).split(None, 2)
    if len(words) < 2 or not words[0].startswith("HTTP/"):
        raise ValueError("the answer is not of HTTP")
    headers = {}
    line = _line(s)
    while line:
        name, _, value = line.partition(":")
        headers[name.strip()] = value.strip()
        line = _line(s)
    return int(words[1]), words[2] if len(words) > 2 else "", headers


def _exchange(s, method, host, path, headers, data):
    names = [name.lower() for name in headers]
    lines = ["%s %s HTTP/1.1" % (method, path)]
    if "host" not in names:
        lines.append("Host: " + host)
    if "content-length" not in names and (data is not None or method in ("POST", "PUT", "PATCH")):
        lines.append("Content-Length: %d" % len(data or b""))
    lines += ["%s: %s" % pair for pair in headers.items()]
    for part in lines:
        if "\r" in part or "\n" in part:
            raise ValueError("a header has one line")
    s.sendall("\r\n".join(lines + ["Connection: close", "", ""]).encode())
    if data:
        s.sendall(data)
    status, reason, got = _head(s)
    while 100 <= status < 200:
        status, reason, got = _head(s)
    low = {name.lower(): value for name, value in got.items()}
    if method == "HEAD" or status in (204, 304):
        pieces = iter(())
    elif "chunked" in low.get("transfer-encoding", "").lower():
        pieces = _chunks(s)
    elif "content-length" in low:
        pieces = _exactly(s, int(low["content-length"]))
    else:
        pieces = _rest(s)
    return status, reason, got, low.get("location"), pieces


def _body(data, json, headers):
    names = [name.lower() for name in headers]
    kind = None
    if json is not None:
        kind, data = "application/json", _json.dumps(json)
    elif isinstance(data, dict):
        kind, data = "application/x-www-form-urlencoded", "&".join([_quoted(k) + "=" + _quoted(v) for k, v in data.items()])
    if kind and "content-type" not in names:
        headers["Content-Type"] = kind
    return data.encode() if isinstance(data, str) else data


def _quoted(value):
    plain = b"-._~"
    text = str(value).encode()
    return "".join([chr(c) if chr(c).isalpha() or chr(c).isdigit() or c in plain else "%%%02X" % c for c in text])


def request(method, url, data=None, json=None, headers=None, auth=None, timeout=None, allow_redirects=True, params=None):
    headers = dict(headers or {})
    data = _body(data, json, headers)
    if auth:
        import binascii

        headers["Authorization"] = "Basic " + binascii.b2a_base64(("%s:%s" % auth).encode()).decode().strip()
    if params:
        url += ("&" if "?" in url else "?") + "&".join([_quoted(k) + "=" + _quoted(v) for k, v in params.items()])
    for _ in range(_MOST_REDIRECTS):
        host, name, port, path = _split(url)
        s = socket.socket()
        try:
            s.settimeout(timeout)
            s.connect((name, port))
            status, reason, got, location, pieces = _exchange(s, method, host, path, headers, data)
        except BaseException:
            s.close()
            raise
        if not (allow_redirects and location and status in _REDIRECTS):
            return Response(s, url, status, reason, got, pieces)
        s.close()
        if status == 303 or status in (301, 302) and method == "POST":
            method, data = "GET", None
        if "://" not in location:
            base = path.split("?")[0] if not location.startswith("/") else ""
            location = "http://" + host + base[: base.rfind("/") + 1] + location
        if _split(location)[0] != host:
            headers.pop("Authorization", None)
        url = location
    raise ValueError("more than %d redirects" % _MOST_REDIRECTS)


def get(url, **kwargs):
    return request("GET", url, **kwargs)


def head(url, **kwargs):
    return request("HEAD", url, **kwargs)


def post(url, data=None, **kwargs):
    return request("POST", url, data=data, **kwargs)


def put(url, data=None, **kwargs):
    return request("PUT", url, data=data, **kwargs)


def patch(url, data=None, **kwargs):
    return request("PATCH", url, data=data, **kwargs)


def delete(url, **kwargs):
    return request("DELETE", url, **kwargs)
