#!/usr/bin/env python3
"""Finds the example numbers of every region in text, with the region told.

    benches/phone_oracle/examples.py target/release/efface --package DIR [--misses]

DIR holds the Python package `phonenumbers` of the version named in patterns/phone/plan.toml. Each
example of each region and kind is written in E.164, international and national form as the package
formats it, and stands once in a sentence, once alone on its line and once in a column of a table
named `phone`. A number counts as found when one finding has exactly its characters and its E.164
form. The measure is the sentence; the table is printed for the form, by carrier.
"""
import argparse
import collections
import json
import pathlib
import subprocess
import sys
import tempfile

KINDS = ("fixed_line", "mobile", "toll_free", "premium_rate", "shared_cost", "personal_number",
         "voip", "pager", "uan", "voicemail")
CARRIERS = {
    "sentence": ("x.txt", "please call {} today", ""),
    "line": ("y.txt", "{}", ""),
    "column": ("z.csv", '{n},"{}",open', "row,phone,state"),
}
BAR = 0.99


def examples(package):
    """Region, E.164 and the three forms of every example number."""
    sys.path.insert(0, package)
    import phonenumbers as pn
    from phonenumbers.data import _COUNTRY_CODE_TO_REGION_CODE as table
    forms = {"E.164": pn.PhoneNumberFormat.E164,
             "international": pn.PhoneNumberFormat.INTERNATIONAL,
             "national": pn.PhoneNumberFormat.NATIONAL}
    for code in sorted(table):
        for region in table[code]:
            # Numbers of no country, such as +800, have no national form and no region to tell.
            meta = pn.PhoneMetadata.metadata_for_region_or_calling_code(code, region)
            seen = set()
            for kind in KINDS:
                desc = getattr(meta, kind)
                if desc is None or not desc.example_number or desc.example_number in seen:
                    continue
                seen.add(desc.example_number)
                number = pn.parse(f"+{code}{desc.example_number}", None)
                if not pn.is_valid_number(number):
                    continue
                written = {name: pn.format_number(number, form) for name, form in forms.items()}
                if region == "001":
                    del written["national"]
                yield region, written["E.164"], written


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("efface")
    parser.add_argument("--package", required=True)
    parser.add_argument("--misses", action="store_true")
    args = parser.parse_args()
    by_region = collections.defaultdict(list)
    for region, e164, written in examples(args.package):
        by_region[region] += [(form, text, e164) for form, text in written.items()]
    asked, found, missed = collections.Counter(), collections.Counter(), []
    with tempfile.TemporaryDirectory() as folder:
        for region, wanted in sorted(by_region.items()):
            for carrier, (name, line, head) in CARRIERS.items():
                path = pathlib.Path(folder, name)
                lines = [line.format(text, n=n) for n, (_, text, _) in enumerate(wanted)]
                path.write_text("\n".join(([head] if head else []) + lines) + "\n")
                told = subprocess.run(
                    [args.efface, "scan", "--no-config", "--region",
                     "US" if region == "001" else region, "--only", "phone", "--show-values",
                     "--format", "jsonl", str(path)], capture_output=True, text=True).stdout
                hits = collections.defaultdict(set)
                for one in map(json.loads, told.splitlines()):
                    if one["type"] == "finding":
                        at = one["line"] - (1 if head else 0) - 1
                        hits[at].add((one["value"], one["canonical"]))
                for at, (form, text, e164) in enumerate(wanted):
                    asked[carrier, form] += 1
                    if (text, e164) in hits[at]:
                        found[carrier, form] += 1
                    else:
                        missed.append((carrier, form, region, text, e164, sorted(hits[at])))
    print(f"{len(by_region)} regions, {sum(asked.values())} places")
    print("| form | " + " | ".join(CARRIERS) + " |\n|---|" + "--:|" * len(CARRIERS))
    worst = 1.0
    for form in ("E.164", "international", "national"):
        shares = [found[carrier, form] / asked[carrier, form] for carrier in CARRIERS]
        worst = min(worst, shares[0], shares[2])
        print(f"| {form} | " + " | ".join(f"{share:.4f}" for share in shares) + " |")
    if args.misses:
        for one in missed:
            print(*one, sep=" | ")
    return 0 if worst >= BAR else 1


if __name__ == "__main__":
    sys.exit(main())
