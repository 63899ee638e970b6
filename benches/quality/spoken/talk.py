"""Makes talk in which identifiers are spoken, with the places of their words.

A style is a way to say a value. `SEEN` styles were looked at while the detector was written;
`HELD_OUT` styles were written afterwards and nothing was tuned to them. All numbers are kept for
fiction, for tests or for documentation.
"""

import random

ONES = "zero one two three four five six seven eight nine".split()
TEENS = ("ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen "
         "nineteen").split()
TENS = "_ _ twenty thirty forty fifty sixty seventy eighty ninety".split()
NATO = dict(zip("abcdefghijklmnopqrstuvwxyz", (
    "alpha bravo charlie delta echo foxtrot golf hotel india juliet kilo lima mike november "
    "oscar papa quebec romeo sierra tango uniform victor whiskey xray yankee zulu").split()))
NAMES = dict(zip("abcdefghijklmnopqrstuvwxyz", (
    "apple boy cat dog edward frank george henry ida john king larry mary nancy ocean peter "
    "queen robert sam tom uncle victor william xray young zebra").split()))
FILLERS = ["uh", "um", "yeah", "okay", "let me see", "er", "hmm"]


def two(n):
    """A number below a hundred in words, hyphen-free."""
    if n < 10:
        return ONES[n]
    if n < 20:
        return TEENS[n - 10]
    return TENS[n // 10] + ("" if n % 10 == 0 else " " + ONES[n % 10])


def digits(rng, text, zero="oh", chance=0.6):
    return [zero if d == "0" and rng.random() < chance else ONES[int(d)] for d in text]


def repeats(rng, text, zero="oh"):
    """Digit by digit with "double" and "triple"."""
    out, i = [], 0
    while i < len(text):
        for n, word in ((3, "triple"), (2, "double")):
            if text[i:i + n] == text[i] * n and len(text) - i >= n:
                out += [word, digits(rng, text[i], zero, 0.8)[0]]
                i += n
                break
        else:
            out += digits(rng, text[i], zero, 0.6)
            i += 1
    return out


def pairs(rng, text):
    out = []
    for i in range(0, len(text) - 1, 2):
        a, b = text[i], text[i + 1]
        if a == "0":
            out += ["oh" if rng.random() < .6 else "zero", ONES[int(b)] if b != "0" else "oh"]
        else:
            out += two(int(a + b)).split()
    if len(text) % 2:
        out.append(ONES[int(text[-1])])
    return out


def hundreds(text):
    """Three digits as people say area codes: "four sixteen", "eight hundred"."""
    if text[1:] == "00" and text[0] != "0":
        return [ONES[int(text[0])], "hundred"]
    if text[1] == "0" or text[0] == "0":
        return [("oh" if d == "0" else ONES[int(d)]) for d in text]
    return [ONES[int(text[0])]] + two(int(text[1:])).split()


AREAS = ("416 647 905 212 213 310 415 617 702 718 773 802 303 206 514 604 780 902 305 404 512 "
         "602 713 800 888").split()


def phone(rng):
    return rng.choice(AREAS) + "555" + "01%02d" % rng.randrange(100)


def luhn(body):
    total = 0
    for i, d in enumerate(reversed(body)):
        d = int(d)
        if i % 2 == 0:
            d = d * 2 - 9 if d > 4 else d * 2
        total += d
    return str(-total % 10)


def card(rng):
    head, length = rng.choice([("4", 16), ("51", 16), ("55", 16), ("2223", 16), ("37", 15),
                               ("34", 15), ("6011", 16), ("4", 16), ("53", 16)])
    body = head + "".join(str(rng.randrange(10)) for _ in range(length - len(head) - 1))
    return body + luhn(body)


def ssn(rng):
    return "%03d%02d%04d" % (rng.choice([219, 457, 123, 301, 512]), rng.randrange(1, 99),
                             rng.randrange(1, 9999))


def sin(rng):
    body = rng.choice("1234567") + "".join(str(rng.randrange(10)) for _ in range(7))
    return body + luhn(body)


FIRST = ("jane john mary robert linda james patricia michael susan david karen brian laura kevin "
         "emma oliver sophie thomas priya wei fatima carlos anna peter lucy").split()
LAST = ("smith johnson brown garcia miller davis wilson lopez taylor moore lee martin thompson "
        "white clark nguyen patel kim murphy kowalski okafor haddad tremblay").split()
HOSTS = ["gmail.com", "yahoo.com", "hotmail.com", "outlook.com", "example.com", "example.org",
         "example.net", "yahoo.ca", "yahoo.co.uk", "icloud.com", "aol.com", "mail.example.com",
         "acme.test.com", "northwind.ca", "contoso.com", "fabrikam.org"]


def email(rng):
    first, last = rng.choice(FIRST), rng.choice(LAST)
    local = rng.choice([f"{first}.{last}", f"{first}{last}", f"{first}_{last}", f"{first[0]}.{last}",
                        f"{first[0]}{last}", f"{first}.{last}{rng.randrange(10, 99)}",
                        f"{last}{rng.randrange(1960, 2005)}", f"{first}-{last}",
                        f"{first}{rng.randrange(100)}"])
    return local + "@" + rng.choice(HOSTS)


# --- ways to say a value: each gives a list of words -------------------------------------------

def phone_digits(rng, n):
    return digits(rng, n)


def phone_groups(rng, n):
    return digits(rng, n[:3]) + [","] + digits(rng, n[3:6]) + [","] + digits(rng, n[6:])


def phone_double(rng, n):
    return digits(rng, n[:3]) + repeats(rng, n[3:6]) + repeats(rng, n[6:])


def phone_pairs(rng, n):
    return digits(rng, n[:3]) + digits(rng, n[3:6]) + pairs(rng, n[6:])


def phone_area_hundreds(rng, n):
    return hundreds(n[:3]) + hundreds(n[3:6]) + pairs(rng, n[6:])


def phone_plus(rng, n):
    return ["plus", "one"] + digits(rng, n)


def phone_one(rng, n):
    return ["one"] + hundreds(n[:3]) + digits(rng, n[3:])


def phone_fillers(rng, n):
    words = digits(rng, n)
    for at in sorted(rng.sample(range(2, 9), 2), reverse=True):
        words[at:at] = rng.choice(FILLERS).split()
    return words


def phone_repair(rng, n):
    at = rng.randrange(3, 9)
    words = digits(rng, n)
    wrong = ONES[(int(n[at]) + rng.randrange(1, 9)) % 10]
    return words[:at] + [wrong] + rng.choice(["no", "sorry", "no wait", "i mean"]).split() + words[at:]


def phone_mixed(rng, n):
    return [n[:3]] + digits(rng, n[3:6]) + [n[6:8], n[8:]]


def phone_area_code(rng, n):
    return digits(rng, n[:3]) + ["and", "then"] + digits(rng, n[3:])


# held out
def phone_zero_words(rng, n):
    return digits(rng, n, zero="zero", chance=1.0)


def phone_nought(rng, n):
    return digits(rng, n, zero="nought", chance=1.0)


def phone_restart(rng, n):
    return (digits(rng, n[:5]) + ["sorry", "let", "me", "start", "over"] + digits(rng, n))


def phone_mixed_tail(rng, n):
    return digits(rng, n[:3]) + [n[3:6], n[6:]]


def phone_dashes(rng, n):
    return digits(rng, n[:3]) + ["dash"] + digits(rng, n[3:6]) + ["dash"] + digits(rng, n[6:])


def phone_thousand(rng, n):
    # only where it ends so
    return digits(rng, n[:3]) + repeats(rng, n[3:6]) + digits(rng, n[6:8]) + two(int(n[8:]) if n[8] != "0" else 10 + int(n[9])).split()


def phone_sentences(rng, n):
    return digits(rng, n[:3]) + ["."] + digits(rng, n[3:6]) + ["."] + digits(rng, n[6:])


def card_digits(rng, n):
    return digits(rng, n)


def card_groups(rng, n):
    out = []
    for i in range(0, len(n), 4):
        out += digits(rng, n[i:i + 4]) + [","]
    return out[:-1]


def card_pairs(rng, n):
    return pairs(rng, n)


def card_double(rng, n):
    out = []
    for i in range(0, len(n), 4):
        out += repeats(rng, n[i:i + 4])
    return out


def card_fillers(rng, n):
    out = []
    for i in range(0, len(n), 4):
        out += digits(rng, n[i:i + 4])
        out += rng.choice(FILLERS).split() if i + 4 < len(n) and rng.random() < .7 else []
    return out


def card_mixed(rng, n):
    out = []
    for i in range(0, len(n), 4):
        out += [n[i:i + 4]] if rng.random() < .4 else digits(rng, n[i:i + 4])
    return out if any(w.isalpha() for w in out) else digits(rng, n[:4]) + [n[4:]]


# held out
def card_zero(rng, n):
    return digits(rng, n, zero="zero", chance=1.0)


def card_spoken_groups(rng, n):
    out = []
    for i in range(0, len(n), 4):
        out += digits(rng, n[i:i + 4]) + rng.choice(["and then", "then", "followed by", "next"]).split()
    while out[-1] not in ONES + ["oh"]:
        out.pop()
    return out


def card_repair(rng, n):
    at = rng.randrange(4, len(n) - 2)
    words = digits(rng, n)
    wrong = ONES[(int(n[at]) + rng.randrange(1, 9)) % 10]
    return words[:at] + [wrong, "sorry"] + words[at:]


def card_mixed_pairs(rng, n):
    return pairs(rng, n[:4]) + digits(rng, n[4:8]) + pairs(rng, n[8:12]) + digits(rng, n[12:])


SIGNS = {".": "dot", "_": "underscore", "-": "dash"}


def words_of(rng, text, number=pairs):
    out, run = [], ""
    for c in text + " ":
        if c.isdigit():
            run += c
            continue
        if run:
            out += number(rng, run)
            run = ""
        if c in SIGNS:
            out.append(SIGNS[c])
        elif c != " ":
            if out and out[-1].startswith("\0"):
                out[-1] += c
            else:
                out.append("\0" + c)
    return [w.lstrip("\0") for w in out]


def host(rng, text):
    if text.startswith("gmail") and rng.random() < .3:
        return ["g", "mail", "dot", "com"]
    return words_of(rng, text)


def email_plain(rng, v):
    local, domain = v.split("@")
    return words_of(rng, local) + ["at"] + host(rng, domain)


def email_spelled(rng, v):
    local, domain = v.split("@")
    out = []
    for c in local:
        out.append(SIGNS.get(c) or (ONES[int(c)] if c.isdigit() else c))
    return out + ["at"] + host(rng, domain)


def email_first_as_in(rng, v):
    local, domain = v.split("@")
    book = rng.choice([NATO, NAMES])
    return [local[0], "as", "in", book[local[0]]] + words_of(rng, local[1:]) + ["at"] + host(rng, domain)


def email_all_as_in(rng, v):
    local, domain = v.split("@")
    book = rng.choice([NATO, NAMES])
    out = []
    for c in local:
        out += [SIGNS[c]] if c in SIGNS else [ONES[int(c)]] if c.isdigit() else \
            [c, "as", "in", book[c]] if rng.random() < .6 else [c, "for", book[c]]
    return out + ["at"] + host(rng, domain)


def email_fillers(rng, v):
    words = email_plain(rng, v)
    at = words.index("at")
    words[at:at] = rng.choice(["uh", "um"]).split()
    return words


def email_word_again(rng, v):
    local, domain = v.split("@")
    head = words_of(rng, local)
    last = [w for w in head if len(w) > 2 and w.isalpha() and w not in SIGNS.values()
            and w not in ONES + TEENS + TENS]
    if last:
        i = head.index(last[-1])
        head[i + 1:i + 1] = list(last[-1])
    return head + ["at"] + host(rng, domain)


# held out
def email_at_sign(rng, v):
    local, domain = v.split("@")
    return words_of(rng, local) + ["at", "sign"] + host(rng, domain)


def email_period(rng, v):
    return ["period" if w == "dot" else w for w in email_plain(rng, v)]


def email_all_one_word(rng, v):
    local, domain = v.split("@")
    return words_of(rng, local) + ["all", "one", "word", "at"] + host(rng, domain)


def email_hyphen(rng, v):
    return ["hyphen" if w == "dash" else w for w in email_plain(rng, v)]


def email_nato_only(rng, v):
    local, domain = v.split("@")
    out = []
    for c in local:
        out += [SIGNS[c]] if c in SIGNS else [ONES[int(c)]] if c.isdigit() else [NATO[c]]
    return out + ["at"] + host(rng, domain)


# held out a second time: written before noise and turns were worked on
def phone_hyphens(rng, n):
    return ["-".join(digits(rng, n[:3])), "-".join(digits(rng, n[3:6])), "-".join(digits(rng, n[6:]))]


def phone_area_said(rng, n):
    return digits(rng, n[:3]) + ["area", "code"] + digits(rng, n[3:])


def phone_all_pairs(rng, n):
    return pairs(rng, n)


def phone_tens(rng, n):
    return digits(rng, n[:7]) + two(int(n[7:9])).split() + digits(rng, n[9:])


def phone_twice_said(rng, n):
    return digits(rng, n[:3]) + digits(rng, n[3:6]) + ["um"] + digits(rng, n[6:8]) + ["and"] + digits(rng, n[8:])


def card_first_four(rng, n):
    out = ["first"] + digits(rng, n[:4])
    for i in range(4, len(n), 4):
        out += ["next"] + digits(rng, n[i:i + 4])
    return out


def card_triples(rng, n):
    out = []
    for i in range(0, len(n), 3):
        out += repeats(rng, n[i:i + 3]) + [","]
    return out[:-1]


def card_restart(rng, n):
    return digits(rng, n[:4]) + digits(rng, n[4:8]) + ["okay"] + digits(rng, n[8:12]) + ["and"] + digits(rng, n[12:])


def email_com_spelled(rng, v):
    words = email_plain(rng, v)
    return words[:-1] + list("com") if words[-1] == "com" else words


def email_symbol(rng, v):
    local, domain = v.split("@")
    return words_of(rng, local) + ["at", "symbol"] + host(rng, domain)


def email_lowercase(rng, v):
    return ["all", "lowercase"] + email_plain(rng, v)


def email_last_spelled(rng, v):
    local, domain = v.split("@")
    cut = max(local.find(c) for c in "._-") + 1
    tail = local[cut:]
    return words_of(rng, local[:cut]) + [ONES[int(c)] if c.isdigit() else c for c in tail] + ["at"] + host(rng, domain)


def email_like(rng, v):
    local, domain = v.split("@")
    return [local[0], "like", NAMES[local[0]]] + words_of(rng, local[1:]) + ["at"] + host(rng, domain)


SEEN = {
    "phone": [phone_digits, phone_groups, phone_double, phone_pairs, phone_area_hundreds,
              phone_plus, phone_one, phone_fillers, phone_repair, phone_mixed, phone_area_code],
    "payment_card": [card_digits, card_groups, card_pairs, card_double, card_fillers, card_mixed],
    "email": [email_plain, email_spelled, email_first_as_in, email_all_as_in, email_fillers,
              email_word_again],
}
HELD_OUT = {
    "phone": [phone_zero_words, phone_nought, phone_restart, phone_mixed_tail, phone_dashes,
              phone_sentences],
    "payment_card": [card_zero, card_spoken_groups, card_repair, card_mixed_pairs],
    "email": [email_at_sign, email_period, email_all_one_word, email_hyphen, email_nato_only],
}
FRESH = {
    "phone": [phone_hyphens, phone_area_said, phone_all_pairs, phone_tens, phone_twice_said],
    "payment_card": [card_first_four, card_triples, card_restart],
    "email": [email_com_spelled, email_symbol, email_lowercase, email_last_spelled, email_like],
}
VALUES = {"phone": phone, "payment_card": card, "email": email}

BEFORE = {
    "phone": ["you can call me back at", "my number is", "sure it is", "the best number to reach me is",
              "yeah my cell is", "it's", "okay so that would be", "please text me at",
              "we have you down at", "the phone number on file is", "call"],
    "payment_card": ["the card number is", "my visa is", "okay it's", "sure", "i want to pay with my credit card it is",
                     "the number on the card is", "go ahead with", "yes the long number is"],
    "email": ["my email is", "you can send it to", "it's", "the email address is", "sure that would be",
              "email me at", "please write to", "i can be reached at"],
}
AFTER = ["thanks", "did you get that", "okay", "and that is all i need", "is that right",
         "please call before five", "bye", "let me know", "that's the one"]
IDLE = ["so i was wondering about the bill from last month", "can you hold on for a moment",
        "i think we talked about this before", "that sounds good to me",
        "the technician came by in the morning", "i would like to change my plan",
        "no problem at all", "how is the weather over there", "we moved in a while ago",
        "the internet is down again and nobody called", "my son set it up for me",
        "thank you for your patience", "is there anything else i can help you with"]

NOISE = {"four": ["for"], "two": ["to", "too"], "eight": ["ate"], "one": ["won"], "oh": ["o"],
         "six": ["sicks"], "nine": ["mine"], "at": ["that", "and"], "dot": ["that", "thought"],
         "five": ["fine"], "three": ["free"], "zero": ["hero"]}
WRONG = "the and of a in that it was he for on are with as his they be this have from".split()


def noisy(rng, words, rate):
    """Substitutions (mostly by what sounds alike), deletions and insertions, a third each."""
    out = []
    for w in words:
        if w in ",." or rng.random() >= rate:
            out.append(w)
            continue
        kind = rng.randrange(3)
        if kind == 0:
            alike = NOISE.get(w)
            out.append(rng.choice(alike) if alike and rng.random() < .7 else rng.choice(WRONG))
        elif kind == 1:
            pass
        else:
            out += [w, rng.choice(WRONG + ["uh"])]
    return out
