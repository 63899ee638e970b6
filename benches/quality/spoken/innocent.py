"""Talk that is rich in numbers and tells nobody's: prices, dates, times, orders, scores, streets."""

from talk import ONES, two, digits, pairs

MONTHS = ("january february march april may june july august september october november "
          "december").split()
DAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
ORD = ("first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth "
       "thirteenth fourteenth fifteenth").split()
STREETS = "king queen main oak maple elm pine church park bloor cedar".split()
TEAMS = "the leafs|the raptors|chicago|they|our side|the visitors|montreal|arsenal".split("|")


def num(rng, top=99):
    return two(rng.randrange(1, top))


def price(rng):
    return rng.choice([
        f"that comes to {num(rng)} dollars and {num(rng)} cents",
        f"it was {num(rng)} ninety nine before tax and {num(rng)} {num(rng)} after",
        f"they charged me {ONES[rng.randrange(1, 10)]} hundred and {num(rng)} dollars instead of {num(rng)}",
        f"the plan is {num(rng)} a month for {num(rng, 24)} months",
        f"i paid {num(rng)} fifty on the first and {num(rng)} twenty five on the second",
        f"between {num(rng)} and {num(rng)} thousand dollars a year",
        f"the total is one thousand two hundred and {num(rng)} dollars",
    ])


def date(rng):
    return rng.choice([
        f"on {rng.choice(MONTHS)} {rng.choice(ORD)} twenty twenty {ONES[rng.randrange(1, 6)]}",
        f"we signed up in nineteen ninety {ONES[rng.randrange(1, 10)]} or two thousand and {ONES[rng.randrange(1, 10)]}",
        f"from {rng.choice(MONTHS)} {num(rng, 28)} to {rng.choice(MONTHS)} {num(rng, 28)}",
        f"my appointment is {rng.choice(DAYS)} the {rng.choice(ORD)} at {num(rng, 12)} thirty",
        f"the years twenty eighteen twenty nineteen and twenty twenty were the best",
        f"it was the twenty {ORD[rng.randrange(8)]} of {rng.choice(MONTHS)} two thousand {num(rng, 24)}",
    ])


def time(rng):
    return rng.choice([
        f"between {num(rng, 12)} and {num(rng, 12)} in the afternoon",
        f"at {num(rng, 12)} forty five am or {num(rng, 12)} fifteen pm",
        f"we are open {num(rng, 12)} to {num(rng, 12)} on weekdays and {num(rng, 12)} to {num(rng, 12)} on saturday",
        f"it took {num(rng)} minutes and {num(rng)} seconds",
        f"the bus leaves at six ten six thirty six fifty and seven ten",
        f"twenty four hours a day seven days a week",
    ])


def order(rng):
    n = "".join(str(rng.randrange(10)) for _ in range(rng.choice([4, 5, 6, 6, 7, 8, 8, 10, 12])))
    said = " ".join(digits(rng, n) if rng.random() < .7 else pairs(rng, n))
    return rng.choice([
        f"the order number is {said}", f"my confirmation number is {said}",
        f"ticket {said}", f"your reference number is {said}", f"tracking number {said}",
        f"invoice number {said}", f"the claim number is {said}", f"it's case number {said}",
        f"the serial number on the back reads {said}", f"booking reference {said}",
    ])


def score(rng):
    return rng.choice([
        f"{rng.choice(TEAMS)} won {num(rng, 9)} to {num(rng, 9)} and then lost {num(rng, 9)} {num(rng, 9)}",
        f"it finished {num(rng)} to {num(rng)} after leading {num(rng)} {num(rng)} at the half",
        f"six four three six seven five that was the match",
        f"he scored {num(rng, 40)} points {num(rng, 15)} rebounds and {num(rng, 12)} assists",
        f"they were up three nothing then three one then three two then four two",
    ])


def address(rng):
    return rng.choice([
        f"i live at {num(rng)} {rng.choice(STREETS)} street apartment {num(rng)} {two(rng.randrange(10, 99))}",
        f"it is {ONES[rng.randrange(1, 10)]} {num(rng)} {rng.choice(STREETS)} avenue",
        f"take highway four oh one to exit {num(rng)} {num(rng)} then route {num(rng)}",
        f"{num(rng)} {num(rng)} {rng.choice(STREETS)} road unit {num(rng)} on the {rng.choice(ORD)} floor",
    ])


def count(rng):
    return rng.choice([
        "one two three four five six seven eight nine ten ready or not",
        "testing one two three one two three can you hear me",
        f"we need {num(rng)} of the small and {num(rng)} of the large and {num(rng)} of the others",
        f"press one for sales two for support three for billing or zero for an operator",
        f"{num(rng)} percent of {num(rng)} thousand people said yes and {num(rng)} percent said no",
        f"it is {num(rng)} degrees today and {num(rng)} tomorrow down to minus {num(rng, 20)}",
        f"there are three hundred and sixty five days and fifty two weeks in one year",
        f"chapter {num(rng, 30)} verses {num(rng, 30)} to {num(rng, 30)}",
        f"two or three times in the last five or six months maybe seven",
        f"the model is a {ONES[rng.randrange(1, 10)]} {num(rng)} {num(rng)} from twenty {num(rng, 24)}",
        f"it's version {ONES[rng.randrange(1, 10)]} dot {num(rng, 20)} dot {ONES[rng.randrange(10)]} dot {num(rng, 30)}",
        f"my speed is {num(rng)} point {ONES[rng.randrange(10)]} megabits down and {num(rng)} point {ONES[rng.randrange(10)]} up",
        f"look at the offers at example dot com slash deals",
        f"go to our website example dot com and click on the {rng.choice(ORD)} link",
        f"the account ends in four digits and i forgot all four of them",
        f"i have two kids one is four and the other one is seven for now",
        f"at the end of the day one of the two has to go",
        f"i called at nine and at ten and at eleven and nobody picked up",
    ])


ALL = [price, date, time, order, score, address, count]
