//! Times as the services write them, each by the same few words: "call", "416", "555", "0123".

use super::*;

/// The spans of the place of `value` in `text`.
fn when(format: &str, text: &str, value: &str) -> Option<When> {
    let timeline = Timeline::of(format, text.as_bytes()).expect("a transcript with times");
    let at = text.rfind(value).expect("the value");
    timeline.when(&[at as u64..(at + value.len()) as u64])
}

/// Spans without padding, of a timeline of words.
fn exact(format: &str, text: &str, value: &str) -> Range<u64> {
    let timeline = Timeline::of(format, text.as_bytes()).expect("a transcript with times");
    let at = text.rfind(value).expect("the value");
    let spoken = timeline.spoken.iter().find(|s| s.place.contains(&at));
    spoken.expect("a time").ms.clone()
}

#[test]
fn every_service_tells_times_in_its_own_way() {
    for (name, format, text) in [
        (
            "AWS Transcribe",
            "json",
            r#"{"results":{"transcripts":[{"transcript":"call 416"}],"items":[
          {"start_time":"0.5","end_time":"0.8","type":"pronunciation","alternatives":[{"confidence":"0.9","content":"call"}]},
          {"start_time":"1.25","end_time":"1.9","type":"pronunciation","alternatives":[{"confidence":"0.9","content":"416"}]},
          {"type":"punctuation","alternatives":[{"content":"."}]}]}}"#,
        ),
        (
            "Contact Lens",
            "json",
            r#"{"Transcript":[{"ParticipantId":"CUSTOMER","Content":"call 4","BeginOffsetMillis":500,"EndOffsetMillis":1900,
          "Items":[{"Content":"call","BeginOffsetMillis":500,"EndOffsetMillis":800},{"Content":"416","BeginOffsetMillis":1250,"EndOffsetMillis":1900}]}]}"#,
        ),
        (
            "Deepgram",
            "json",
            r#"{"results":{"channels":[{"alternatives":[{"transcript":"call","words":[
          {"word":"call","start":0.5,"end":0.8,"confidence":0.99},{"word":"416","start":1.25,"end":1.9}]}]}]}}"#,
        ),
        (
            "AssemblyAI",
            "json",
            r#"{"text":"call","words":[{"text":"call","start":500,"end":800,"speaker":"A"},
          {"text":"416","start":1250,"end":1900,"speaker":"A"}],"audio_duration":12.5}"#,
        ),
        (
            "Google",
            "json",
            r#"{"results":[{"alternatives":[{"transcript":"call","words":[
          {"startTime":"0.500s","endTime":"0.800s","word":"call"},{"startTime":"1.250s","endTime":"1.900s","word":"416"}]}]}]}"#,
        ),
        (
            "Google v2",
            "json",
            r#"{"results":[{"alternatives":[{"words":[
          {"startOffset":"0.5s","endOffset":"0.8s","word":"call"},{"startOffset":"1.25s","endOffset":"1.9s","word":"416"}]}]}]}"#,
        ),
        (
            "Azure",
            "json",
            r#"{"recognizedPhrases":[{"offset":"PT0.5S","duration":"PT1.4S","offsetInTicks":5000000,"nBest":[{"lexical":"call me",
          "words":[{"word":"call","offset":"PT0.5S","duration":"PT0.3S","offsetInTicks":5000000,"durationInTicks":3000000},
          {"word":"416","offset":"PT1.25S","duration":"PT0.65S","offsetInTicks":12500000,"durationInTicks":6500000}]}]}]}"#,
        ),
        (
            "Azure, real time",
            "json",
            r#"{"NBest":[{"Words":[{"Word":"call","Offset":5000000,"Duration":3000000},{"Word":"416","Offset":12500000,"Duration":6500000}]}]}"#,
        ),
        (
            "Whisper",
            "json",
            r#"{"segments":[{"id":0,"start":0.0,"end":2.0,"text":" call x","words":[
          {"word":" call","start":0.5,"end":0.8},{"word":" 416","start":1.25,"end":1.9}]}]}"#,
        ),
        (
            "whisper.cpp",
            "json",
            r#"{"transcription":[{"timestamps":{"from":"00:00:00,500","to":"00:00:00,800"},"offsets":{"from":500,"to":800},"text":" call"},
          {"timestamps":{"from":"00:00:01,250","to":"00:00:01,900"},"offsets":{"from":1250,"to":1900},"text":" 416"}]}"#,
        ),
        (
            "Rev.ai",
            "json",
            r#"{"monologues":[{"speaker":0,"elements":[{"type":"text","value":"call","ts":0.5,"end_ts":0.8},
          {"type":"punct","value":" "},{"type":"text","value":"416","ts":1.25,"end_ts":1.9}]}]}"#,
        ),
        (
            "WebVTT",
            "vtt",
            "WEBVTT\n\n00:00.500 --> 00:00.800\ncall\n\n00:01.250 --> 00:01.900 align:start\n<v Ann>416</v>\n",
        ),
        (
            "WebVTT, words",
            "vtt",
            "WEBVTT\n\n00:00.500 --> 00:01.900\ncall <00:01.250>416\n",
        ),
        (
            "SubRip",
            "srt",
            "1\r\n00:00:00,500 --> 00:00:00,800\r\ncall\r\n\r\n2\r\n00:00:01,250 --> 00:00:01,900\r\n416\r\n",
        ),
    ] {
        assert_eq!(exact(format, text, "416"), 1250..1900, "{name}");
    }
}

#[test]
fn words_are_muted_with_the_pauses_around_them() {
    let text = r#"{"words":[{"text":"call","start":500,"end":800},{"text":"416","start":1250,"end":1900},
        {"text":"555","start":2000,"end":2400},{"text":"now","start":4000,"end":4300}]}"#;
    // Half of 450 ms before it, and 250 behind it though half of the pause is less.
    assert_eq!(when("json", text, "416").unwrap().spans, [1025..2150]);
    // Not all of the long pause behind it.
    assert_eq!(when("json", text, "555").unwrap().spans, [1850..2800]);
    let timeline = Timeline::of("json", text.as_bytes()).unwrap();
    let at = |value: &str| {
        let at = text.find(value).unwrap() as u64;
        at..at + 3
    };
    let both = timeline.when(&[at("416"), at("555")]).unwrap();
    assert_eq!(both.spans, [1025..2800]);
    assert!(both.by_words);
    assert_eq!(timeline.end(), 4300);
}

#[test]
fn a_segment_stands_for_its_words_and_may_be_a_second_off() {
    let text = r#"{"segments":[{"start":2,"end":5,"text":" call 416 555"},{"start":5,"end":7,"text":" and then"}]}"#;
    let when = when("json", text, "416").unwrap();
    assert_eq!(when.spans, [1000..6000]);
    assert!(!when.by_words);
}

#[test]
fn what_has_no_time_is_said_to_have_none() {
    let text = r#"{"text":"call 416","words":[{"text":"call","start":500,"end":800},{"text":"x","start":900,"end":950}]}"#;
    assert!(when("json", text, "416").is_none());
    let timeline = Timeline::of("json", text.as_bytes()).unwrap();
    let at = text.find("call 416").unwrap() as u64;
    assert!(timeline.is_said(&(at + 5..at + 8)));
    for none in [
        r#"{"calls":[{"caller":"416","start":1700000000,"end":1700000100},{"caller":"417","start":1700000000,"end":1700000100}]}"#,
        "[1,2,3]",
        "",
        r#"{"words":[{"word":"a","start":"#,
    ] {
        assert!(Timeline::of("json", none.as_bytes()).is_none(), "{none}");
    }
    assert!(Timeline::of("vtt", b"WEBVTT\n\nNOTE nothing\n").is_none());
    assert!(Timeline::of("csv", b"a,b\n").is_none());
    // What is known of a call was not said in it.
    let text = r#"{"caller":"416","text":"call 555"}"#;
    let timeline = Timeline::of("json", text.as_bytes()).unwrap();
    assert_eq!(timeline.end(), 0);
    let said = |value: &str| {
        let at = text.find(value).unwrap() as u64;
        timeline.is_said(&(at..at + 3))
    };
    assert!(said("555") && !said("416"));
    let text = "callerid=416\nAnn: call 555\n";
    let timeline = Timeline::of("text", text.as_bytes()).unwrap();
    assert!(timeline.is_said(&(23..26)) && !timeline.is_said(&(9..12)));
}

#[test]
fn deep_and_odd_input_is_walked_to_its_end() {
    let deep = format!("{}{}", "{\"a\":[".repeat(40_000), "1");
    assert!(Timeline::of("json", deep.as_bytes()).is_none());
    let odd = r#"{"words":[{"text":"a","start":1e400,"end":-5},{"text":"b","start":-1,"end":nan},{"text":"c","start":9,"end":3}]}"#;
    let end = Timeline::of("json", odd.as_bytes()).map_or(0, |timeline| timeline.end());
    assert_eq!(end, 0, "no time in it is one");
}
