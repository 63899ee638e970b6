"""Further styles of telling a value, written before the detector saw any of them.

`LOOKED` is the half whose misses were looked at while the detector was mended, `UNHEARD` the half
whose cases nobody looked at: only its figures were read. Each half has lead-ins, names and talk of
its own, and writes partly as recognisers do, with capitals, commas and hyphens.
"""

import random

from talk import NATO, ONES, SIGNS, TEENS, TENS, card, digits, luhn, pairs, phone, repeats, two

# Words that people reach for when they spell and no alphabet has.
AD_HOC = dict(zip("abcdefghijklmnopqrstuvwxyz", (
    "avocado banana cookie doctor egg flower garden happy ice jungle kitchen lemon monkey nurse "
    "onion pizza quiet rabbit summer tiger under violin water xylophone yogurt zipper").split()))
GIVEN = ("daniel sofia marcus helen olivia hassan ingrid derek yasmin victor chloe raj beth stefan "
         "naomi gareth lucia omar paula desmond").split()
FAMILY = ("anderson baker coleman delgado fischer griffin hughes ibrahim jensen kaur lindgren mendez "
          "novak olsen porter quinn rosenberg stewart underwood zhang").split()
PLACES = ["gmail.com", "yahoo.com", "outlook.com", "icloud.com", "hotmail.co.uk", "comcast.net",
          "example.org", "harbor.example.com", "riverside.org", "protonmail.com", "example.io",
          "bluebird.net", "maplewood.edu", "hotmail.com", "gmail.com", "sunrise.ca"]


def address(rng):
    a, b = rng.choice(GIVEN), rng.choice(FAMILY)
    local = rng.choice([f"{a}.{b}", f"{a}{b}", f"{a}_{b}", f"{b}.{a}", f"{a[0]}{b}", f"{a}-{b}",
                        f"{a}.{b}{rng.randrange(1, 100)}", f"{b}{rng.randrange(100, 1000)}",
                        f"{a}.{b[0]}.{b}", f"{a}{rng.randrange(1970, 2006)}", f"{a}.{b}.work"])
    return local + "@" + rng.choice(PLACES)


def british(rng):
    """A mobile number of the range that the British plan keeps for fiction."""
    return "07700900%03d" % rng.randrange(1000)


def tens(text):
    """Two digits as one number with a hyphen: "fifty-five", "oh one"."""
    if text[0] == "0":
        return ["oh", ONES[int(text[1])] if text[1] != "0" else "oh"]
    return ["-".join(two(int(text)).split())]


def area(text):
    if text[1:] == "00":
        return [ONES[int(text[0])], "hundred"]
    return [ONES[int(text[0])]] + tens(text[1:])


def local_of(rng, local, read=None):
    """The words of a local part, its numbers said as `read` does."""
    read = read or (lambda n: " ".join(digits(rng, n)).split())
    out, word, number = [], "", ""
    for c in local + "\0":
        if number and not c.isdigit():
            out, number = out + read(number), ""
        if word and not c.isalpha():
            out, word = out + [word], ""
        if c.isalpha():
            word += c
        elif c.isdigit():
            number += c
        elif c in SIGNS:
            out.append(SIGNS[c])
    return out


def host_of(domain):
    return " dot ".join(domain.split(".")).split()


def split_names(rng, local):
    """A name run together is said as its two words where they are known."""
    for a in GIVEN:
        if local.startswith(a) and local[len(a):] in FAMILY:
            return [a, local[len(a):]]
    return local_of(rng, local)


# --- looked at ---------------------------------------------------------------------------------

def phone_tens_hyphened(rng, n):
    return area(n[:3]) + [","] + area(n[3:6]) + [","] + tens(n[6:8]) + tens(n[8:])


def phone_area_then_number(rng, n):
    return ["area", "code"] + digits(rng, n[:3]) + [","] + ["number"] + digits(rng, n[3:])


def phone_plurals(rng, n):
    return digits(rng, n[:3]) + [","] + ["three", ONES[int(n[3])] + "s"] + digits(rng, n[6:], "zero")


def phone_one_a_breath(rng, n):
    out = []
    for word in digits(rng, n, "zero"):
        out += [word.capitalize(), "."]
    return out[:-1]


def phone_stutter(rng, n):
    return digits(rng, n[:3]) + digits(rng, n[:3]) + digits(rng, n[3:])


def phone_loose_numerals(rng, n):
    out = [d if rng.random() < .6 else ONES[int(d)] for d in n]
    out[rng.randrange(10)] = None
    return [ONES[int(n[i])] if w is None else w for i, w in enumerate(out)]


def phone_local(rng, n):
    return digits(rng, n[3:6]) + [","] + digits(rng, n[6:], "zero")


def phone_toll_free(rng, n):
    return ["one", "eight", "hundred"] + digits(rng, n[3:6]) + pairs(rng, n[6:])


def phone_british(rng, n):
    return digits(rng, n[:2]) + repeats(rng, n[2:5]) + digits(rng, n[5]) + repeats(rng, n[6:])


def card_then(rng, n):
    out = digits(rng, n[:4])
    for i in range(4, len(n), 4):
        out += ["then"] + digits(rng, n[i:i + 4], "zero")
    return out


def card_half_numerals(rng, n):
    out = []
    for i in range(0, len(n), 4):
        out += [n[i:i + 4]] if rng.random() < .4 else digits(rng, n[i:i + 4])
    return out if not all(w.isdigit() for w in out) else digits(rng, n)


def card_tens_hyphened(rng, n):
    return [w for i in range(0, len(n) - 1, 2) for w in tens(n[i:i + 2])] \
        + ([ONES[int(n[-1])]] if len(n) % 2 else [])


def card_breaths(rng, n):
    out = []
    for i in range(0, len(n), 4):
        group = digits(rng, n[i:i + 4])
        out += [group[0].capitalize()] + group[1:] + ["."]
    return out[:-1]


def email_half_written(rng, v):
    local, domain = v.split("@")
    return local_of(rng, local, lambda n: [n]) + ["at", domain]


def email_local_written(rng, v):
    local, domain = v.split("@")
    return [local, "at"] + host_of(domain)


def email_ad_hoc(rng, v):
    local, domain = v.split("@")
    out = []
    for c in local:
        out += [SIGNS[c]] if c in SIGNS else [ONES[int(c)]] if c.isdigit() else [c, "as", "in", AD_HOC[c]]
    return out + ["at"] + host_of(domain)


def email_letters_hyphened(rng, v):
    local, domain = v.split("@")
    out, word = [], ""
    for c in local + "\0":
        if word and not c.isalpha():
            out, word = out + ["-".join(word.upper())], ""
        if c.isalpha():
            word += c
        elif c.isdigit():
            out.append(ONES[int(c)])
        elif c in SIGNS:
            out.append(SIGNS[c])
    return out + ["at"] + host_of(domain)


def email_year(rng, v):
    local, domain = v.split("@")
    return local_of(rng, local, lambda n: pairs(rng, n)) + ["at"] + host_of(domain)


def email_pauses(rng, v):
    local, domain = v.split("@")
    return local_of(rng, local) + [","] + ["at"] + host_of(domain)


# --- unheard -----------------------------------------------------------------------------------

def phone_country_code(rng, n):
    return ["country", "code", "one", ","] + digits(rng, n[:3]) + [","] + digits(rng, n[3:])


def phone_compounds(rng, n):
    out, i = [], 0
    while i < 10:
        if i < 8 and n[i:i + 3] == n[i] * 3:
            out, i = out + ["triple-" + ONES[int(n[i])]], i + 3
        elif i < 9 and n[i:i + 2] == n[i] * 2:
            out, i = out + ["double-" + ONES[int(n[i])]], i + 2
        else:
            out, i = out + [ONES[int(n[i])]], i + 1
    return out


def phone_commas(rng, n):
    out = []
    for word in digits(rng, n, "zero", 1.0):
        out += [word, ","]
    return out[:-1]


def phone_hundred_and(rng, n):
    def group(text):
        if text[0] == "0" or text[1] == "0":
            return digits(rng, text)
        return [ONES[int(text[0])], "hundred", "and"] + two(int(text[1:])).split()
    return group(n[:3]) + [","] + group(n[3:6]) + [","] + digits(rng, n[6:])


def phone_wrong_group(rng, n):
    wrong = digits(rng, n[3:5]) + [ONES[(int(n[5]) + 3) % 10]]
    return digits(rng, n[:3]) + wrong + rng.choice(["sorry", "no sorry", "wait no", "i mean"]).split() \
        + digits(rng, n[3:6]) + digits(rng, n[6:])


def phone_mixed_pairs(rng, n):
    return digits(rng, n[:3]) + [","] + digits(rng, n[3:6]) + [","] + tens(n[6:8]) + ["and"] + tens(n[8:])


def phone_tail_numeral(rng, n):
    return area(n[:3]) + area(n[3:6]) + [n[6:]]


def phone_hesitant(rng, n):
    return digits(rng, n[:3]) + ["uh"] + digits(rng, n[3:6]) + [","] + ["hold", "on"] + digits(rng, n[6:])


def phone_british_groups(rng, n):
    return digits(rng, n[:5], "zero") + [","] + digits(rng, n[5:8]) + [","] + digits(rng, n[8:])


def phone_plus_british(rng, n):
    return ["plus", "four", "four"] + digits(rng, n[1:5]) + digits(rng, n[5:8]) + digits(rng, n[8:])


def card_hundreds(rng, n):
    def group(text):
        if text[2:] == "00" and text[0] != "0" and text[1] != "0":
            return two(int(text[:2])).split() + ["hundred"]
        return pairs(rng, text)
    return [w for i in range(0, len(n), 4) for w in group(n[i:i + 4]) + [","]][:-1]


def card_compounds(rng, n):
    return [w for i in range(0, len(n), 4) for w in repeats(rng, n[i:i + 4]) + ["and"]][:-1]


def card_slip(rng, n):
    wrong = ONES[(int(n[9]) + 4) % 10]
    return digits(rng, n[:4]) + [","] + digits(rng, n[4:8]) + [","] + digits(rng, n[8]) \
        + [wrong, "no"] + digits(rng, n[9:])


def card_hesitant(rng, n):
    return digits(rng, n[:4]) + ["um"] + digits(rng, n[4:8]) + ["okay", "then"] + digits(rng, n[8:12]) \
        + ["and", "finally"] + digits(rng, n[12:])


def email_nato_for(rng, v):
    local, domain = v.split("@")
    out = []
    for c in local:
        out += [SIGNS[c]] if c in SIGNS else [ONES[int(c)]] if c.isdigit() else \
            [c.upper(), "for", NATO[c].capitalize()]
    return out + ["at"] + host_of(domain)


def email_word_then_letters(rng, v):
    local, domain = v.split("@")
    out = []
    for word in local_of(rng, local):
        out.append(word)
        if len(word) > 3 and word.isalpha() and word in FAMILY:
            out += [","] + list(word) + [","]
    return out + ["at"] + host_of(domain)


def email_one_word_comma(rng, v):
    local, domain = v.split("@")
    return split_names(rng, local) + [","] + rng.choice(["all one word", "no spaces", "one word"]).split() \
        + [","] + ["at"] + host_of(domain)


def email_host_spelled(rng, v):
    local, domain = v.split("@")
    labels = domain.split(".")
    out = local_of(rng, local) + ["at"]
    if labels[0] in ("gmail", "yahoo", "outlook", "icloud", "hotmail", "comcast", "protonmail"):
        return out + host_of(domain)
    return out + list(labels[0]) + [w for label in labels[1:] for w in ("dot", label)]


def email_g_mail(rng, v):
    local, domain = v.split("@")
    host = " ".join(host_of(domain)).replace("gmail", "g mail").replace("hotmail", "hot mail")
    return local_of(rng, local) + ["at"] + host.split()


def email_end_spelled(rng, v):
    local, domain = v.split("@")
    labels = domain.split(".")
    return local_of(rng, local) + ["at"] + [w for label in labels[:-1] for w in (label, "dot")] \
        + list(labels[-1])


def email_um(rng, v):
    words = email_end_spelled(rng, v) if rng.random() < .2 else \
        local_of(rng, v.split("@")[0]) + ["at"] + host_of(v.split("@")[1])
    at = words.index("at")
    return words[:at] + ["um"] + words[at:at + 1] + ["uh"] + words[at + 1:]


LOOKED = {
    "phone": [phone_tens_hyphened, phone_area_then_number, phone_plurals, phone_one_a_breath,
              phone_stutter, phone_loose_numerals, phone_local, phone_toll_free, phone_british],
    "payment_card": [card_then, card_half_numerals, card_tens_hyphened, card_breaths],
    "email": [email_half_written, email_local_written, email_ad_hoc, email_letters_hyphened,
              email_year, email_pauses],
}
UNHEARD = {
    "phone": [phone_country_code, phone_compounds, phone_commas, phone_hundred_and,
              phone_wrong_group, phone_mixed_pairs, phone_tail_numeral, phone_hesitant,
              phone_british_groups, phone_plus_british],
    "payment_card": [card_hundreds, card_compounds, card_slip, card_hesitant],
    "email": [email_nato_for, email_word_then_letters, email_one_word_comma, email_host_spelled,
              email_g_mail, email_end_spelled, email_um],
}


def long_card(rng):
    """Cards of more networks, and one of nineteen digits."""
    head, length = rng.choice([("4", 16), ("52", 16), ("2720", 16), ("341", 15), ("6511", 16),
                               ("3530", 16), ("36", 14), ("62", 19), ("54", 16), ("4", 16)])
    body = head + "".join(str(rng.randrange(10)) for _ in range(length - len(head) - 1))
    return body + luhn(body)


def value(rng, entity, say):
    """A value that `say` can tell, and its canonical form."""
    if entity == "payment_card":
        n = long_card(rng)
        return n, n
    if entity == "email":
        v = address(rng)
        return v, v
    if "british" in say.__name__:
        n = british(rng)
        return n, "+44" + n[1:]
    n = phone(rng)
    if say is phone_toll_free:
        n = "800" + n[3:]
    if say is phone_local:
        return n, None
    return n, "+1" + n


LOOKED_TALK = {
    "phone": ["You can get me on", "Right, my mobile's", "the callback number is", "Uh, it's",
              "if we get cut off ring me at", "And her number, that's", "Write this down.",
              "the best contact is", "Home phone is", "so the number you want is"],
    "payment_card": ["Okay, the Visa ending today, it's", "card number", "Let me grab my wallet. It's",
                     "The debit card is", "and that's my Mastercard,", "you can charge it to"],
    "email": ["My email address is", "just email", "send the invoice over to", "It's", "Sure, um,",
              "the login is", "her email would be", "Please put down"],
}
UNHEARD_TALK = {
    "phone": ["So the phone number would be", "give me a call on", "he said to try", "Yes, that's",
              "Do you have a pen?", "text it to", "My work line is", "we can be reached on",
              "Could you ring", "I'm at"],
    "payment_card": ["It's a credit card and the digits are", "I'll read it to you,", "the long number's",
                     "Use my Amex or Visa, here it is,", "Ready?", "the card I used was"],
    "email": ["okay so the email is", "you could forward that to", "Email's", "we use",
              "drop me a line at", "Yeah, that's", "the address for the bill is", "my personal one is"],
}
LOOKED_AFTER = [". Got it?", "and I'm in until four", ", thank you", "if that helps", ". Cheers.",
                "but not after six", "which is my sister's", "okay?"]
UNHEARD_AFTER = [". Did you catch that?", "any time before noon", ", please", "whenever you can",
                 ". Perfect.", "or leave a message", "and ask for two tickets", "all right"]


# --- innocent talk -----------------------------------------------------------------------------

def looked_innocent(rng):
    n = lambda top=99: two(rng.randrange(1, top))
    return rng.choice([
        f"sizes run {n()} {n()} {n()} {n()} and {n()}",
        f"the readings were {n()} {n()} {n()} then {n()} at lunch",
        f"we moved in twenty {n(24)} after selling in nineteen ninety {ONES[rng.randrange(1, 10)]} for {n()} thousand",
        f"my blood pressure was one {n()} over {n()} and then one {n()} over {n()}",
        f"the kids are {n(18)} {n(18)} {n(18)} and {n(18)}",
        f"bus {n()} then the {n()} then change for the {n()} at platform {n(20)}",
        f"page {ONES[rng.randrange(1, 10)]} {n()} paragraph {n(20)} line {n()}",
        f"twenty seventeen twenty eighteen twenty nineteen twenty twenty and twenty twenty one",
        f"my part number is {' '.join(digits(rng, str(rng.randrange(10**8, 10**9))))}",
        f"the meter reads {' '.join(digits(rng, str(rng.randrange(10**5, 10**6))))}",
        f"he ran the hundred in {n(20)} point {' '.join(digits(rng, '%02d' % rng.randrange(100)))}",
        f"it was seven fifty then eight twenty five then nine ninety nine now it's {n()} {n()}",
        f"we had {n()} in january {n()} in february {n()} in march {n()} in april",
        f"five at gate {n()} and ten at gate {n()} dot the i's",
        f"meet me at the dot on the map at com tower",
    ])


def unheard_innocent(rng):
    n = lambda top=99: two(rng.randrange(1, top))
    return rng.choice([
        f"set one went {n(8)} {n(8)} set two {n(8)} {n(8)} and set three {n(8)} {n(8)}",
        f"I have rooms {n()} {n()} {n()} and {n()} free on floors {n(20)} and {n(20)}",
        f"the temperatures this week, {n(40)}, {n(40)}, {n(40)}, {n(40)}, {n(40)}.",
        f"in nineteen sixty {ONES[rng.randrange(1, 10)]} to nineteen seventy {ONES[rng.randrange(1, 10)]} it cost {n()} cents",
        f"my flight is {' '.join(digits(rng, str(rng.randrange(100, 10**4))))} leaving six forty five landing nine twenty",
        f"winning numbers {n(50)} {n(50)} {n(50)} {n(50)} {n(50)} bonus {n(10)}",
        f"the order was {n(20)} of the {n()} and {n(20)} of the {n()} at {n()} {n()} each",
        f"reps of {n(20)} {n(20)} {n(20)} {n(20)} with {n()} seconds off",
        f"it's at {n()} {n()} main street, the second door at the dot on the map",
        f"we got {n()} percent, {n()} percent, {n()} percent and {n()} percent",
        f"confirmation {' '.join(digits(rng, str(rng.randrange(10**7, 10**8))))} for {n(9)} people",
        f"two thousand {n(24)} was better than two thousand {n(24)} or two thousand and {ONES[rng.randrange(1, 10)]}",
        f"I'll be there at three point five past two for one or two",
        f"interest went from {ONES[rng.randrange(1, 10)]} point {n()} to {ONES[rng.randrange(1, 10)]} point {n()} in {n()} days",
    ])
