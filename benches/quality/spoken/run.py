#!/usr/bin/env python3
"""Measures the detector of spoken identifiers on talk made here: `run.py path/to/efface`.

Labelled as our own corpus: the same people wrote the generator and the detector, the held-out
styles afterwards. A value is found when a finding of its kind covers nine in ten of the letters of
its words; `exact` also asks for the right canonical value. Prints a table, and with `-v` what was
missed.
"""

import collections
import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import innocent
import talk
import unheard

ARGS = [a for a in sys.argv[1:] if not a.startswith("-")]
VERBOSE = "-v" in sys.argv
EFFACE = ARGS[0] if ARGS else "target/release/efface"
COUNT = int(ARGS[1]) if len(ARGS) > 1 else 600
ONLY = ARGS[2] if len(ARGS) > 2 else ""


# Said while a value is told, and no part of it.
BETWEEN = set("number country finally hold on first next all lowercase area code and then let me see start over sorry no wait i mean uh um okay yeah hmm er".split())


class Page:
    """A text with the places of values in it."""

    def __init__(self):
        self.text = []
        self.size = 0
        self.truth = []

    def put(self, text):
        self.text.append(text)
        self.size += len(text.encode())

    def words(self, words, mark=None):
        """Adds words; `mark` collects the places of those that are words of the value."""
        first = True
        for w in words:
            if w in (",", "."):
                self.put(w)
                continue
            if not first:
                self.put(" ")
            first = False
            if mark is not None and w not in BETWEEN:
                mark.append((self.size, self.size + len(w.encode())))
            self.put(w)


def canonical(entity, value):
    return "+1" + value if entity == "phone" else value


def sentence(rng, page, entity, say, value, rate, form, talks=None):
    """One utterance with a value, as `form` splits it."""
    words = say(rng, value)
    if rate:
        words = talk.noisy(rng, words, rate)
    leads, tails = talks or (talk.BEFORE, talk.AFTER)
    before, after = rng.choice(leads[entity]), rng.choice(tails)
    mark = []
    agent, customer = ("Agent", "Customer")
    pieces = [words]
    if form != "line":
        real = [i for i in range(2, len(words) - 1) if words[i] not in ",." and words[i - 1] not in ",."]
        cuts = sorted(rng.sample(real, min(len(real), rng.choice([1, 1, 2]))))
        pieces = [words[a:b] for a, b in zip([0] + cuts, cuts + [len(words)])]
    if form in ("line", "turns"):
        page.put(f"{agent}: {rng.choice(talk.IDLE)}\n{customer}: {before} ")
        for i, piece in enumerate(pieces):
            if i:
                page.put(f"\n{agent}: {rng.choice(['mm-hm', 'okay', 'yes', 'go ahead', 'uh-huh', 'right'])}\n{customer}: ")
            page.words(piece, mark)
        page.put(f" {after}\n\n")
    else:
        def cue(who):
            cue.at += 3
            page.put(f"\n00:{cue.at // 60 % 60:02}:{cue.at % 60:02}.000 --> 00:{cue.at // 60 % 60:02}:{cue.at % 60:02}.900\n<v {who}>")
        cue.at = getattr(page, "at", 0)
        cue(agent)
        page.put(rng.choice(talk.IDLE) + "\n")
        cue(customer)
        page.put(before + " ")
        for i, piece in enumerate(pieces):
            if i:
                page.put("\n")
                if rng.random() < .3:
                    cue(agent)
                    page.put(rng.choice(["Mm-hm.", "Okay.", "Yes.", "Right."]) + "\n")
                cue(customer)
            page.words(piece, mark)
        page.put(f" {after}\n")
        page.at = cue.at
    page.truth.append((entity, mark, canonical(entity, value), say.__name__))


def further(name, styles, talks, rate=0.0, form="line", suffix=".txt"):
    """The styles of `unheard`, which have values and talk of their own."""
    if ONLY and ONLY not in name:
        return
    rng = random.Random(name)
    for entity, ways in styles.items():
        page = Page()
        if suffix == ".vtt":
            page.put("WEBVTT\n")
        for _ in range(COUNT):
            say = rng.choice(ways)
            value, written = unheard.value(rng, entity, say)
            sentence(rng, page, entity, say, value, rate, form, talks)
            page.truth[-1] = (*page.truth[-1][:2], written, say.__name__)
        score(name, page, suffix)


def scan(page, suffix):
    with tempfile.NamedTemporaryFile("w", suffix=suffix, delete=False) as f:
        f.write("".join(page.text))
    out = subprocess.run([EFFACE, "scan", "--format", "jsonl", "--show-values", f.name],
                         capture_output=True, text=True).stdout
    found = []
    for line in out.splitlines():
        d = json.loads(line)
        if d["type"] == "finding" and not d["entity"].startswith("special"):
            found.append((d["entity"], d["parts"], d.get("canonical"), d["confidence"]))
    Path(f.name).unlink()
    return found


def score(name, page, suffix):
    found = scan(page, suffix)
    text = "".join(page.text).encode()
    covered = collections.defaultdict(bytearray)
    values = collections.defaultdict(list)
    for entity, parts, value, _ in found:
        cover = covered.setdefault(entity, bytearray(len(text)))
        for a, b in parts:
            cover[a:b] = b"\1" * (b - a)
            values[entity].append((a, value))
    result = {}
    for kind in sorted({t[0] for t in page.truth}):
        cover = covered.get(kind, bytearray(len(text)))
        hit = exact = total = leak = letters = 0
        by_style = collections.Counter()
        missed = collections.Counter()
        own = bytearray(len(text))
        for entity, mark, value, style in page.truth:
            if entity != kind:
                continue
            total += 1
            size = sum(b - a for a, b in mark)
            got = sum(sum(cover[a:b]) for a, b in mark)
            letters += size
            leak += size - got
            ok = size and got >= .9 * size
            hit += ok
            by_style[style] += 1
            start, end = mark[0][0], mark[-1][1]
            own[start:end] = b"\1" * (end - start)
            right = any(start <= a < end and v == value for a, v in values[kind])
            exact += right
            if not ok:
                missed[style] += 1
                if VERBOSE:
                    print("  MISS", style, got, size, text[max(0, start - 60):end + 30])
            elif VERBOSE and not right and name.startswith("clean"):
                print("  VALUE", style, value, [v for a, v in values[kind] if start <= a < end], text[start - 20:end + 20])
        mine = [(e, p, v, c) for e, p, v, c in found if e == kind]
        good = sum(any(any(own[a:b]) for a, b in p) for _, p, _, _ in mine)
        if VERBOSE:
            for e, p, v, c in mine:
                if not any(any(own[a:b]) for a, b in p):
                    print("  EXTRA", c, text[max(0, p[0][0] - 60):p[-1][1] + 30])
        print(f"{name:22} {kind:13} n={total:5} recall={hit / total:.4f} exact={exact / total:.4f} "
              f"leak={leak / max(1, letters):.4f} precision={good / max(1, len(mine)):.4f}  "
              + " ".join(f"{s}:{n}/{by_style[s]}" for s, n in missed.most_common(4)))
        result[kind] = hit / total
    return result


def run(name, styles, rate=0.0, form="line", suffix=".txt", seed=1):
    if ONLY and ONLY not in name:
        return
    rng = random.Random(f"{name}{seed}")
    for entity, ways in styles.items():
        page = Page()
        if suffix == ".vtt":
            page.put("WEBVTT\n")
        for _ in range(COUNT):
            sentence(rng, page, entity, rng.choice(ways), talk.VALUES[entity](rng), rate, form)
        score(name, page, suffix)


def innocents(name, lines):
    if ONLY and ONLY not in name:
        return
    rng = random.Random(name)
    page = Page()
    words = 0
    for i in range(COUNT * 40):
        line = rng.choice(lines)(rng)
        if rng.random() < .5:
            line += " " + rng.choice(["and", "so", "but"]) + " " + rng.choice(talk.IDLE)
        words += len(line.split())
        page.put(f"{rng.choice(['Agent', 'Customer'])}: {line}\n")
    found = scan(page, ".txt")
    text = "".join(page.text).encode()
    kinds = collections.Counter(e for e, *_ in found)
    print(f"{name}: {len(found)} findings in {words} words, {len(found) / words * 10000:.3f} per 10,000  {dict(kinds)}")
    if VERBOSE:
        for e, p, v, c in found[:40]:
            print("  FALSE", e, c, text[max(0, p[0][0] - 60):p[-1][1] + 30])


def read_back():
    """The agent repeats a part of what was told."""
    if ONLY and ONLY not in "read-back":
        return
    rng = random.Random("read-back")
    page = Page()
    for _ in range(COUNT):
        value = talk.phone(rng)
        page.put(f"Customer: {rng.choice(talk.BEFORE['phone'])} ")
        whole = []
        page.words(talk.phone_digits(rng, value), whole)
        page.truth.append(("phone", whole, canonical("phone", value), "whole"))
        page.put(f" {rng.choice(talk.AFTER)}\nAgent: {rng.choice(talk.IDLE)}\nAgent: ")
        if rng.random() < .5:
            part = value[-4:]
            page.put(rng.choice(["that's the one ending in ", "and the last four are ", "so ending "]))
        else:
            part = value[:6] if rng.random() < .5 else value[3:]
            page.put(rng.choice(["let me read that back ", "so that was ", "okay i have "]))
        mark = []
        page.words(talk.digits(rng, part), mark)
        page.put(f" {rng.choice(talk.AFTER)}\n\n")
        page.truth.append(("phone", mark, canonical("phone", value), "fragment"))
    score("read-back", page, ".txt")


run("clean seen", talk.SEEN)
run("clean held-out", talk.HELD_OUT)
run("noise seen", talk.SEEN, rate=.03)
run("noise held-out", talk.HELD_OUT, rate=.03)
run("turns seen", talk.SEEN, form="turns")
run("turns held-out", talk.HELD_OUT, form="turns")
run("cues seen", talk.SEEN, form="cues", suffix=".vtt")
run("cues held-out", talk.HELD_OUT, form="cues", suffix=".vtt")
run("clean fresh", talk.FRESH)
run("noise fresh", talk.FRESH, rate=.03)
run("turns fresh", talk.FRESH, form="turns")
run("cues fresh", talk.FRESH, form="cues", suffix=".vtt")
for half, ways, talks in (
        ("looked", unheard.LOOKED, (unheard.LOOKED_TALK, unheard.LOOKED_AFTER)),
        ("unheard", unheard.UNHEARD, (unheard.UNHEARD_TALK, unheard.UNHEARD_AFTER))):
    further(f"clean {half}", ways, talks)
    further(f"noise {half}", ways, talks, rate=.03)
    further(f"turns {half}", ways, talks, form="turns")
    further(f"cues {half}", ways, talks, form="cues", suffix=".vtt")
read_back()
innocents("innocent", innocent.ALL)
innocents("innocent looked", [unheard.looked_innocent])
innocents("innocent unheard", [unheard.unheard_innocent])
