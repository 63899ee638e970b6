//! Filler text: everyday words and sentences that hold no personal data, and the planted terms
//! of the special categories.

use crate::chance::Chance;
use crate::sink::Sink;

const WORDS: &str = "a about after again all also always and another any are around as ask at back \
because been before began below best better between big both bring but by call came can car \
change children close cold come could country cut day did different do does done door down each \
early end enough even every eyes far fast father feet few find fire first five follow food for \
found four from front full gave get give go good got great green ground group grow had half hand \
hard has have he head hear help her here high him his hold home hot house how hundred idea if in \
inch into is it its just keep kind king knew know land large last late learn leave left let letter \
life light like line list little live long look low machine made make many map may me mean men \
might mile mind more most morning mother move much must my name near need never new next night no \
north note nothing notice now number of off often old on once one only open or order other our out \
over own page paper part pass people perhaps picture piece place plain plan plant play point port \
press pull put question quick quite rain ran reach read ready real red remember rest right river \
road room round rule run said same saw say school sea second see seem sentence serve set seven \
several shall she ship short should show side simple since sing six sleep slow small snow so some \
song soon sound south special spell stand star start state stay step still stood stop story street \
strong study such sun sure table take talk teach tell ten than thank that the their them then there \
these they thing think this those though thought three through time to together told too took top \
toward town travel tree true try turn two under unit until up upon us use usual very voice vowel \
wait walk want war warm was watch water way we week weight well went were west what wheel when \
where which while white who why will wind with without wonder wood word work world would write \
year yes yet you young your appointment balance booking callback carrier contract coverage deposit \
discount estimate handset installer invoice mailbox outage plumber quote refund reminder router \
schedule signal spare technician tenant transfer voicemail warranty workshop";

/// Planted terms with their entity: each is unmistakable on its own.
const TERMS: &[(&str, &str)] = &[
    ("special.health", "chemotherapy"),
    ("special.health", "type 2 diabetes"),
    ("special.health", "schizophrenia"),
    ("special.health", "epilepsy"),
    ("special.religion_or_belief", "synagogue"),
    ("special.religion_or_belief", "mosque"),
    ("special.trade_union", "trade union"),
    ("special.trade_union", "shop steward"),
    ("special.sexual_orientation", "bisexual"),
    ("special.criminal", "parole officer"),
    ("special.genetic", "DNA test"),
    ("special.political_opinion", "communist party"),
];

/// The word list, ready to draw from.
pub struct Words {
    all: Vec<&'static str>,
}

impl Words {
    /// Splits the list once.
    pub fn new() -> Self {
        Self {
            all: WORDS.split_whitespace().collect(),
        }
    }

    /// One word.
    pub fn word(&self, chance: &mut Chance) -> &'static str {
        chance.of(&self.all)
    }

    /// Writes a sentence of `count` words without its full stop.
    pub fn clause(&self, chance: &mut Chance, sink: &mut Sink<'_>, count: u32) {
        let first = self.word(chance);
        sink.put(format_args!(
            "{}{}",
            first[..1].to_ascii_uppercase(),
            &first[1..]
        ));
        for place in 1..count {
            sink.text(if place % 9 == 8 { ", " } else { " " });
            sink.text(self.word(chance));
        }
    }
}

/// A term of a special category and its entity.
pub fn term(chance: &mut Chance) -> (&'static str, &'static str) {
    TERMS[chance.below(TERMS.len() as u32) as usize]
}
