#!/usr/bin/env python3
"""Labelled call-like sentences for the special categories: our own, labelled as our own.

Each clause was written from what people say on calls, not from the packs. A clause is told in six
styles. Every second clause is held out: nobody may tune a pack to it. For each category there
are clauses that tell of it and clauses that use the same words, or words near them, innocently.
Prints JSON lines: {"text", "entity" or null, "near", "style", "held_out"}.
"""
import json

# {I} {am} {have} {my} are a first or a third person.
TELLS = {
    "health": """
{I} {have} been diagnosed with multiple sclerosis|{I} {am} going through chemotherapy until june
{my} son is autistic and cannot wait in a queue|{I} {have} type 2 diabetes
{I} {am} recovering from a stroke|{my} wife had a miscarriage last week|{I} {am} on dialysis twice a week
{I} {have} epilepsy and {am} not allowed to drive|{my} father has dementia|{I} {am} on antidepressants
{I} {have} asthma and the dust makes it worse|{I} {am} eight months pregnant
{my} daughter has cystic fibrosis|{I} {am} HIV positive|{I} {have} bipolar disorder|{my} mum has parkinson's disease
{I} {have} rheumatoid arthritis in both hands|{my} husband has lung cancer|{I} {have} schizophrenia|{I} {am} in a wheelchair since the accident""",
    "ethnic_origin": """
{my} parents are romani|{I} {am} of nigerian descent|{my} family is aboriginal|{I} {am} a black woman
{I} {am} hispanic|{my} grandmother is cherokee|{I} {am} of mixed race|{I} {am} an african american
{my} ethnicity is south asian|{I} {am} half japanese|{I} {am} of kurdish origin|{my} husband is arab
{I} {am} a person of colour|{my} mother is latina|{I} {am} ethnically chinese|{my} neighbours are roma
{I} {am} caucasian|{my} family is of turkish descent|{I} {am} métis|{I} {am} indigenous""",
    "political_opinion": """
{I} always {vote} labour|{I} {am} a registered republican|{I} {am} a card carrying communist
{I} {am} a lifelong democrat|{I} {am} a member of the conservative party|{I} {vote} for the green party
{my} husband is a trump supporter|{I} {am} a socialist|{I} {am} a libertarian|{I} {am} an anarchist
{I} campaigned for the liberal democrats|{I} {am} a party member of the snp|{I} {am} a marxist
{I} {am} a tory voter|{my} brother is a far right activist|{I} {am} a feminist activist|{I} {am} a brexit supporter
{I} volunteered for bernie sanders|{I} {am} pro-life and march every year|{I} {am} a registered democrat""",
    "religion_or_belief": """
{I} {am} a practising muslim|{I} {am} jewish and cannot answer on the sabbath|{I} {am} a jehovah's witness
{I} {am} a roman catholic|{I} {am} at the mosque on fridays|{I} {am} an atheist|{my} family is hindu
{I} {am} fasting for ramadan|{I} {am} a sikh and wear a turban|{I} {am} a buddhist|{my} husband is a baptist
{I} {am} a mormon|{I} {am} a born again christian|{I} {am} a quaker|{my} son has his bar mitzvah on saturday
{I} {am} an evangelical|{I} {am} agnostic|{I} {am} a scientologist|{I} go to the synagogue every week|{I} {am} a pagan""",
    "trade_union": """
{I} {am} a member of unison|{I} {am} the shop steward here|{I} {am} a trade union member|{I} {am} in the teamsters
{my} union dues come out of that account|{my} union rep told {me} to call|{I} {am} a union member|{I} joined the union in may
{I} {am} on strike with the nurses union|{I} {am} a unionised driver|{my} husband is in the gmb union
{I} {am} a branch secretary of the cwu|{I} pay {my} union fees monthly|{I} {am} a member of the teachers union
{I} {am} in ver.di|{my} trade union covers the cost|{I} {am} a union delegate|{I} {am} on the picket line today
{I} {have} a union card|{I} {am} a union organiser""",
    "genetic": """
{I} {have} the brca1 mutation|{my} genetic test came back positive|{I} {am} a carrier of the cystic fibrosis gene
{my} dna test showed it|{I} {have} a chromosomal abnormality|{I} {have} lynch syndrome|{I} did a 23andme test
{my} genome was sequenced|{I} {am} a carrier of sickle cell|{I} {have} a genetic predisposition to it
{I} carry the huntington's gene|{I} {have} factor v leiden|{my} paternity test came back|{I} {have} a faulty gene
{I} {have} fragile x syndrome|{I} {am} seeing a genetic counsellor|{my} daughter has a gene mutation
{I} {have} a hereditary mutation|{my} whole exome sequencing is done|{I} {am} brca positive""",
    "biometric": """
{my} fingerprint is on file|{my} voiceprint does not work|{you} took {my} retina scan|{my} face id template is stored
{I} enrolled {my} fingerprints last week|{my} iris scan was refused|{you} keep {my} biometric data
the facial recognition does not know {me}|{my} palm scan failed|{I} {have} to give {my} thumbprint
{my} voice biometrics are locked|{my} fingerprint scan did not match|{you} have a faceprint of {me}
{my} biometric passport photo was taken|{my} hand geometry was measured|{my} voice print is my password
{my} biometric template has to be deleted|the fingerprint reader will not take {my} thumb|{my} vein scan is stored|{my} facial scan was used""",
    "sex_life": """
{I} had an affair with a colleague|{I} {am} a sex addict|{I} {have} erectile dysfunction problems in bed
{I} {am} sexually active|{I} had a one night stand|{I} {am} a swinger|{I} {am} on birth control pills|{I} {am} a virgin
{I} {am} a sex worker|{I} use an escort service|{I} {am} in an open relationship|{I} {am} polyamorous
{my} husband watches porn on that line|{I} {have} an onlyfans account|{I} caught a sexually transmitted infection
{I} {have} a low libido|{I} called the sex line by mistake|{I} {am} into bdsm|{my} sex life is over|{I} had unprotected sex""",
    "sexual_orientation": """
{I} {am} gay|{I} {am} a lesbian|{I} {am} bisexual|{my} son came out as gay|{I} {am} a queer woman|{I} {am} a gay man
{I} {am} pansexual|{I} {am} asexual|{my} daughter is a lesbian|{I} {am} homosexual|{I} {am} heterosexual
{my} brother has a boyfriend, he is gay|{I} met {my} partner on grindr|{I} {am} in a same sex marriage
{I} {am} lgbtq|{my} sister is bi, she told us|{I} {am} closeted at work|{my} gay husband and {me}
{my} sexual orientation is nobody's business|{I} go to a gay bar on fridays""",
    "criminal": """
{I} {have} a criminal record|{I} {am} out on parole|{I} was convicted of fraud|{my} son is in prison
{I} {am} on probation until may|{I} served two years in jail|{I} {am} a convicted felon|{I} was arrested last night
{I} {am} a registered sex offender|{I} pleaded guilty to theft|{I} {have} a drunk driving conviction
{my} husband was charged with assault|{I} {am} on bail|{I} {have} a restraining order against {me}
{my} brother is serving a life sentence|{I} {am} wearing an ankle monitor|{I} got a caution for shoplifting
{I} {have} an outstanding warrant|{I} was found guilty of burglary|{I} {am} an ex-convict""",
}

INNOCENT = {
    "health": """
the signal is very healthy today|this phone is a pain in the neck|the campaign went viral|our network is sick of outages
the line went dead|that is a bitter pill for the sales team|the battery has a short life|we are crippled by the outage
the server had a stroke of luck|the cancer research line is for donations|you are insane to charge that
the router has a virus|the update is on life support|my contract gave me a headache|the plan is terminal at 5
please press one for the pharmacy department|the doctor's office is closed|he is nuts about this phone|the depression in the road broke the cable|no allergy to paperwork here""",
    "ethnic_origin": """
the chinese restaurant ordered a line|we ship from the german warehouse|the black phone is sold out|the white cable is longer
an indian summer slowed sales|the french toast place called|the spanish menu is press two|turkish airlines is the client
the race condition was fixed|it is black and white in the contract|the italian job is on at eight|the arabic keypad is missing
press nine for mandarin|the dutch office answers|the native app crashed|a japanese supplier sent it|the brown box arrived|black friday was busy|the polish on the case is gone|a white paper is attached""",
    "political_opinion": """
the labour cost is extra|a conservative estimate is two days|we had a party on the left side of town|the green light is on
i am liberal with sugar|the republic bank called|a democratic vote on the lunch menu|the right party answered the phone
the third party paid|the campaign ends on friday|the left channel is silent|the independent dealer sold it
i vote for the blue one|a radical new design|the party line is busy|the progressive lens is in|the union of both sets|the greens are for the salad|a liberal refund policy|press one for the labour department""",
    "religion_or_belief": """
oh my god the line is bad|christmas hours are shorter|jesus that is expensive|the christian name is jane|holy cow what a bill
the church street shop is open|for heaven's sake|bless you|the bible of telecoms is out|i pray it works
the temple bar branch|god knows when it comes|a religious reader of the manual|the easter offer ended|the chapel hill area code
i swear to god it rang|an act of god clause|the cardinal rule is to wait|the mass mailing went out|the cross connect is done""",
    "trade_union": """
the western union transfer arrived|the credit union called|the european union roaming rules|the union of two sets
student union building|the union jack phone case|the union square shop|strike that from the record|the strike price is ten
a lightning strike hit the mast|a civil union ceremony|reunion island calls cost more|the labour was two hours|the steward on the flight
soviet union documentary|strike while it is hot|i strike out every time|union station is noisy|the trade in value|the collective invoice is here""",
    "genetic": """
it is in our dna to answer fast|the gene on the phone is gene smith|the company dna|a genetic algorithm routes calls
the carrier is verizon|the carrier gene pool of offers|he inherited the account|the family plan runs in the family
a mutation in the array|the sequence of calls|the clone of the disk|an inherited contract|gene called at nine|the carrier was changed
generation five is here|the x chromosome lounge is a bar name|a hybrid line|the parent account|dna lounge ordered a line|sequencing of the queue""",
    "biometric": """
the fingerprint of the certificate|face to face meeting|at face value|the iris flowers arrived|on the face of it
i can put my finger on it|the palm tree resort|let us face it|a thumb drive is included|the eye test is free
the voice mail is full|rule of thumb|a retina display phone|the face plate cracked|the voice menu is long
the ssh key fingerprint changed|the hand set is broken|a vein of gold|the iris hotel called|the palm pilot is old""",
    "sex_life": """
the sexy new phone is out|the plug is male and the socket female|an affair of state|the state of affairs|an intimate venue booked
a virgin mobile contract|virgin media bill|the bed store called|press one for the sex discrimination policy
the naked dsl line|a strip of plugs|the escort mission failed in the game|a ford escort was sold|the adult fare is ten
an open relationship with suppliers|protection plan sold|the swing set broke|a hot line for boilers|the conference affair cost a lot|the climax of the film""",
    "sexual_orientation": """
go straight to voicemail|a straight answer please|the gay street address|he came out of the meeting|the partner portal is down
the orientation of the screen|a rainbow of colours|the pride of the team|pride and prejudice|the same sex calf pen
a bi weekly bill|the bi annual report|out and about today|a straight line|the partner discount|the queen street shop
the homogeneous network|an orientation session for staff|straight talk wireless|a fairy tale""",
    "criminal": """
the bill is a crime|you are killing me|i am a prisoner of this contract|daylight robbery those fees|the charge of ten dollars
the battery charge is low|i am guilty of not reading it|the cell is dead|the prison break series|the court street office
the sentence was cut off|he stole the show|the record of the call|the bar is open|arrested development is on
a conviction that it will work|the line was cut, criminal service|the jail house rock ringtone|the warrant officer is a rank|a parole in french is a word""",
}

FIRST = {"I": "i", "am": "am", "have": "have", "my": "my", "me": "me", "vote": "vote", "you": "you"}
THIRD = {"I": "she", "am": "is", "have": "has", "my": "her", "me": "her", "vote": "votes", "you": "we"}


def upper_first(text):
    return text[:1].upper() + text[1:]


# Name, how a clause is told, whose words.
STYLES = [
    ("call", lambda c: f"yeah hi um {c} so i wanted to ask about the bill", FIRST),
    ("note", lambda c: f"Customer note: {upper_first(c)}. Call back tomorrow.", THIRD),
    ("transcript", lambda c: f"CALLER: {upper_first(c)}, that is why nobody answered.", FIRST),
    ("text", lambda c: f"pls dont ring b4 6, {c}, thx", FIRST),
    ("mail", lambda c: f"Dear team, as I said on the phone, {c}, and I ask you to note it. Regards", FIRST),
    ("review", lambda c: f"QA 14/05 score 3: the agent was told that {c} but went on with the script", THIRD),
]


def clauses(text):
    return [c.strip() for line in text.strip().split("\n") for c in line.split("|") if c.strip()]


def sentences():
    for name in TELLS:
        for tells, source in ((True, TELLS), (False, INNOCENT)):
            for number, clause in enumerate(clauses(source[name])):
                for style, told, person in STYLES:
                    said = clause.format(**person) if tells else clause
                    yield {
                        "text": told(said),
                        "entity": f"special.{name}" if tells else None,
                        "near": f"special.{name}",
                        "style": style,
                        "held_out": number % 2 == 1,
                    }


if __name__ == "__main__":
    for sentence in sentences():
        print(json.dumps(sentence, ensure_ascii=False))
