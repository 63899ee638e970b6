#!/usr/bin/env python3
"""A generated company with its answer key, and what efface makes of it.

It has clients with call records, messages, logs, transcripts, mail, a message store and contacts;
numbers in several spellings, shared phones, numbers that changed hands, two-party calls and numbers
of its own. Everything in it is fiction (555-01xx, example.com).

    benches/company.py make DIR [--subjects 50000] [--records 2000000] [--clients 20]
    benches/company.py find DIR [--sample 2000]        recall and precision, record by record
    benches/company.py links DIR [--sample 40]         wrong and missing links
    benches/company.py disclose DIR [--packages 2000]  values of others in packages
    benches/company.py erase DIR [--sample 200]        what is left of the erased (in a copy)

Each step prints one line and fails when it misses its bar. EFFACE names the program (default
target/release/efface). Searches here share no code with it: bytes are decoded, runs of digits and
addresses are compared with those of the key.
"""
import argparse, datetime, gzip, json, os, pickle, random, re, shutil, sqlite3, subprocess, sys, time

EFFACE = os.path.abspath(os.environ.get("EFFACE", "target/release/efface"))
AREAS = [int(a) for a in """201 202 203 205 206 207 208 209 210 212 213 214 215 216 217 218 219 224 225 228 229 231 234 239
240 248 251 252 253 254 256 260 262 267 269 270 276 281 301 302 303 304 305 307 308 309 310 312 313 314 315 316 317 318 319
320 321 323 325 330 331 334 336 337 339 347 351 352 360 361 386 401 402 404 405 406 407 408 409 410 412 413 414 415 417 419
423 424 425 430 432 434 435 440 443 469 478 479 480 484 501 502 503 504 505 507 508 509 510 512 513 515 516 517 518 520 530
540 541 551 559 561 562 563 567 570 571 573 574 580 585 586 601 602 603 605 606 607 608 609 610 612 614 615 616 617 618 619
620 623 626 630 631 636 641 646 650 651 660 661 662 678 682 701 702 703 704 706 707 708 712 713 714 715 716 717 718 719 720
724 727 731 732 734 740 754 757 760 763 765 770 772 773 774 775 781 785 786 801 802 803 804 805 806 808 810 812 813 814 815
816 817 818 828 830 831 832 843 845 847 848 850 856 857 858 859 860 862 863 864 865 870 878 901 903 904 906 907 908 909 910
912 913 914 915 916 917 918 919 920 925 928 931 936 937 940 941 947 949 951 952 954 956 970 971 972 973 978 979 980 985 989
204 226 250 289 306 403 416 418 438 450 506 514 519 581 587 604 613 647 705 709 778 780 807 819 902 905""".split()]
OWN = [f"800555{n:04d}" for n in range(100, 200)]
FIRST = "Ada Ben Cora Dan Eva Finn Gus Hope Ian Joy Kai Lea Max Nora Otto Pia Quin Rosa Sven Tess Uma Vera Walt Xena Yara Zoe".split()
ONES = "oh one two three four five six seven eight nine".split()


def name_of(i):
    letters, n = "", i
    while True:
        letters, n = chr(97 + n % 26) + letters, n // 26
        if not n:
            return f"{FIRST[i % len(FIRST)]} Zq{letters}"


def spelled(rng, ten):
    a, b, c = ten[:3], ten[3:6], ten[6:]
    return rng.choice([f"+1{ten}", ten, f"({a}) {b}-{c}", f"{a}-{b}-{c}", f"{a}.{b}.{c}", f"1-{a}-{b}-{c}", f"+1 {a} {b} {c}"])


class Company:
    def __init__(self, args):
        self.rng = rng = random.Random(7)
        pool = [f"{a}555{n:04d}" for a in AREAS for n in range(100, 200)]
        rng.shuffle(pool)
        self.subjects = []
        reused = max(1, args.subjects // 100)
        for i in range(args.subjects):
            # What the pool has not is shared: two people of a household, one phone.
            phone = pool[i % len(pool)]
            self.subjects.append({"name": name_of(i), "phone": phone, "mail": f"{name_of(i).replace(' ', '.').lower()}@example.com", "client": i % args.clients, "from": None, "to": None})
        taken = {}
        for i, one in enumerate(self.subjects):
            taken.setdefault(one["phone"], []).append(i)
        self.shared = {phone for phone, who in taken.items() if len(who) > 1}
        # Numbers that changed hands: one has it before the day, the other from it on.
        alone = [i for i, one in enumerate(self.subjects) if one["phone"] not in self.shared]
        rng.shuffle(alone)
        for a, b in zip(alone[:reused], alone[reused : 2 * reused]):
            self.subjects[b]["phone"] = self.subjects[a]["phone"]
            self.subjects[b]["client"] = self.subjects[a]["client"]
            self.subjects[a]["to"] = self.subjects[b]["from"] = "2023-07-01"
        self.by_client = [[] for _ in range(args.clients)]
        for i, one in enumerate(self.subjects):
            self.by_client[one["client"]].append(i)
        count = min(len(self.subjects), args.sample)
        self.sample = sorted(rng.sample(range(len(self.subjects)), count))
        self.truth = {i: set() for i in self.sample}

    def holder(self, i, day):
        """Whether the number of i is i's on that day."""
        one = self.subjects[i]
        return (not one["from"] or day >= one["from"]) and (not one["to"] or day < one["to"])

    def person(self, client, day):
        while True:
            i = self.rng.choice(self.by_client[client])
            if self.holder(i, day):
                return i

    def note(self, i, path, record, by="phone"):
        """That a record shows i; by a shared phone it shows the other as well."""
        if by == "phone" and self.subjects[i]["phone"] in self.shared:
            for j in self.sharing[self.subjects[i]["phone"]]:
                if j in self.truth:
                    self.truth[j].add((path, record))
        elif i in self.truth:
            self.truth[i].add((path, record))


def make(args):
    company, rng = Company(args), random.Random(11)
    company.sharing = {}
    for i, one in enumerate(company.subjects):
        company.sharing.setdefault(one["phone"], []).append(i)
    os.makedirs(args.dir)
    per = args.records // args.clients
    start = datetime.date(2023, 1, 1)
    made = 0
    for client in range(args.clients):
        home = os.path.join(args.dir, "data", f"client-{client:02d}")
        os.makedirs(home)
        rel = lambda name: f"data/client-{client:02d}/{name}"
        S = company.subjects
        two = lambda day: (company.person(client, day), company.person(client, day))
        # contacts
        with open(os.path.join(home, "contacts.csv"), "w") as out:
            out.write("id,name,phone,email\n")
            for n, i in enumerate(company.by_client[client], 1):
                out.write(f"{n},{S[i]['name']},{spelled(rng, S[i]['phone'])},{S[i]['mail']}\n")
                company.note(i, rel("contacts.csv"), n)
                company.note(i, rel("contacts.csv"), n, by="mail")
        made += len(company.by_client[client])
        days = [str(start + datetime.timedelta(days=d)) for d in range(0, 365, 37)]
        for part, day in enumerate(days):
            share = per // len(days)
            name = f"cdr-{day}.csv"
            with open(os.path.join(home, name), "w") as out:
                out.write("calldate,clid,src,dst,duration,disposition,uniqueid,account\n")
                for n in range(1, int(share * 0.6) + 1):
                    a, b = two(day)
                    src = spelled(rng, S[a]["phone"])
                    own = rng.random() < 0.4
                    dst = spelled(rng, rng.choice(OWN)) if own else spelled(rng, S[b]["phone"])
                    out.write(f'{day} 10:{n % 60:02d}:00,"""{S[a]["name"]}"" <{S[a]["phone"]}>",{src},{dst},{n % 300},ANSWERED,{1700000000 + n}.{n % 100},acc{client}\n')
                    company.note(a, rel(name), n)
                    if not own:
                        company.note(b, rel(name), n)
                    made += 1
            name = f"messages-{day}.jsonl"
            with open(os.path.join(home, name), "w") as out:
                for n in range(1, int(share * 0.15) + 1):
                    a, b = two(day)
                    body = "see you then"
                    if rng.random() < 0.1:
                        c = company.person(client, day)
                        body = f"call {spelled(rng, S[c]['phone'])} about it"
                        company.note(c, rel(name), n)
                    out.write(json.dumps({"timestamp": f"{day}T11:00:00Z", "from": spelled(rng, S[a]["phone"]), "to": spelled(rng, S[b]["phone"]), "body": body}) + "\n")
                    company.note(a, rel(name), n)
                    company.note(b, rel(name), n)
                    made += 1
            name = f"app-{day}.log" + (".gz" if part % 2 else "")
            raw = gzip.open if part % 2 else open
            with raw(os.path.join(home, name), "wt") as out:
                for n in range(1, int(share * 0.15) + 1):
                    a, b = two(day)
                    out.write(f"{day}T12:{n % 60:02d}:00Z INFO sip INVITE sip:+1{S[a]['phone']}@pbx.example.net to=%2B1{S[b]['phone']} status=200 took={n % 90}ms\n")
                    company.note(a, rel(name), n)
                    company.note(b, rel(name), n)
                    made += 1
            name = f"mail-{day}.mbox"
            with open(os.path.join(home, name), "w") as out:
                for n in range(1, int(share * 0.05) + 1):
                    a, b = two(day)
                    out.write(f"From x@example.com Mon Jan  2 10:00:00 2023\nFrom: {S[a]['name']} <{S[a]['mail']}>\nTo: {S[b]['name']} <{S[b]['mail']}>\nDate: Mon, 2 Jan 2023 10:00:00 +0000\nSubject: hello\n\nplease ring {spelled(rng, S[a]['phone'])} today\n\n")
                    company.note(a, rel(name), n, by="mail")
                    company.note(a, rel(name), n)
                    company.note(b, rel(name), n, by="mail")
                    made += 1
            for k in range(max(1, int(share * 0.002))):
                a = company.person(client, day)
                name = f"call-{day}-{k}.vtt"
                told = " ".join(ONES[int(d)] for d in S[a]["phone"])
                with open(os.path.join(home, name), "w") as out:
                    out.write(f"WEBVTT\n\nNOTE {day}\n\n00:01.000 --> 00:04.000\nhello my number is {told} thank you\n\n00:05.000 --> 00:06.000\ngood bye\n")
                company.note(a, rel(name), 1)
                made += 2
        store = sqlite3.connect(os.path.join(home, "store.db"))
        store.execute("CREATE TABLE sms(id INTEGER PRIMARY KEY, date INTEGER, address TEXT, peer TEXT, body TEXT)")
        rows = []
        for n in range(1, int(per * 0.05) + 1):
            day = rng.choice(days)
            a, b = two(day)
            when = int(datetime.datetime.fromisoformat(day + "T12:00:00+00:00").timestamp())
            rows.append((n, when, spelled(rng, S[a]["phone"]), spelled(rng, S[b]["phone"]), "hi there"))
            company.note(a, rel("store.db"), n)
            company.note(b, rel("store.db"), n)
            made += 1
        store.executemany("INSERT INTO sms VALUES(?,?,?,?,?)", rows)
        store.commit()
        store.close()
    with open(os.path.join(args.dir, "own.txt"), "w") as out:
        out.write("\n".join("+1" + own for own in OWN) + "\n")
    pickle.dump({"subjects": company.subjects, "truth": company.truth, "sharing": company.sharing, "shared": company.shared}, open(os.path.join(args.dir, "key.pickle"), "wb"))
    print(f"made: {len(company.subjects)} subjects, {made} records, {len(company.shared)} shared phones, {sum(1 for s in company.subjects if s['to'])} numbers that changed hands")


def key(args):
    return pickle.load(open(os.path.join(args.dir, "key.pickle"), "rb"))


def run(args, *words, **more):
    env = dict(os.environ, XDG_STATE_HOME=os.path.join(args.dir, "state"))
    return subprocess.run([EFFACE, *words], cwd=args.dir, env=env, capture_output=True, **more)


def line_of(i, one):
    line = {"id": str(i), "identifiers": ["+1" + one["phone"], one["mail"]]}
    return line | {k: one[k] for k in ("from", "to") if one[k]}


def find(args):
    k = key(args)
    sample = list(k["truth"])[: args.sample]
    with open(os.path.join(args.dir, "who.jsonl"), "w") as out:
        for i in sample:
            out.write(json.dumps(line_of(i, k["subjects"][i])) + "\n")
    began = time.time()
    ran = run(args, "find", "--subjects", "who.jsonl", "--own", "own.txt", "--format", "jsonl", "data")
    took = time.time() - began
    found = {i: set() for i in sample}
    for line in ran.stdout.splitlines():
        line = json.loads(line)
        if line["type"] == "finding":
            for i in line["subjects"]:
                found[int(i)].add((line["path"], line["record"]))
    right = sum(len(found[i] & k["truth"][i]) for i in sample)
    said, is_so = sum(map(len, found.values())), sum(len(k["truth"][i]) for i in sample)
    recall, precision = right / is_so, right / max(1, said)
    print(f"find: {len(sample)} subjects, {is_so} records, recall {recall:.4f}, precision {precision:.4f}, {took:.1f} s, exit {ran.returncode}")
    if recall < 0.99 or precision < 0.99:
        for i in sample:
            for what, some in (("missed", k["truth"][i] - found[i]), ("wrong", found[i] - k["truth"][i])):
                for one in list(some)[:1]:
                    print("  ", what, i, k["subjects"][i], one)
                    break
        sys.exit(1)


def links(args):
    k = key(args)
    alone = [i for i in k["truth"] if k["subjects"][i]["phone"] not in k["shared"] and not k["subjects"][i]["to"] and not k["subjects"][i]["from"]]
    shared = [i for i in k["truth"] if k["subjects"][i]["phone"] in k["shared"]]
    wrong = missing = likely = 0
    for i in alone[: args.sample] + shared[: args.sample // 4]:
        one = k["subjects"][i]
        ran = run(args, "find", "--explain", "--show-values", "--own", "own.txt", "--format", "jsonl", "--subject", "+1" + one["phone"], f"data/client-{one['client']:02d}")
        mine = {one["mail"], one["name"].lower(), "+1" + one["phone"]}
        seen = {line["value"] for line in map(json.loads, ran.stdout.splitlines()) if line["type"] == "link" and line["likely"]}
        likely += len(seen)
        wrong += len(seen - mine)
        if i not in shared:
            missing += one["mail"] not in seen
    print(f"links: {likely} likely, {wrong} wrong, {missing} addresses missing")
    sys.exit(wrong > 0)


PHONE = re.compile(r"\d(?:[\s().\-]{0,3}\d){9,}")
MAIL = re.compile(r"[a-z0-9.]+@example\.com")


def values_in(text, phones, mails, names):
    """Values of the key in a text, whatever stands between digits."""
    text = text.lower()
    for run_ in PHONE.findall(text):
        digits = re.sub(r"\D", "", run_)
        for at in range(len(digits) - 9):
            if digits[at : at + 10] in phones:
                yield digits[at : at + 10]
    for mail in MAIL.findall(text):
        if mail in mails:
            yield mail
    for name in re.findall(r"[a-z]+ zq[a-z]+", text):
        if name in names:
            yield name


def texts(path):
    raw = open(path, "rb").read()
    if raw[:2] == b"\x1f\x8b":
        raw = gzip.decompress(raw)
    yield raw.decode("utf-8", "replace").replace("%2B", "+").replace("\\u002b", "+")
    said = raw.decode("utf-8", "replace").lower()
    words = [str(ONES.index(w)) if w in ONES else w for w in re.findall(r"[a-z]+|\S", said)]
    yield re.sub(r"(?<=\d) (?=\d)", "", " ".join(words))


def disclose(args):
    k = key(args)
    S = k["subjects"]
    phones, mails, names = {s["phone"] for s in S}, {s["mail"] for s in S}, {s["name"].lower() for s in S}
    packs = os.path.join(args.dir, "packs")
    shutil.rmtree(packs, ignore_errors=True)
    os.makedirs(packs)
    leaks = failed = made = records = 0
    began = time.time()
    by_client = {}
    for i in list(k["truth"])[: args.packages]:
        by_client.setdefault(S[i]["client"], []).append(i)
    for client, some in sorted(by_client.items()):
        who = "".join(json.dumps(line_of(i, S[i])) + "\n" for i in some)
        out = os.path.join(packs, str(client))
        ran = run(args, "disclose", "--subjects", "-", "--own", "own.txt", "--out", out, f"data/client-{client:02d}", input=who.encode())
        if ran.returncode != 0:
            failed += 1
            if failed < 4:
                print("  exit", ran.returncode, ran.stdout.decode()[-300:], ran.stderr.decode()[-300:])
        for i in some:
            one = S[i]
            made += os.path.isdir(os.path.join(out, str(i)))
            mine = {one["phone"], one["mail"], one["name"].lower()} | {own for own in OWN}
            for top, _, files in os.walk(os.path.join(out, str(i))):
                for file in files:
                    if file == "records.jsonl":
                        records += sum(1 for _ in open(os.path.join(top, file)))
                    for text in texts(os.path.join(top, file)):
                        for value in values_in(text, phones, mails, names):
                            if value not in mine:
                                # Of a shared phone the record itself says whose name it is.
                                if value in names and k["sharing"].get(one["phone"], [i]) != [i]:
                                    continue
                                leaks += 1
                                if leaks < 9:
                                    print("  leak of", value, "to", one, "in", os.path.join(top, file))
        shutil.rmtree(out, ignore_errors=True)
    took = time.time() - began
    print(f"disclose: {made} packages with {records} records, {leaks} values of others, {failed} runs not complete, {took:.0f} s")
    sys.exit(leaks > 0)


def erase(args):
    k = key(args)
    S = k["subjects"]
    copy = os.path.join(args.dir, "copy")
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(os.path.join(args.dir, "data"), copy)
    gone = list(k["truth"])[: args.sample]
    who = "".join(f"+1{S[i]['phone']}\n{S[i]['mail']}\n" for i in gone)
    ran = run(args, "erase", "--subject-file", "-", "--own", "own.txt", "--min-confidence", "0.2", "--apply", "--certificate", "certificate.txt", "copy", input=who.encode())
    phones, mails = {S[i]["phone"] for i in gone}, {S[i]["mail"] for i in gone}
    left = before = 0
    for folder in ("copy", "data"):
        for top, _, files in os.walk(os.path.join(args.dir, folder)):
            for file in files:
                count = sum(1 for text in texts(os.path.join(top, file)) for _ in values_in(text, phones, mails, set()))
                if folder == "copy":
                    left += count
                    if count:
                        print("  left in", os.path.join(top, file))
                else:
                    before += count
    secrets = 0
    for top, _, files in os.walk(os.path.join(args.dir, "state")):
        for file in files:
            for text in texts(os.path.join(top, file)):
                secrets += sum(1 for _ in values_in(text, phones, mails, set()))
    print(f"erase: {len(gone)} subjects, {before} values before, {left} left, {secrets} in the state, exit {ran.returncode}")
    os.unlink(os.path.join(args.dir, "certificate.txt"))
    sys.exit(left > 0 or secrets > 0)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("step", choices=["make", "find", "links", "disclose", "erase"])
    parser.add_argument("dir")
    parser.add_argument("--subjects", type=int, default=50000)
    parser.add_argument("--records", type=int, default=2000000)
    parser.add_argument("--clients", type=int, default=20)
    parser.add_argument("--sample", type=int, default=None)
    parser.add_argument("--packages", type=int, default=2000)
    args = parser.parse_args()
    args.dir = os.path.abspath(args.dir)
    if args.sample is None:
        args.sample = {"links": 40, "erase": 200}.get(args.step, 2000)
    globals()[args.step](args)


main()
