//! Calls with known words, and their transcripts in the shapes that services write.

use std::fmt::Write;
use std::ops::Range;

/// Bytes before the sound of [`Call::wav`].
pub(crate) const HEADER: usize = 44;

/// A word and when it was said.
pub(crate) struct Word {
    pub(crate) text: &'static str,
    pub(crate) ms: Range<u64>,
    pub(crate) personal: bool,
}

/// A call: sentences of words.
pub(crate) struct Call {
    pub(crate) sentences: Vec<Vec<Word>>,
}

impl Call {
    /// A call with two numbers.
    pub(crate) fn usual() -> Call {
        let mut at = 500;
        let mut said = |words: &[(&'static str, u64)]| -> Vec<Word> {
            at += 1_500;
            words
                .iter()
                .map(|&(text, length)| {
                    let ms = at..at + length;
                    at += length + 120;
                    let personal = text.contains("0123") || text.contains("0199");
                    Word { text, ms, personal }
                })
                .collect()
        };
        Call {
            sentences: vec![
                said(&[("thanks", 300), ("for", 150), ("calling", 400)]),
                said(&[
                    ("my", 200),
                    ("number", 350),
                    ("is", 150),
                    ("416-555-0123", 3_000),
                ]),
                said(&[("great", 300), ("and", 200), ("another", 400), ("one", 200)]),
                said(&[("call", 250), ("212-555-0199", 2_800), ("please", 400)]),
                said(&[("bye", 300), ("now", 300)]),
            ],
        }
    }

    fn words(&self) -> impl Iterator<Item = &Word> {
        self.sentences.iter().flatten()
    }

    pub(crate) fn personal(&self) -> impl Iterator<Item = &Word> {
        self.words().filter(|word| word.personal)
    }

    /// The cue in which a word stands.
    pub(crate) fn cue_of(&self, word: &Word) -> Range<u64> {
        let sentence = self
            .sentences
            .iter()
            .find(|sentence| sentence.iter().any(|other| other.ms == word.ms));
        span(sentence.unwrap())
    }

    /// A recording of it in mu-law at 8 kHz, that is silent nowhere.
    pub(crate) fn wav(&self) -> Vec<u8> {
        let end = self.words().map(|word| word.ms.end).max().unwrap() + 700;
        let sound: Vec<u8> = (0..end * 8).map(|at| 0x90 + (at * 7 % 23) as u8).collect();
        let mut wav = b"RIFF".to_vec();
        wav.extend((36 + sound.len() as u32).to_le_bytes());
        wav.extend(b"WAVEfmt \x10\0\0\0\x07\0\x01\0");
        wav.extend(8_000u32.to_le_bytes());
        wav.extend(8_000u32.to_le_bytes());
        wav.extend(b"\x01\0\x08\0data");
        wav.extend((sound.len() as u32).to_le_bytes());
        wav.extend(sound);
        assert_eq!(wav.len(), HEADER + end as usize * 8);
        wav
    }

    /// The same with a tag behind the sound that names its artist.
    pub(crate) fn wav_by(&self, artist: &str) -> Vec<u8> {
        let mut wav = self.wav();
        let mut text = artist.as_bytes().to_vec();
        text.resize(artist.len().next_multiple_of(2), 0);
        wav.extend(b"LIST");
        wav.extend((4 + 8 + text.len() as u32).to_le_bytes());
        wav.extend(b"INFOIART");
        wav.extend((text.len() as u32).to_le_bytes());
        wav.extend(text);
        let size = wav.len() as u32 - 8;
        wav[4..8].copy_from_slice(&size.to_le_bytes());
        wav
    }

    fn text(&self) -> String {
        let sentences: Vec<String> = self.sentences.iter().map(|words| text(words)).collect();
        sentences.join(". ")
    }
}

fn text(words: &[Word]) -> String {
    let words: Vec<&str> = words.iter().map(|word| word.text).collect();
    words.join(" ")
}

fn span(words: &[Word]) -> Range<u64> {
    words.first().unwrap().ms.start..words.last().unwrap().ms.end
}

/// A shape of transcripts.
pub(crate) struct Shape {
    pub(crate) name: &'static str,
    pub(crate) ending: &'static str,
    /// Whether words have times of their own.
    pub(crate) by_words: bool,
    pub(crate) write: fn(&Call) -> String,
}

pub(crate) const SHAPES: &[Shape] = &[
    Shape {
        name: "WebVTT",
        ending: "vtt",
        by_words: false,
        write: vtt,
    },
    Shape {
        name: "SubRip",
        ending: "srt",
        by_words: false,
        write: srt,
    },
    Shape {
        name: "AWS Transcribe",
        ending: "json",
        by_words: true,
        write: aws,
    },
    Shape {
        name: "Contact Lens",
        ending: "json",
        by_words: true,
        write: contact_lens,
    },
    Shape {
        name: "Deepgram",
        ending: "json",
        by_words: true,
        write: deepgram,
    },
    Shape {
        name: "AssemblyAI",
        ending: "json",
        by_words: true,
        write: assemblyai,
    },
    Shape {
        name: "Google",
        ending: "json",
        by_words: true,
        write: google,
    },
    Shape {
        name: "Azure",
        ending: "json",
        by_words: true,
        write: azure,
    },
    Shape {
        name: "Whisper",
        ending: "json",
        by_words: true,
        write: whisper,
    },
];

fn clock(ms: u64, mark: char) -> String {
    let (seconds, part) = (ms / 1000, ms % 1000);
    format!(
        "{:02}:{:02}:{:02}{mark}{part:03}",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60
    )
}

pub(crate) fn vtt(call: &Call) -> String {
    call.sentences
        .iter()
        .fold("WEBVTT\n".to_owned(), |mut out, words| {
            let ms = span(words);
            let (start, end) = (clock(ms.start, '.'), clock(ms.end, '.'));
            let _ = writeln!(out, "\n{start} --> {end}\n<v Ann>{}</v>", text(words));
            out
        })
}

fn srt(call: &Call) -> String {
    let cues = call.sentences.iter().zip(1..).map(|(words, number)| {
        let ms = span(words);
        format!(
            "{number}\n{} --> {}\n{}\n\n",
            clock(ms.start, ','),
            clock(ms.end, ','),
            text(words)
        )
    });
    cues.collect()
}

/// Objects of all words, one behind the other.
fn each(words: &[&Word], write: impl Fn(&Word) -> String) -> String {
    let all: Vec<String> = words.iter().map(|word| write(word)).collect();
    all.join(",\n")
}

fn all(call: &Call) -> Vec<&Word> {
    call.words().collect()
}

fn seconds(ms: u64) -> String {
    format!("{}.{:03}", ms / 1000, ms % 1000)
}

fn aws(call: &Call) -> String {
    let items = each(&all(call), |word| {
        let (start, end) = (seconds(word.ms.start), seconds(word.ms.end));
        format!(
            r#"{{"start_time":"{start}","end_time":"{end}","type":"pronunciation","alternatives":[{{"confidence":"0.98","content":"{}"}}]}}"#,
            word.text
        )
    });
    format!(
        r#"{{"jobName":"job","results":{{"transcripts":[{{"transcript":"{}"}}],"items":[{items}]}},"status":"COMPLETED"}}"#,
        call.text()
    )
}

fn contact_lens(call: &Call) -> String {
    let turns: Vec<String> = call.sentences.iter().map(|words| {
        let ms = span(words);
        let items = each(&words.iter().collect::<Vec<_>>(), |word| {
            format!(r#"{{"Content":"{}","BeginOffsetMillis":{},"EndOffsetMillis":{}}}"#, word.text, word.ms.start, word.ms.end)
        });
        format!(r#"{{"ParticipantId":"CUSTOMER","Content":"{}","BeginOffsetMillis":{},"EndOffsetMillis":{},"Items":[{items}]}}"#, text(words), ms.start, ms.end)
    }).collect();
    format!(
        r#"{{"Channel":"VOICE","Transcript":[{}]}}"#,
        turns.join(",\n")
    )
}

fn deepgram(call: &Call) -> String {
    let words = each(&all(call), |word| {
        format!(
            r#"{{"word":"{0}","start":{1},"end":{2},"confidence":0.99,"punctuated_word":"{0}"}}"#,
            word.text,
            seconds(word.ms.start),
            seconds(word.ms.end)
        )
    });
    let sentences: Vec<String> = call
        .sentences
        .iter()
        .map(|words| {
            let ms = span(words);
            format!(
                r#"{{"text":"{}","start":{},"end":{}}}"#,
                text(words),
                seconds(ms.start),
                seconds(ms.end)
            )
        })
        .collect();
    format!(
        r#"{{"metadata":{{"duration":60.5}},"results":{{"channels":[{{"alternatives":[{{"transcript":"{}","confidence":0.99,"words":[{words}],"paragraphs":{{"paragraphs":[{{"sentences":[{}]}}]}}}}]}}]}}}}"#,
        call.text(),
        sentences.join(",")
    )
}

fn assemblyai(call: &Call) -> String {
    let words = each(&all(call), |word| {
        format!(
            r#"{{"text":"{}","start":{},"end":{},"confidence":0.97,"speaker":"A"}}"#,
            word.text, word.ms.start, word.ms.end
        )
    });
    format!(
        r#"{{"id":"x","status":"completed","text":"{}","words":[{words}]}}"#,
        call.text()
    )
}

fn google(call: &Call) -> String {
    let words = each(&all(call), |word| {
        format!(
            r#"{{"startTime":"{}s","endTime":"{}s","word":"{}"}}"#,
            seconds(word.ms.start),
            seconds(word.ms.end),
            word.text
        )
    });
    format!(
        r#"{{"results":[{{"alternatives":[{{"transcript":"{}","confidence":0.9,"words":[{words}]}}]}}]}}"#,
        call.text()
    )
}

fn azure(call: &Call) -> String {
    let phrases: Vec<String> = call.sentences.iter().map(|sentence| {
        let ms = span(sentence);
        let words = each(&sentence.iter().collect::<Vec<_>>(), |word| {
            format!(r#"{{"word":"{}","offset":"PT{}S","duration":"PT{}S","offsetInTicks":{},"durationInTicks":{}}}"#, word.text, seconds(word.ms.start), seconds(word.ms.end - word.ms.start), word.ms.start * 10_000, (word.ms.end - word.ms.start) * 10_000)
        });
        let said = text(sentence);
        format!(r#"{{"recognitionStatus":"Success","offset":"PT{}S","duration":"PT{}S","offsetInTicks":{},"nBest":[{{"confidence":0.9,"lexical":"{said}","itn":"{said}","maskedITN":"{said}","display":"{said}","words":[{words}]}}]}}"#, seconds(ms.start), seconds(ms.end - ms.start), ms.start * 10_000)
    }).collect();
    format!(
        r#"{{"combinedRecognizedPhrases":[{{"channel":0,"lexical":"{0}","display":"{0}"}}],"recognizedPhrases":[{1}]}}"#,
        call.text(),
        phrases.join(",\n")
    )
}

fn whisper(call: &Call) -> String {
    let segments: Vec<String> = call
        .sentences
        .iter()
        .zip(0..)
        .map(|(sentence, id)| {
            let ms = span(sentence);
            let words = each(&sentence.iter().collect::<Vec<_>>(), |word| {
                format!(
                    r#"{{"word":" {}","start":{},"end":{},"probability":0.9}}"#,
                    word.text,
                    seconds(word.ms.start),
                    seconds(word.ms.end)
                )
            });
            format!(
                r#"{{"id":{id},"start":{},"end":{},"text":" {}","words":[{words}]}}"#,
                seconds(ms.start),
                seconds(ms.end),
                text(sentence)
            )
        })
        .collect();
    format!(
        r#"{{"text":"{}","segments":[{}],"language":"en"}}"#,
        call.text(),
        segments.join(",\n")
    )
}
