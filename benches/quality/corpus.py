"""Labelled lines of our own: written values in records, messages and logs, and innocent lines.

`written(rng, n)` gives lines with their values, `innocent(rng, n)` lines of logs and exports without
any personal data. A line is its text and a list of (start, end, entity), in characters. Every value is
synthetic: fiction ranges of phones, test numbers of cards with a computed check digit, example domains,
documentation networks beside random public ones.
"""
import random
import string
import uuid

FIRST = "anna ben chloe dmitri elif farah george hana ivan jo kemal lena marco nadia omar priya".split()
LAST = "abbott brandt castillo dupont eriksen fischer garcia haddad ito jensen kowalski lopez".split()
DOMAINS = ["example.com", "mail.example.org", "example.net", "shop.example.co.uk", "example.io"]
AREAS = "212 415 416 604 613 647 702 718 808 905".split()
CARDS = {"4": 16, "51": 16, "55": 16, "2221": 16, "34": 15, "37": 15, "6011": 16, "36": 14, "3530": 16}
WORDS = "cache shard lease quorum index worker bucket replica tenant queue pool codec mixer bridge".split()


def digits(rng, n):
    return "".join(rng.choices(string.digits, k=n))


def luhn(head):
    total = 0
    for i, d in enumerate(reversed(head)):
        d = int(d) * (2 if i % 2 == 0 else 1)
        total += d - 9 if d > 9 else d
    return head + str(-total % 10)


def phone(rng):
    area, line = rng.choice(AREAS), f"01{digits(rng, 2)}"
    return rng.choice([
        f"+1{area}555{line}", f"({area}) 555-{line}", f"{area}-555-{line}", f"{area}.555.{line}",
        f"1-{area}-555-{line}", f"+1 {area} 555 {line}", f"{area} 555 {line}", f"+1-{area}-555-{line}",
        f"+44 20 7946 0{digits(rng, 3)}", f"+44 7700 900{digits(rng, 3)}", f"0044207946 0{digits(rng, 3)}"
        .replace(" ", ""), f"+33 6 39 98 {digits(rng, 2)} {digits(rng, 2)}", f"+61 491 570 {digits(rng, 3)}",
        f"+1 ({area}) 555-{line}", f"001{area}555{line}",
    ])


def card(rng):
    head = rng.choice(sorted(CARDS))
    size = CARDS[head]
    number = luhn(head + digits(rng, size - len(head) - 1))
    if rng.random() < .5:
        return number
    cuts = [4, 10] if size in (14, 15) else [4, 8, 12]
    sign = rng.choice(" -")
    return sign.join(number[a:b] for a, b in zip([0] + cuts, cuts + [size]))


def email(rng):
    first, last = rng.choice(FIRST), rng.choice(LAST)
    local = rng.choice([f"{first}.{last}", f"{first[0]}{last}", f"{first}_{last}{digits(rng, 2)}",
                        f"{last}+{rng.choice(WORDS)}", f"{first}{digits(rng, 3)}", f"{first}-{last}"])
    return f"{local}@{rng.choice(DOMAINS)}"


def address(rng):
    if rng.random() < .3:
        return f"2001:db8:{digits(rng, 2)}::{rng.randrange(1, 0xffff):x}"
    a, b, c = rng.randrange(41, 223), rng.randrange(256), rng.randrange(256)
    return rng.choice([f"203.0.113.{b}", f"198.51.100.{c}", f"{a}.{b}.{c}.{rng.randrange(256)}",
                       f"192.168.{b}.{c}", f"10.{a}.{b}.{c}"])


def ssn(rng):
    return f"{rng.randrange(100, 666)}-{rng.randrange(1, 100):02}-{rng.randrange(1, 10000):04}"


def mac(rng):
    return ":".join(f"{rng.randrange(256):02x}" for _ in range(6))


VALUES = {"phone": phone, "payment_card": card, "email": email, "ip_address": address, "us_ssn": ssn,
          "mac_address": mac}

FRAMES = [
    "yo its {phone} hit me up after six",
    "CALLBACK REQ {phone} RE: billing",
    "pls update contact -> {phone} / {email}",
    "[{n}] INBOUND {phone} >> queue sales",
    "Kunde {phone}, bitte Rückruf",
    "rappeler au {phone} svp",
    "new lead: {email} ({phone})",
    "{email};{phone};{n};open",
    "card on file {payment_card} exp 04/29",
    "she read out {payment_card} and hung up",
    "refund to {payment_card} pls",
    "PAN={payment_card} auth ok",
    "mail bounced for {email}: mailbox full",
    "cc {email}, {email} on this",
    "<{email}> unsubscribed",
    "sshd: Failed password for admin from {ip_address} port {n} ssh2",
    "{ip_address} - - [12/Mar/2025:10:11:12 +0100] \"POST /hook HTTP/2\" 201 {n}",
    "peer={ip_address} rtt=12ms ok",
    "client {ip_address} banned for 3600s",
    "ssn {us_ssn} verified over phone",
    "SSN: {us_ssn}",
    "dhcp lease {mac_address} -> {ip_address}",
    "sip:{phone}@pbx.example.net;user=phone",
    "WhatsApp {phone}: ok see you",
    "Tel.: {phone} · Mobil: {phone}",
    "ring {phone} or text {phone}",
    "{{\"contact\":\"{phone}\",\"mail\":\"{email}\",\"seq\":{n} }}",
    "fax {phone} attn accounts",
    "\"{phone}\",\"{n}\",\"completed\"",
    "my no. {phone} ta",
]


def filled(rng, frame):
    """A frame with values in place of their names."""
    text, found, rest = "", [], frame.replace("{{", "\1").replace("}}", "\2")
    while "{" in rest:
        head, _, tail = rest.partition("{")
        name, _, rest = tail.partition("}")
        text += head
        if name == "n":
            text += str(rng.randrange(10, 99999))
            continue
        value = VALUES[name](rng)
        found.append((len(text), len(text) + len(value), name))
        text += value
    text += rest
    return text.replace("\1", "{").replace("\2", "}"), found


def written(rng, count):
    return [filled(rng, rng.choice(FRAMES)) for _ in range(count)]


def hexes(rng, n):
    return "".join(rng.choices("0123456789abcdef", k=n))


def innocent_line(rng):
    epoch = rng.randrange(1_262_304_000, 1_893_456_000)
    ident = str(uuid.UUID(int=rng.getrandbits(128)))
    version = ".".join(str(rng.randrange(0, top)) for top in (9, 30, 20, 15))
    release = f"{rng.randrange(0, 20)}.{rng.randrange(0, 60)}.{rng.randrange(0, 30)}"
    word, other = rng.choice(WORDS), rng.choice(WORDS)
    big, n = digits(rng, rng.randrange(12, 20)), rng.randrange(1, 99999)
    stamp = (f"20{rng.randrange(10, 30)}-{rng.randrange(1, 13):02}-{rng.randrange(1, 29):02}T"
             f"{rng.randrange(24):02}:{rng.randrange(60):02}:{rng.randrange(60):02}.{digits(rng, 3)}Z")
    return rng.choice([
        f"{epoch} {word}[{n}]: flushed {other} in {n}us",
        f"{epoch}{digits(rng, 3)} level=info {word}_id={ident}",
        f"{stamp} {word} {ident} moved to {other}-{n}",
        f"Call-ID: {hexes(rng, 16)}@{hexes(rng, 8)}",
        f"Call-ID: {digits(rng, 10)}-{digits(rng, 5)}-{digits(rng, 4)}",
        f"Via: SIP/2.0/TLS {word};branch=z9hG4bK{digits(rng, 14)};rport",
        f"CSeq: {n} INVITE",
        f"blk_{digits(rng, 19)} replicated to {rng.randrange(3)} nodes",
        f"blk_-{digits(rng, 18)} size {digits(rng, 8)}",
        f"upgraded {word} {version}-{rng.randrange(1, 9)} -> {version}",
        f"Setting up lib{word}{rng.randrange(1, 9)}:amd64 ({version}-{rng.randrange(1, 5)}) ...",
        f"{word}/{version} ({other}; build {n})",
        f"requires {word} >= {version}, < {release}",
        f"{word}-{release}-py3-none-any.whl sha256:{hexes(rng, 64)}",
        f"commit {hexes(rng, 40)}",
        f"Date:   Mon Mar {rng.randrange(1, 29)} {rng.randrange(24):02}:{rng.randrange(60):02}:"
        f"{rng.randrange(60):02} 20{rng.randrange(10, 30)} +0{rng.randrange(10)}00",
        f"0x{hexes(rng, 16)} in {word}::run at {other}.cc:{n}",
        f"trace={hexes(rng, 32)} span={hexes(rng, 16)} dur_ns={digits(rng, 10)}",
        f"offset {digits(rng, 11)} of partition {n} committed",
        f"order {digits(rng, 10)} shipped, invoice INV-20{rng.randrange(10, 30)}-{digits(rng, 6)}",
        f"session {digits(rng, 12)} expired after {n} s",
        f"txn_id={big} status=OK amount={n}.{digits(rng, 2)}",
        f"uniqueid={epoch}.{n} linkedid={epoch}.{n + 1}",
        f"rtp stats: ssrc={rng.getrandbits(32)} lost=0 jitter={digits(rng, 5)} packets={n}",
        f"pid {n} rss {digits(rng, 9)} vsz {digits(rng, 10)}",
        f"{release} {release} {release} {n}% of {digits(rng, 10)} bytes",
        f"request_id: {digits(rng, 16)} took {n}ms",
        f"ticket #{digits(rng, 7)} closed, see RFC {rng.randrange(1000, 9999)} section {version}",
        f"[{digits(rng, 6)}.{digits(rng, 6)}] usb 1-1: new device, bcdDevice= {rng.randrange(9)}.{digits(rng, 2)}",
        f"inode {digits(rng, 8)} blocks {digits(rng, 6)} gen {digits(rng, 10)}",
        f"firmware {version} ok, bootloader {release}",
        f"checksum {digits(rng, 10)} len {n} crc32={hexes(rng, 8)}",
        f"isbn 978-{rng.randrange(10)}-{digits(rng, 4)}-{digits(rng, 4)}-{rng.randrange(10)} reprinted",
        f"sku {digits(rng, 4)}-{digits(rng, 4)}-{digits(rng, 3)} restocked {n}",
        f"lat_p99={n}.{digits(rng, 3)}ms qps={digits(rng, 6)} gc={rng.randrange(99)}ms",
        f"{stamp[:10].replace('-', '')}{stamp[11:19].replace(':', '')} {word} rotated log.{n}",
        f"etag \"{hexes(rng, 8)}-{hexes(rng, 6)}\" len={digits(rng, 7)}",
        f"job {n}-{digits(rng, 4)}-{digits(rng, 4)} done",
        f"oid 1.3.6.1.4.1.{n}.{rng.randrange(9)} = INTEGER: {digits(rng, 9)}",
        f"{word}: allocated {digits(rng, 12)} bytes, {digits(rng, 14)} cycles",
    ])


def innocent(rng, count):
    return [(innocent_line(rng), []) for _ in range(count)]


def rng(seed):
    return random.Random(seed)
