from _net import call, words

STAT_IDLE = 0
STAT_CONNECTING = 1
STAT_GOT_IP = 3


# The interface e0, which is there from the start.
class LAN:
    def __init__(self, id=0):
        if id != 0:
            raise ValueError("there is one interface, 0")

    def __repr__(self):
        return "<LAN e0 %s>" % self.ifconfig()[0]

    def active(self, up=None):
        if up is None:
            return self.status() != STAT_IDLE
        if not up:
            call("down")
        elif not self.active():
            call("dhcp")

    def isconnected(self):
        return words("interface")[0] != "0.0.0.0"

    def status(self):
        now = words("interface")
        if now[0] != "0.0.0.0":
            return STAT_GOT_IP
        return STAT_IDLE if now[5] == "off" else STAT_CONNECTING

    # Address, mask, gateway, name server; given four of them, or "dhcp", it uses those.
    def ifconfig(self, addresses=None):
        if addresses is None:
            return tuple(words("interface")[:4])
        call("dhcp" if addresses == "dhcp" else "configure %s %s %s %s" % tuple(addresses))

    def ipconfig(self, name=None, **values):
        now = words("interface")
        if name is not None:
            known = {"addr4": tuple(now[:2]), "gw4": now[2], "dhcp4": now[5] != "off", "has_dhcp4": now[5] == "bound"}
            if name not in known:
                raise ValueError("unknown: " + name)
            return known[name]
        for name, value in values.items():
            if name == "addr4":
                if isinstance(value, str):
                    address, _, bits = value.partition("/")
                    mask = 0xFFFFFFFF << (32 - int(bits or 24)) & 0xFFFFFFFF
                    value = address, ".".join([str(mask >> n & 255) for n in (24, 16, 8, 0)])
                now[:2] = value
            elif name == "gw4":
                now[2] = value
            elif name != "dhcp4":
                raise ValueError("unknown: " + name)
        call("dhcp" if values.get("dhcp4") else "configure %s %s %s %s" % tuple(now[:4]))

    def config(self, name):
        if name == "mac":
            return bytes([int(byte, 16) for byte in words("interface")[4].split(":")])
        if name == "ifname":
            return "e0"
        raise ValueError("unknown: " + name)


def ipconfig(name=None, dns=None):
    lan = LAN()
    if dns is not None:
        lan.ifconfig(lan.ifconfig()[:3] + (dns,))
    elif name == "dns":
        return lan.ifconfig()[3]
    else:
        raise ValueError("unknown: %s" % name)
