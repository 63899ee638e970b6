#!/usr/bin/env python3
"""Logs and chats of many shapes, with an answer key: exactly the entries that are due go.

    tests/sweep_logs.py EFFACE FOLDER [--seed 1] [--entries 4000]

Entries have random times around a year before the run, go on in lines that tell of older times, and
stand in order or not. Every file is compared byte by byte with what has to be left.
"""

import argparse, datetime, os, random, subprocess, sys, uuid

NOW = datetime.datetime(2024, 6, 1)
CUT = datetime.datetime(2023, 6, 1)
POLICY = 'version = 1\n[[rule]]\nid = "old"\nmatch = { paths = ["**"] }\nmax_age = "1 year"\naction = "erase"\n'
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
WITHIN = [
    "\tat com.example.Main(Main.java:12)",
    '  row time="2019-01-01 00:00:00"',
    "Caused by: bad row",
    "    2018-05-05 10:00:00 inner",
    "java.sql.SQLException: x [2019-01-01 00:00:00]",
    "",
    "date=2019-01-01T00:00:00Z said",
    "}",
]
pick = random.Random()


def address():
    return ".".join(str(pick.randint(1, pick.choice([31, 254]))) for _ in range(4))


def clf(at):
    return f"{at.day:02}/{MONTHS[at.month - 1]}/{at.year}:{at:%H:%M:%S} +0000"


def epoch(at):
    return int(at.replace(tzinfo=datetime.timezone.utc).timestamp())


def goes_on():
    lines = pick.randint(1, 5) if pick.random() < 0.4 else 0
    return "".join(pick.choice(WITHIN) + "\n" for _ in range(lines))


def channel():
    return f"{uuid.UUID(int=pick.getrandbits(128))} " if pick.random() < 0.7 else ""


SHAPES = {
    "access": lambda at: f'{address()} - - [{clf(at)}] "GET /?n=4165550123 HTTP/1.1" 200 {pick.randint(1, 9999)}\n',
    "vhost": lambda at: f'www.example.com:443 {address()} - bob [{clf(at)}] "GET / HTTP/1.1" 200 1\n',
    "rfc5424": lambda at: f"<{pick.randint(1, 190)}>1 {at:%Y-%m-%dT%H:%M:%S}.{pick.randint(0, 999):03}Z host app 1 ID47 - call\n",
    "asterisk": lambda at: f"[{at:%Y-%m-%d %H:%M:%S}] VERBOSE[{pick.randint(1, 99999)}][C-1] pbx.c: 4165550123\n" + goes_on(),
    "freeswitch": lambda at: f"{channel()}{at:%Y-%m-%d %H:%M:%S}.{pick.randint(0, 999999):06} [DEBUG] mod.c:12 call\n" + goes_on(),
    "logfmt": lambda at: f'ts={at:%Y-%m-%dT%H:%M:%SZ} level=info msg="date=2019-01-01 seen" n=4165550123\n',
    "nginx": lambda at: f"{at:%Y/%m/%d %H:%M:%S} [error] 1#1: *1 x, client: {address()}\n",
    "python": lambda at: f"{at:%Y-%m-%d %H:%M:%S},{pick.randint(0, 999):03} INFO root: call\n" + goes_on(),
    "postgres": lambda at: f"{at:%Y-%m-%d %H:%M:%S}.{pick.randint(0, 999):03} UTC [12] LOG:  statement: x\n" + goes_on(),
    "whatsapp-de": lambda at: f"{at:%d.%m.%y}, {at:%H:%M} - Ann: hi\n" + pick.choice(["", "1.1.19 war fein\n", "goes on\n\nmore\n"]),
    "whatsapp-us": lambda at: f"{at.month}/{at.day}/{at:%y}, {at.hour % 12 or 12}:{at:%M} {at:%p} - Ann: hi\n" + pick.choice(["", "goes on\n"]),
    "whatsapp-ios": lambda at: f"\u200e[{at:%d/%m/%Y}, {at:%H:%M:%S}] Ann: hi\n",
    "spark": lambda at: f"{at:%y/%m/%d %H:%M:%S} INFO Executor: x\n",
    "squid": lambda at: f"{epoch(at)}.{pick.randint(0, 999):03}  56 {address()} TCP_MISS/200 1 GET http://example.com/\n",
    "iis": lambda at: f"{at:%Y-%m-%d %H:%M:%S} {address()} GET /x - 443 - {address()} Mozilla/5.0 200 0 0 1\n",
    "haproxy": lambda at: f"<134>{at:%Y-%m-%dT%H:%M:%S}+00:00 lb haproxy[12]: {address()}:1 [{clf(at).split()[0]}.123] fe be/s 0/0 200\n",
    "kamailio": lambda at: f"ACC: transaction answered: timestamp={epoch(at)};method=INVITE;src_user=4165550123;code=200\n",
}
MINUTES = {"whatsapp-de", "whatsapp-us"}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("efface")
    parser.add_argument("folder")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--entries", type=int, default=4000)
    args = parser.parse_args()
    pick.seed(args.seed)
    data = os.path.join(args.folder, "logs")
    os.makedirs(data)
    left = {}
    for name, shape in SHAPES.items():
        entries = []
        for _ in range(args.entries):
            at = CUT + datetime.timedelta(seconds=pick.randint(-200 * 86400, 200 * 86400))
            at = at.replace(second=0) if name in MINUTES else at
            entries.append((at, shape(at)))
        if pick.random() < 0.5:
            entries.sort(key=lambda entry: entry[0])
        with open(os.path.join(data, name + ".log"), "w", encoding="utf-8") as file:
            file.write("".join(text for _, text in entries))
        left[name] = "".join(text for at, text in entries if at > CUT)
    policy = os.path.join(args.folder, "policy.toml")
    with open(policy, "w", encoding="utf-8") as file:
        file.write(POLICY)
    command = [args.efface, "--no-config", "sweep", "--policy", policy, "--now", NOW.isoformat() + "Z", "--apply", data]
    state = dict(os.environ, XDG_STATE_HOME=os.path.join(args.folder, "state"))
    ran = subprocess.run(command, env=state, capture_output=True, text=True)
    wrong = 0
    for name in SHAPES:
        with open(os.path.join(data, name + ".log"), encoding="utf-8") as file:
            got = file.read()
        if got != left[name]:
            wrong += 1
            print(f"{name}: {len(got)} bytes are left, not {len(left[name])}")
    print(f"{len(SHAPES)} files, {wrong} wrong, exit code {ran.returncode}")
    sys.exit(1 if wrong or ran.returncode else 0)


main()
