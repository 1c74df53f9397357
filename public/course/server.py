"""A web server on port 80. Open the view "Web" to see its page; Ctrl-C ends it."""
import socket

PAGE = """<!doctype html>
<title>MicroPython</title>
<h1>Hello from MicroPython</h1>
<p>This is request number {}.</p>
<p><a href="again">Ask again</a></p>
"""

server = socket.socket()
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(("0.0.0.0", 80))
server.listen(5)
print("Listening on port 80")
count = 0
try:
    while True:
        client, address = server.accept()
        # The request: one line, then fields up to an empty line.
        line = client.readline()
        print(address[0], line.decode().strip())
        while client.readline() not in (b"\r\n", b""):
            pass
        count += 1
        client.write("HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n")
        client.write(PAGE.format(count))
        client.close()
finally:
    server.close()
