#!/usr/bin/env python3
"""Compares efface's numbering plans with libphonenumber on generated candidates of all regions.

    cargo bench --bench phone_oracle --no-run
    python3 benches/phone_oracle/compare.py --package DIR --binary target/release/deps/phone_oracle-* \\
        [--count 1000000] [--seed 1] [--jobs 2]

DIR holds the Python package `phonenumbers` of the version named in patterns/phone/plan.toml.
Candidates are drawn from the plans themselves (numbers sampled from their patterns and examples,
then damaged), from random digits, and written as E.164, nationally with and without prefixes and
carrier codes, with the calling code but no plus, and behind international prefixes.
Compared are validity, possibility, E.164 form and, for valid numbers, region and kind.

With `--export N` the candidates and the package's answers are printed instead (the fixture
fixtures/phone/answers.txt is made so), and with `--examples` every example number of the package.
"""
import argparse
import multiprocessing
import random
import subprocess
import sys

KINDS = {}
BATCH = 20_000


def load(package):
    """Imports the package and collects what candidates are drawn from, per region."""
    global phonenumbers, REGIONS, CODES
    sys.path.insert(0, package)
    import phonenumbers
    from phonenumbers import PhoneMetadata, PhoneNumberType as T
    from phonenumbers.data import _COUNTRY_CODE_TO_REGION_CODE as table

    KINDS.update({
        T.FIXED_LINE: "Fixed", T.MOBILE: "Mobile", T.FIXED_LINE_OR_MOBILE: "FixedOrMobile",
        T.TOLL_FREE: "TollFree", T.PREMIUM_RATE: "Premium", T.SHARED_COST: "SharedCost",
        T.VOIP: "Voip", T.PERSONAL_NUMBER: "Personal", T.PAGER: "Pager", T.UAN: "Uan",
        T.VOICEMAIL: "Voicemail",
    })
    phonenumbers.re_util.enable_pattern_cache()
    REGIONS = []
    for code in sorted(table):
        for region in table[code]:
            meta = PhoneMetadata.metadata_for_region_or_calling_code(code, region)
            REGIONS.append((code, region, meta, *descriptions(meta)))
    CODES = sorted(table)


def descriptions(meta):
    names = ["general_desc", "fixed_line", "mobile", "toll_free", "premium_rate", "shared_cost",
             "personal_number", "voip", "pager", "uan", "voicemail", "no_international_dialling"]
    descs = [getattr(meta, name) for name in names]
    descs = [d for d in descs if d is not None and d.national_number_pattern]
    return [parse_pattern(d.national_number_pattern) for d in descs], \
        [d.example_number for d in descs if d.example_number]


def parse_pattern(pattern):
    if sys.version_info >= (3, 11):
        from re import _parser as parser
    else:
        import sre_parse as parser
    return parser.parse(pattern)


def sample(rng, tree):
    """A random string that the parsed pattern matches."""
    out = []
    for op, value in tree:
        op = str(op)
        if op == "LITERAL":
            out.append(chr(value))
        elif op == "IN":
            out.append(rng.choice(members(value)))
        elif op == "BRANCH":
            out.append(sample(rng, rng.choice(value[1])))
        elif op == "SUBPATTERN":
            out.append(sample(rng, value[-1]))
        elif op == "MAX_REPEAT":
            low, high, part = value
            out += [sample(rng, part) for _ in range(rng.randint(low, high))]
        elif op != "AT":
            raise SystemExit(f"pattern element {op} is not known")
    return "".join(out)


def members(items):
    found = []
    for op, value in items:
        op = str(op)
        if op == "LITERAL":
            found.append(chr(value))
        elif op == "RANGE":
            found += [chr(c) for c in range(value[0], value[1] + 1)]
        else:
            found += "0123456789"
    return found


def damage(rng, digits):
    """Mostly leaves a number alone; else changes, drops or adds a digit."""
    kind = rng.randrange(12)
    at = rng.randrange(len(digits)) if digits else 0
    digit = rng.choice("0123456789")
    if kind < 3:
        return digits[:at] + digit + digits[at + 1:]
    if kind == 3:
        return digits[:at] + digits[at + 1:]
    if kind == 4:
        return digits[:at] + digit + digits[at:]
    if kind == 5:
        return digits[:at] + "".join(rng.choices("0123456789", k=len(digits) - at))
    return digits


def national_number(rng, entry):
    code, region, meta, trees, examples = entry
    kind = rng.randrange(10)
    if kind < 5:
        return damage(rng, sample(rng, rng.choice(trees)))
    if kind < 7 and examples:
        return damage(rng, rng.choice(examples))
    if kind < 9:
        lengths = list(meta.general_desc.possible_length or (8,))
        lengths += list(meta.general_desc.possible_length_local_only)
        length = max(1, rng.choice(lengths) + rng.choice((0, 0, 0, -1, 1)))
    else:
        length = rng.randint(1, 20)
    return "".join(rng.choices("0123456789", k=length))


def candidate(rng):
    """A line for the binary: `+DIGITS` or `XX DIGITS`."""
    entry = rng.choice(REGIONS)
    code, region, meta = entry[:3]
    number = national_number(rng, entry)
    prefix = ""
    if meta.national_prefix_for_parsing and rng.random() < 0.45:
        prefix = sample(rng, parse_pattern(meta.national_prefix_for_parsing))
    elif rng.random() < 0.05:
        prefix = rng.choice(("0", "1", "8"))
    kind = rng.randrange(10)
    if region == "001" or kind < 3:
        return f"+{code}{prefix if rng.random() < 0.4 else ''}{number}"
    if kind < 7:
        return f"{region} {prefix}{number}"
    if kind == 7:
        return f"{region} {code}{prefix}{number}"
    dialler = rng.choice([e for e in (rng.choice(REGIONS), rng.choice(REGIONS), entry)
                          if e[1] != "001"])
    idd = sample(rng, parse_pattern(dialler[2].international_prefix))
    return f"{dialler[1]} {idd}{code}{prefix if rng.random() < 0.3 else ''}{number}"


def expected(line):
    """What the package says of a candidate, in the words of the binary."""
    if line.startswith("+"):
        text, region = line, None
    else:
        region, text = line.split(" ")
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return "-"
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if phonenumbers.is_valid_number(number):
        home = phonenumbers.region_code_for_number(number)
        return f"V {e164} {home} {KINDS[phonenumbers.number_type(number)]}"
    reason = phonenumbers.is_possible_number_with_reason(number)
    return f"P {e164}" if reason == phonenumbers.ValidationResult.IS_POSSIBLE else "-"


def compare(job):
    seed, count, binary = job
    rng = random.Random(seed)
    lines = [candidate(rng) for _ in range(count)]
    told = subprocess.run([binary, "answer"], input="\n".join(lines) + "\n", text=True,
                          capture_output=True, check=True).stdout.splitlines()
    if len(told) != count:
        raise SystemExit(f"{count} candidates, {len(told)} answers")
    tally = {"V": 0, "P": 0, "-": 0}
    wrong = []
    for line, ours in zip(lines, told):
        theirs = expected(line)
        tally[theirs[0]] += 1
        if ours != theirs:
            wrong.append(f"{line}: efface {ours}, libphonenumber {theirs}")
    return tally, wrong


NOTICE = """\
# {what}
# From libphonenumber's metadata {version} by benches/phone_oracle/compare.py ({option}).
# Apache-2.0, Copyright The Libphonenumber Authors; see patterns/phone/NOTICE.
# {layout}"""


def print_examples():
    """Prints every example number of the package, in international and national form."""
    print(NOTICE.format(what="The example numbers of every region and kind.",
                        version=phonenumbers.__version__, option="--examples",
                        layout="region, region of the number, kind, national form, E.164"))
    for code, region, meta, _, _ in REGIONS:
        for name in ("fixed_line", "mobile", "toll_free", "premium_rate", "shared_cost",
                     "personal_number", "voip", "pager", "uan", "voicemail"):
            desc = getattr(meta, name)
            if desc is None or not desc.example_number:
                continue
            number = phonenumbers.parse(f"+{code}{desc.example_number}", None)
            if not phonenumbers.is_valid_number(number):
                continue
            e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
            form = phonenumbers.PhoneNumberFormat.NATIONAL
            written = phonenumbers.format_number(number, form)
            written = "".join(c for c in written if c.isdigit())
            home = phonenumbers.region_code_for_number(number)
            print(region, home, KINDS[phonenumbers.number_type(number)], written, e164)


def print_answers(rng, count):
    """Prints candidates with the package's answers."""
    print(NOTICE.format(what="Random candidates and what libphonenumber says of them.",
                        version=phonenumbers.__version__, option="--export",
                        layout="`+DIGITS` or `REGION DIGITS`, then `=` and the answer (main.rs)"))
    for _ in range(count):
        line = candidate(rng)
        print(f"{line}={expected(line)}")


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--package", required=True, help="folder that holds `phonenumbers`")
    arguments.add_argument("--binary", help="the built bench phone_oracle")
    arguments.add_argument("--count", type=int, default=1_000_000)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--jobs", type=int, default=2)
    arguments.add_argument("--export", type=int, metavar="N")
    arguments.add_argument("--examples", action="store_true")
    arguments.add_argument("--candidates", type=int, metavar="N")
    options = arguments.parse_args()
    load(options.package)
    rng = random.Random(options.seed)
    if options.examples:
        return print_examples()
    if options.candidates:
        for _ in range(options.candidates):
            print(candidate(rng))
        return None
    if options.export:
        return print_answers(rng, options.export)
    starts = range(0, options.count, BATCH)
    jobs = [(options.seed * 1_000_003 + start, min(BATCH, options.count - start), options.binary)
            for start in starts]
    tally, wrong = {"V": 0, "P": 0, "-": 0}, []
    with multiprocessing.get_context("fork").Pool(options.jobs) as pool:
        for part, errors in pool.imap_unordered(compare, jobs):
            for key, value in part.items():
                tally[key] += value
            wrong += errors
    for line in sorted(wrong)[:40]:
        print(line)
    total = sum(tally.values())
    print(f"{total} candidates: {tally['V']} valid, {tally['P']} possible, {tally['-']} refused; "
          f"{len(wrong)} disagreements")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
