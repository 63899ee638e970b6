#!/usr/bin/env python3
"""A tree of files of every format with an answer key: exactly what is due goes.

    tests/sweep_tree.py EFFACE FOLDER [--files 20000] [--kills 500]

Makes FOLDER/made, sweeps a copy, compares every file with the answer key, sweeps again (nothing may
change). Then copies are swept and killed at random moments, again and again, until a run comes to its
end: every file is as the sweep that nobody killed left it. A folder in memory (/dev/shm) makes it quick.
"""

import argparse, email.utils, gzip, hashlib, json, os, random, shutil, signal, sqlite3, subprocess, sys, time
from datetime import datetime, timezone

NOW = 1717200000  # 2024-06-01 00:00:00 UTC
OLD = 1669852800  # 2022-12-01 00:00:00 UTC: eighteen months before
POLICY = """version = 1
[[rule]]
id = "old"
match = { paths = ["data/**"] }
max_age = "18 months"
action = "erase"
undated = "keep"
[[rule]]
id = "whole"
match = { paths = ["whole/**"] }
max_age = "18 months"
action = "delete-file"
[[rule]]
id = "logs"
match = { paths = ["short/**"] }
max_age = "30 days"
action = "erase"
[[rule]]
id = "calls"
match = { paths = ["calls/cdr/**"] }
max_age = "18 months"
action = "erase"
cascade = ["calls/rec/**", "calls/held/**"]
[[duty]]
id = "toll"
match = { paths = ["short/toll/**"] }
min_age = "18 months"
citation = "47 CFR 42.6"
"""


def moment(chance, due):
    """A time that is due, or is not; one in eight within two seconds of the limit."""
    if chance.random() < 0.125:
        return OLD - chance.randrange(0, 3) if due else OLD + chance.randrange(1, 3)
    return chance.randrange(1500000000, OLD) if due else chance.randrange(OLD + 1, NOW)


def iso(at):
    return datetime.fromtimestamp(at, timezone.utc).strftime("%Y-%m-%d %H:%M:%S")


def phone(chance):
    return "416555%04d" % chance.randrange(100, 200)


def mixed(chance, rows):
    return [moment(chance, chance.random() < 0.4) for _ in range(rows)]


def table(chance, times):
    head = "caller,callee,start_time,note\n"
    rows = [f'{phone(chance)},{phone(chance)},{iso(at)},"call ""{i}"""\n' for i, at in enumerate(times)]
    return head, rows, ""


def asterisk(chance, times):
    rows = [
        f'"","{phone(chance)}","15075550144","from-trunk","""DOE"" <2025550123>","SIP/t-{i}","SIP/108-{i}","Dial",'
        f'"SIP/108,30,tr","{iso(at)}","{iso(at + 5)}","{iso(at + 60)}",60,55,"ANSWERED","DOCUMENTATION","{at}.{i}",""\n'
        for i, at in enumerate(times)
    ]
    return "", rows, ""


def cucm(chance, times):
    head = '"cdrRecordType","globalCallID_callManagerId","globalCallID_callId","dateTimeOrigination","callingPartyNumber","dateTimeConnect"\n'
    head += "INTEGER,INTEGER,INTEGER,INTEGER,VARCHAR(50),INTEGER\n"
    return head, [f'1,2,{25447 + i},{at},"{phone(chance)}",0\n' for i, at in enumerate(times)], ""


def jsonl(chance, times):
    return "", [json.dumps({"n": i, "ts": at * 1000, "from": phone(chance)}) + "\n" for i, at in enumerate(times)], ""


def xml(chance, times):
    rows = [f'  <sms address="+1{phone(chance)}" date="{at}000" type="1" body="m {i}" />\n' for i, at in enumerate(times)]
    return "<?xml version='1.0' encoding='UTF-8'?>\n<smses count=\"{count}\">\n", rows, "</smses>\n"


def log(chance, times):
    return "", [f"{iso(at)} app[{i}]: call from {phone(chance)}\n\tgoes on {i}\n" for i, at in enumerate(times)], ""


def access(chance, times):
    def line(i, at):
        when = datetime.fromtimestamp(at, timezone.utc).strftime("%d/%b/%Y:%H:%M:%S +0000")
        return f'192.0.2.{i % 200} - - [{when}] "GET /?phone={phone(chance)} HTTP/1.1" 200 {i}\n'
    return "", [line(i, at) for i, at in enumerate(times)], ""


def mbox(chance, times):
    def message(i, at):
        return (f"From a@example.com {time.asctime(time.gmtime(at))}\nFrom: a@example.com\nTo: b@example.com\n"
                f"Date: {email.utils.formatdate(at)}\nSubject: {i}\n\ncall {phone(chance)}\n\n")
    return "", [message(i, at) for i, at in enumerate(times)], ""


KINDS = [("csv", table), ("cdr", asterisk), ("cucm", cucm), ("jsonl", jsonl), ("xml", xml), ("log", log),
         ("access.log", access), ("mbox", mbox)]


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as out:
        out.write(text)


def whole(parts, keep):
    head, rows, tail = parts
    kept = [row for row, stays in zip(rows, keep) if stays]
    return (head.replace("{count}", str(len(kept))) + "".join(kept) + tail).encode()


def calls(root, key, number, chance):
    """Rows with recordings, transcripts and sidecars: a call goes whole or stays whole."""
    times = mixed(chance, chance.randrange(2, 7))
    held = [chance.random() < 0.2 for _ in times]
    ids = [f"{at}.{number * 10 + i}" for i, at in enumerate(times)]
    rows = list(zip(times, ids))
    # A second leg of some calls, which is not due, keeps both.
    rows += [(NOW - 86400, one) for one in ids if chance.random() < 0.15]
    legs = {one: max(at for at, of in rows if of == one) for one in ids}
    keep = []
    lines = []
    for i, (at, one) in enumerate(rows):
        lines.append(
            f'"","{phone(chance)}","15075550144","from-trunk","x","SIP/t-{i}","SIP/108-{i}","Dial","SIP/108,30,tr",'
            f'"{iso(at)}","{iso(at + 5)}","{iso(at + 60)}",60,55,"ANSWERED","DOCUMENTATION","{one}",""\n')
        keep.append(legs[one] > OLD or held[ids.index(one)])
    name = f"calls/cdr/{number % 40:02}/f{number}.csv"
    write(f"{root}/{name}", "".join(lines).encode())
    key[name] = ("bytes", "".join(line for line, stays in zip(lines, keep) if stays).encode())
    for one, is_held in zip(ids, held):
        stays = legs[one] > OLD or is_held
        for suffix in chance.sample([".wav", ".json", ".peaks"], chance.randrange(1, 4)):
            folder = "held" if is_held and suffix == ".wav" else "rec"
            name = f"calls/{folder}/{number % 40:02}/out-{one}{suffix}"
            text = b'{"text": "hello"}' if suffix == ".json" else b"sound"
            write(f"{root}/{name}", text)
            key[name] = ("bytes", text) if stays else None
        if is_held and not os.path.exists(f"{root}/calls/held/{number % 40:02}/out-{one}.wav"):
            name = f"calls/held/{number % 40:02}/out-{one}.mp3"
            write(f"{root}/{name}", b"sound")
            key[name] = ("bytes", b"sound")


def json_document(chance, times, keep):
    """Compared as data: how blanks around a record go is not told."""
    records = [{"id": i, "date": iso(at), "text": phone(chance)} for i, at in enumerate(times)]
    text = json.dumps({"name": "x", "messages": records}, indent=1)
    left = {"name": "x", "messages": [one for one, stays in zip(records, keep) if stays]}
    return text.encode(), left


def database(path, chance, times):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE sms(_id INTEGER PRIMARY KEY, address TEXT, date INTEGER, body TEXT)")
    db.execute("CREATE TABLE other(_id INTEGER PRIMARY KEY, name TEXT)")
    db.executemany("INSERT INTO sms(address, date, body) VALUES (?, ?, ?)",
                   [("+1" + phone(chance), at * 1000 + 500, f"m {i}") for i, at in enumerate(times)])
    db.execute("INSERT INTO other(name) VALUES ('stays')")
    db.commit()
    db.close()


def make(root, files, seed):
    """The tree, and of each file what has to be left: bytes, data, rows, or nothing."""
    chance = random.Random(seed)
    key = {}
    for number in range(files):
        folder = "data/%02d/%02d" % (number % 40, number // 40 % 40)
        choice = number % 16
        if choice < 10:
            suffix, kind = KINDS[choice % len(KINDS)]
            times = mixed(chance, chance.randrange(1, 9))
            if choice == 8:
                times = [max(at, OLD + 1) for at in times]
            parts = kind(chance, times)
            keep = [at > OLD for at in times]
            name = f"{folder}/f{number}.{suffix}"
            before, after = whole(parts, [True] * len(times)), whole(parts, keep)
            if choice == 9:
                name += ".gz"
                write(f"{root}/{name}", gzip.compress(before))
                key[name] = ("gzip", after)
            else:
                write(f"{root}/{name}", before)
                key[name] = ("bytes", after)
        elif choice == 10:
            times = mixed(chance, chance.randrange(2, 7))
            keep = [at > OLD for at in times]
            text, left = json_document(chance, times, keep)
            name = f"{folder}/f{number}.json"
            write(f"{root}/{name}", text)
            key[name] = ("json", left)
        elif choice == 11 and number % 64 == 11:
            times = mixed(chance, 5)
            name = f"{folder}/f{number}.db"
            database(f"{root}/{name}", chance, times)
            key[name] = ("rows", [i + 1 for i, at in enumerate(times) if at > OLD])
        elif number % 32 == 12:
            calls(root, key, number, chance)
        elif choice in (11, 12):
            due = chance.random() < 0.5
            day = time.strftime("%Y%m%d-%H%M%S", time.gmtime(moment(chance, due)))
            name = f"{folder}/in-{phone(chance)}-{day}-{number}.vtt"
            text = f"WEBVTT\n\n00:00.000 --> 00:02.000\ncall {phone(chance)}\n".encode()
            write(f"{root}/{name}", text)
            key[name] = None if due else ("bytes", text)
        elif choice == 13:
            due = chance.random() < 0.5
            times = [moment(chance, True) for _ in range(3)] + [moment(chance, due)]
            text = whole(table(chance, times), [True] * 4)
            name = f"whole/{number % 40:02}/f{number}.csv"
            write(f"{root}/{name}", text)
            key[name] = None if due else ("bytes", text)
        elif choice == 14:
            day = time.strftime("%Y%m%d-%H%M%S", time.gmtime(moment(chance, due := chance.random() < 0.5)))
            text = b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\1\0\1\0\x40\x1f\0\0\x40\x1f\0\0\1\0\x08\0data\0\0\0\0"
            name = f"whole/{number % 40:02}/out-{phone(chance)}-{day}.{number}.wav"
            write(f"{root}/{name}", text)
            key[name] = None if due else ("bytes", text)
        else:
            times = mixed(chance, 6)
            parts = table(chance, times)
            toll = chance.random() < 0.5
            limit = OLD if toll else NOW - 30 * 86400
            name = f"short/{'toll' if toll else 'plain'}/f{number}.csv"
            write(f"{root}/{name}", whole(parts, [True] * 6))
            key[name] = ("bytes", whole(parts, [at > limit for at in times]))
    return key


def wrong(root, key):
    bad = []
    for name, want in key.items():
        path = f"{root}/{name}"
        if want is None or not os.path.exists(path):
            if (want is None) == os.path.exists(path):
                bad.append(name)
            continue
        how, left = want
        if how == "bytes":
            fits = open(path, "rb").read() == left
        elif how == "gzip":
            fits = gzip.open(path).read() == left
        elif how == "json":
            fits = json.load(open(path)) == left
        else:
            db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
            fits = [row[0] for row in db.execute("SELECT _id FROM sms ORDER BY _id")] == left
            fits &= db.execute("SELECT count(*) FROM other").fetchone()[0] == 1
            fits &= db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
            db.close()
        if not fits:
            bad.append(name)
    met = sum(len(files) for _, _, files in os.walk(root))
    expected = sum(1 for want in key.values() if want is not None)
    if met != expected:
        bad.append(f"{met} files, {expected} expected")
    return bad


def state_of(root):
    """Every file with the digest of what is in it."""
    out = {}
    for folder, _, files in os.walk(root):
        for name in files:
            path = os.path.join(folder, name)
            with open(path, "rb") as file:
                out[os.path.relpath(path, root)] = hashlib.blake2b(file.read(), digest_size=16).digest()
    return out


def inodes(root):
    """Every file with what a write would change of it."""
    out = {}
    for folder, _, files in os.walk(root):
        for name in files:
            at = os.stat(os.path.join(folder, name))
            out[os.path.join(folder, name)] = (at.st_ino, at.st_mtime_ns, at.st_ctime_ns, at.st_size)
    return out


class Place:
    """The tree at work, and what it was made from."""

    def __init__(self, efface, folder):
        self.efface, self.folder = efface, folder
        self.tree, self.made, self.state = f"{folder}/tree", f"{folder}/made", f"{folder}/state"
        os.makedirs(folder, exist_ok=True)
        with open(f"{folder}/policy.toml", "w") as out:
            out.write(POLICY)

    def make(self, files, seed):
        shutil.rmtree(self.made, ignore_errors=True)
        return make(self.made, files, seed)

    def restore(self):
        """The tree as it was made, and a state that knows nothing but the hold."""
        shutil.rmtree(self.tree, ignore_errors=True)
        shutil.rmtree(self.state, ignore_errors=True)
        subprocess.run(["cp", "-a", "--reflink=auto", self.made, self.tree], check=True)
        subprocess.run([self.efface, "hold", "add", "--path", f"{self.tree}/calls/held", "--reason", "audit",
                        "--state", self.state], check=True, stdout=subprocess.DEVNULL)

    def command(self):
        return [self.efface, "sweep", "--policy", f"{self.folder}/policy.toml", "--now", "2024-06-01T00:00:00Z",
                "--apply", "--json", "--state", self.state, self.tree]

    def sweep(self):
        done = subprocess.run(self.command(), capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr

    def killed_after(self, seconds):
        """Whether a run was still at work so long after its start, and was killed."""
        run = subprocess.Popen(self.command(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            run.wait(seconds)
            return False
        except subprocess.TimeoutExpired:
            run.send_signal(signal.SIGKILL)
            run.wait()
            return True


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("efface")
    parser.add_argument("folder")
    parser.add_argument("--files", type=int, default=20000)
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--pause", type=float, default=6.0, help="the longest time from start to kill, in seconds")
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    place = Place(os.path.abspath(args.efface), os.path.abspath(args.folder))
    key = place.make(args.files, args.seed)
    place.restore()
    began = time.time()
    code, said = place.sweep()
    took = time.time() - began
    bad = wrong(place.tree, key)
    print(f"{len(key)} files, exit {code}, {len(bad)} wrong, {took:.1f} s")
    print(said.strip()[:900], flush=True)
    for name in bad[:10]:
        print("wrong:", name)
    before = inodes(place.tree)
    began = time.time()
    again, said = place.sweep()
    changed = inodes(place.tree) != before
    print(f"second run: exit {again}, {'changed' if changed else 'unchanged'}, {time.time() - began:.1f} s", flush=True)
    failed = bool(bad) or changed or code != 0 or again != 0
    want = state_of(place.tree)

    chance = random.Random(args.seed)
    kills = ends = differ = 0
    while kills < args.kills:
        place.restore()
        # Until a run comes to its end before it is to be killed, or all kills are spent.
        while kills < args.kills and place.killed_after(chance.random() * args.pause):
            kills += 1
        code, said = place.sweep()
        now = state_of(place.tree)
        other = sorted(name for name in want.keys() | now.keys() if want.get(name) != now.get(name))
        ends += 1
        differ += bool(other) or code != 0
        if other or code != 0:
            print(f"after {kills} kills: exit {code}, {len(other)} files differ: {other[:5]} {said[:300]}")
        print(f"{kills} kills at random moments, {ends} ends, {differ} that differ", flush=True)
    return 1 if failed or differ else 0


if __name__ == "__main__":
    sys.exit(main())
