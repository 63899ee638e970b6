#!/usr/bin/env python3
"""A tree of files of every format with an answer key: exactly what is due goes.

    tests/sweep_tree.py EFFACE FOLDER [--files 20000] [--kills 500]

Makes FOLDER/tree, sweeps it, compares every file with the answer key, sweeps again (nothing may
change), then sweeps copies that are killed at random moments and swept again: the end is the same.
"""

import argparse, email.utils, gzip, json, os, random, shutil, signal, sqlite3, subprocess, sys, time
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


def tree_digest(root):
    out = {}
    for folder, _, files in os.walk(root):
        for name in files:
            path = os.path.join(folder, name)
            at = os.stat(path)
            out[path] = (at.st_ino, at.st_mtime_ns, at.st_size)
    return out


def sweep(efface, folder, wait=True):
    command = [efface, "sweep", "--policy", f"{folder}/policy.toml", "--now", "2024-06-01T00:00:00Z", "--apply",
               "--json", "--state", f"{folder}/state", f"{folder}/tree"]
    if not wait:
        return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    done = subprocess.run(command, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("efface")
    parser.add_argument("folder")
    parser.add_argument("--files", type=int, default=20000)
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--kill-files", type=int, default=400)
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    folder = args.folder
    os.makedirs(folder, exist_ok=True)
    open(f"{folder}/policy.toml", "w").write(POLICY)

    def fresh(files, seed):
        shutil.rmtree(f"{folder}/tree", ignore_errors=True)
        shutil.rmtree(f"{folder}/state", ignore_errors=True)
        return make(f"{folder}/tree", files, seed)

    key = fresh(args.files, args.seed)
    began = time.time()
    code, said = sweep(args.efface, folder)
    bad = wrong(f"{folder}/tree", key)
    print(f"{len(key)} files, exit {code}, {len(bad)} wrong, {time.time() - began:.1f} s")
    print(said.strip()[:600])
    before = tree_digest(f"{folder}/tree")
    began = time.time()
    again, said = sweep(args.efface, folder)
    changed = tree_digest(f"{folder}/tree") != before
    print(f"second run: exit {again}, {'changed' if changed else 'unchanged'}, {time.time() - began:.1f} s")
    failed = bool(bad) or changed or code != 0 or again != 0
    for name in bad[:10]:
        print("wrong:", name)

    chance = random.Random(args.seed)
    kills = landed = 0
    ends_wrong = 0
    while kills < args.kills:
        key = fresh(args.kill_files, chance.randrange(1 << 30))
        # Until a run ends by itself.
        limit = 1.5
        while kills < args.kills:
            run = sweep(args.efface, folder, wait=False)
            try:
                run.wait(chance.random() * limit)
                break
            except subprocess.TimeoutExpired:
                run.send_signal(signal.SIGKILL)
                run.wait()
                kills += 1
                landed += 1
        code, said = sweep(args.efface, folder)
        bad = wrong(f"{folder}/tree", key)
        if bad or code != 0:
            ends_wrong += 1
            print(f"after kills: exit {code}, wrong: {bad[:5]} {said[:300]}")
    if args.kills:
        print(f"{landed} kills at random moments, {ends_wrong} ends that differ")
    return 1 if failed or ends_wrong else 0


if __name__ == "__main__":
    sys.exit(main())
