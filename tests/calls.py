#!/usr/bin/env python3
"""Makes calls in which numbers are said and keyed in, redacts them, and listens to what is left.

    tests/calls.py EFFACE [CALLS] [SEED]

Each call is spoken word by word by `espeak-ng`, so that it is known when each was said, over a noise
that is silent nowhere; a card is keyed in by tones made with `sox`. It is stored in every container
that is muted, with the number in its tags, beside a transcript in one of nine shapes. Then
`EFFACE redact --in-place` runs over all, and every file is decoded by `sox`, `flac`, `oggdec` and
`lame`, which share no code with it. What is shown:

- no value is left in any file (`tests/traces.py` looks for them, decoded in every way);
- every number that was said is inside what is silent now, to -60 dBFS;
- how much is silent beyond the number and its padding (150 ms before, 250 behind).

Ends with 1 when a bar does not hold. Debian: espeak-ng sox libsox-fmt-mp3 flac vorbis-tools lame.
"""

import json
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import warnings

warnings.simplefilter("ignore", DeprecationWarning)
import audioop  # noqa: E402

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import traces  # noqa: E402

RATE = 8000
WINDOW = 10
LEAD, TRAIL = 150, 250
MOST_BEYOND = 400
# A codec's frames go whole: milliseconds on either side that its container may add.
FRAMES = {"ogg": 128, "mp3": 3 * 72 + 150, "gsm": 60, "wav49": 60}
QUIET = 33  # -60 dBFS of 16 bits
NUMERALS = "zero one two three four five six seven eight nine".split()
CHATTER = """thanks for calling how can i help you today sure let me look at that please hold on a moment
yes of course it was last week i think so the printer is still broken and nobody came""".split()
KEYS = {
    key: (low, high)
    for low, row in zip((697, 770, 852, 941), ("123A", "456B", "789C", "*0#D"))
    for high, key in zip((1209, 1336, 1477, 1633), row)
}
PAUSE = 70
CARD = "4111111111111111"


def run(*args):
    return subprocess.run(args, check=True, capture_output=True).stdout


RAW = ["-t", "raw", "-r", str(RATE), "-e", "signed", "-b", "16", "-c", "1"]
SPOKEN = {}


def spoken(word):
    """The samples of a word, without the silence around it."""
    if word not in SPOKEN:
        sound = run("espeak-ng", "-v", "en-us", "--stdout", word)
        made = subprocess.run(
            ["sox", "-t", "wav", "-", *RAW, "-", "silence", "1", "0.005", "0.3%", "reverse",
             "silence", "1", "0.005", "0.3%", "reverse"],
            input=sound, check=True, capture_output=True)
        SPOKEN[word] = made.stdout
    return SPOKEN[word]


def tones(keys):
    out = b""
    for key in keys:
        low, high = KEYS[key]
        out += run("sox", "-n", *RAW, "-", "synth", "0.09", "sine", str(low), "synth", "0.09", "sine",
                   "mix", str(high), "gain", "-9")
        out += bytes(2 * RATE * PAUSE // 1000)
    return out


class Call:
    """What is said when: sentences of words, each `[text, start, end, value]` in milliseconds."""

    def __init__(self, dice, digits_apart):
        self.sound, self.sentences, self.values = b"", [], []
        self.keyed = []
        numbers = [f"{dice.choice((416, 647, 905, 212))}5550{dice.randrange(100, 200)}"
                   for _ in range(dice.randrange(1, 4))]
        for number in numbers:
            self.say(dice, dice.choices(CHATTER, k=dice.randrange(3, 9)), None)
            text = [*dice.choices(CHATTER, k=2), "my", "number", "is"]
            said = [NUMERALS[int(digit)] for digit in number]
            if not digits_apart:
                said = [f"{number[:3]}-{number[3:6]}-{number[6:]}"]
            self.say(dice, text + said + ["please"], (number, len(text), len(said)))
            self.values.append(number)
        if dice.random() < 0.5:
            self.pause(1500)
            start = len(self.sound) * 1000 // (2 * RATE)
            self.sound += tones(CARD + "#")
            self.keyed.append((start, len(self.sound) * 1000 // (2 * RATE) - PAUSE))
            self.values.append(CARD)
            self.pause(2500)
        self.say(dice, dice.choices(CHATTER, k=5), None)
        self.pause(1500)
        noise = run("sox", "-n", *RAW, "-", "synth", str(len(self.sound) / 2 / RATE), "whitenoise",
                    "vol", "0.03")
        noise = noise[: len(self.sound)].ljust(len(self.sound), b"\0")
        self.sound = audioop.add(self.sound, noise, 2)

    def pause(self, ms):
        self.sound += bytes(2 * (RATE * ms // 1000))

    def say(self, dice, words, value):
        self.pause(dice.randrange(800, 2000))
        sentence = []
        for at, word in enumerate(words):
            heard = word
            if "-" in word:
                heard = " ".join(NUMERALS[int(digit)] for digit in word if digit != "-")
            start = len(self.sound) * 1000 // (2 * RATE)
            self.sound += spoken(heard)
            end = len(self.sound) * 1000 // (2 * RATE)
            mine = value and value[1] <= at < value[1] + value[2]
            sentence.append([word, start, end, value[0] if mine else None])
            self.pause(dice.randrange(40, 160))
        self.sentences.append(sentence)

    def spans(self, by_words):
        """When each number was said: by its words, or by the sentence it stands in."""
        for sentence in self.sentences:
            own = [word for word in sentence if word[3]]
            if own:
                of = own if by_words else sentence
                yield of[0][1], of[-1][2]


def text(words):
    return " ".join(word[0] for word in words)


def sec(ms):
    return ms / 1000


def clock(ms, mark):
    return f"{ms // 3600000:02}:{ms // 60000 % 60:02}:{ms // 1000 % 60:02}{mark}{ms % 1000:03}"


def words_of(call):
    return [word for sentence in call.sentences for word in sentence]


def whole(call):
    return ". ".join(text(sentence) for sentence in call.sentences)


def vtt(call):
    cues = [f"\n{clock(s[0][1], '.')} --> {clock(s[-1][2], '.')}\n<v Ann>{text(s)}</v>\n"
            for s in call.sentences]
    return "WEBVTT\n" + "".join(cues)


def srt(call):
    return "".join(f"{n}\n{clock(s[0][1], ',')} --> {clock(s[-1][2], ',')}\n{text(s)}\n\n"
                   for n, s in enumerate(call.sentences, 1))


def aws(call):
    items = [{"start_time": f"{sec(a):.3f}", "end_time": f"{sec(b):.3f}", "type": "pronunciation",
              "alternatives": [{"confidence": "0.98", "content": w}]} for w, a, b, _ in words_of(call)]
    return json.dumps({"jobName": "job", "results": {
        "transcripts": [{"transcript": whole(call)}], "items": items}})


def contact_lens(call):
    return json.dumps({"Channel": "VOICE", "Transcript": [
        {"ParticipantId": "CUSTOMER", "Content": text(s), "BeginOffsetMillis": s[0][1],
         "EndOffsetMillis": s[-1][2],
         "Items": [{"Content": w, "BeginOffsetMillis": a, "EndOffsetMillis": b} for w, a, b, _ in s]}
        for s in call.sentences]}, indent=1)


def deepgram(call):
    words = [{"word": w, "start": sec(a), "end": sec(b), "confidence": 0.99, "punctuated_word": w}
             for w, a, b, _ in words_of(call)]
    sentences = [{"text": text(s), "start": sec(s[0][1]), "end": sec(s[-1][2])} for s in call.sentences]
    return json.dumps({"metadata": {"duration": 60.5}, "results": {"channels": [{"alternatives": [
        {"transcript": whole(call), "words": words,
         "paragraphs": {"paragraphs": [{"sentences": sentences}]}}]}]}})


def assemblyai(call):
    words = [{"text": w, "start": a, "end": b, "confidence": 0.97, "speaker": "A"}
             for w, a, b, _ in words_of(call)]
    return json.dumps({"id": "x", "status": "completed", "text": whole(call), "words": words})


def google(call):
    words = [{"startTime": f"{sec(a):.3f}s", "endTime": f"{sec(b):.3f}s", "word": w}
             for w, a, b, _ in words_of(call)]
    return json.dumps({"results": [{"alternatives": [{"transcript": whole(call), "words": words}]}]})


def azure(call):
    def when(start, end):
        return {"offset": f"PT{sec(start):.3f}S", "duration": f"PT{sec(end - start):.3f}S",
                "offsetInTicks": start * 10000, "durationInTicks": (end - start) * 10000}

    phrases = [{"recognitionStatus": "Success", "channel": 0, **when(s[0][1], s[-1][2]), "nBest": [
        {"confidence": 0.9, "lexical": text(s), "itn": text(s), "maskedITN": text(s), "display": text(s),
         "words": [{"word": w, **when(a, b)} for w, a, b, _ in s]}]} for s in call.sentences]
    return json.dumps({"combinedRecognizedPhrases": [{"channel": 0, "display": whole(call)}],
                       "recognizedPhrases": phrases})


def whisper(call):
    segments = [{"id": n, "start": sec(s[0][1]), "end": sec(s[-1][2]), "text": " " + text(s),
                 "words": [{"word": " " + w, "start": sec(a), "end": sec(b)} for w, a, b, _ in s]}
                for n, s in enumerate(call.sentences)]
    return json.dumps({"text": whole(call), "segments": segments, "language": "en"})


# A shape: what writes it, its ending, whether words have times of their own.
SHAPES = [(vtt, "vtt", False), (srt, "srt", False), (aws, "json", True), (contact_lens, "json", True),
          (deepgram, "json", True), (assemblyai, "json", True), (google, "json", True),
          (azure, "json", True), (whisper, "json", True)]

# A container: its ending, what makes it of `in.wav`, and what decodes it to a WAV on its output.
SOX = ["sox", "{in}", "--comment", "call of {number}"]
CONTAINERS = {
    "wav": ([*SOX, "-e", "mu-law", "{out}"], ["sox", "{out}", "-t", "wav", "-e", "signed", "-b", "16", "-"]),
    "pcm": ([*SOX, "-t", "wav", "{out}"], ["sox", "-t", "wav", "{out}", "-t", "wav", "-"]),
    "wav49": ([*SOX, "-t", "wav", "-e", "gsm-full-rate", "{out}"],
              ["sox", "-t", "wav", "{out}", "-t", "wav", "-e", "signed", "-b", "16", "-"]),
    "gsm": (["sox", "{in}", "{out}"], ["sox", "{out}", "-t", "wav", "-e", "signed", "-b", "16", "-"]),
    "mp3": (["lame", "--quiet", "--tc", "call of {number}", "{in}", "{out}"],
            ["lame", "--quiet", "--decode", "{out}", "-"]),
    "flac": (["flac", "-s", "-T", "CALLER={number}", "-o", "{out}", "{in}"],
             ["flac", "-s", "-d", "-c", "{out}"]),
    "ogg": (["oggenc", "-Q", "-c", "CALLER={number}", "-o", "{out}", "{in}"],
            ["oggdec", "-Q", "-o", "-", "{out}"]),
}
ENDINGS = {"pcm": "wav", "wav49": "wav"}


def decoded(command, path):
    """The samples of a file, as another decoder hears them."""
    wav = run(*(part.format(out=path) for part in command))
    return wav[wav.index(b"data") + 8:]


def written(file):
    """What of a file may be writing: of a recording what can be read in it, of one byte or of two."""
    content = file.read_bytes()
    if file.suffix in (".json", ".vtt", ".srt"):
        return content
    wide = re.findall(rb"(?:[ -~]\0){6,}", content)
    return b"\n".join(re.findall(rb"[ -~]{6,}", content) + [run[::2] for run in wide])


def windows(sound):
    step = 2 * RATE * WINDOW // 1000
    return [audioop.max(sound[at:at + step], 2) for at in range(0, len(sound) - step + 1, step)]


def main():
    efface = str(pathlib.Path(sys.argv[1]).resolve())
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 14
    dice = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    home = tempfile.TemporaryDirectory()
    folder = pathlib.Path(home.name) / "calls"
    folder.mkdir()
    made = []
    for number in range(count):
        container = list(CONTAINERS)[number % len(CONTAINERS)]
        for nth, (shape, ending, by_words) in enumerate(SHAPES):
            call = Call(dice, digits_apart=by_words and dice.random() < 0.6)
            stem = f"call-{number}-{nth}"
            path = folder / f"{stem}.{ENDINGS.get(container, container)}"
            source = folder.parent / "in.wav"
            subprocess.run(["sox", *RAW, "-", str(source)], input=call.sound, check=True)
            make, read = CONTAINERS[container]
            run(*(part.format(**{"in": source, "out": path, "number": call.values[0]}) for part in make))
            (folder / f"{stem}.{ending}").write_text(shape(call))
            made.append((call, container, shape.__name__, by_words, path, decoded(read, path)))
    environment = {"HOME": home.name, "PATH": "/usr/bin:/bin", "XDG_STATE_HOME": home.name}
    ran = subprocess.run([efface, "redact", "--in-place", str(folder)], env=environment,
                         capture_output=True, text=True)
    faults = []
    if ran.returncode != 0:
        faults.append(f"exit code {ran.returncode}: {ran.stdout[-2000:]}{ran.stderr}")
    values = 0
    most = {}
    for call, container, shape, by_words, path, before in made:
        where = f"{path.name} ({container}, {shape})"
        for file in folder.glob(path.stem + ".*"):
            for value in traces.traces(written(file), call.values):
                faults.append(f"{file.name} ({shape}): {value} is left")
        after = decoded(CONTAINERS[container][1], path)
        if len(after) != len(before):
            faults.append(f"{where}: {len(before)} bytes of sound became {len(after)}")
        spans = [*call.spans(by_words), *call.keyed]
        values += len(spans)
        for start, end in spans:
            peak = audioop.max(after[2 * RATE * start // 1000:2 * RATE * end // 1000], 2)
            if peak > QUIET:
                faults.append(f"{where}: {peak} is heard between {start} and {end} ms")
        loud, left = windows(before), windows(after)
        for at, (was, now) in enumerate(zip(loud, left)):
            if was > QUIET and now <= QUIET:
                ms = at * WINDOW
                beyond = min(max(start - LEAD - ms - WINDOW, ms - end - TRAIL, 0) for start, end in spans)
                key = (container, "words" if by_words else "cues")
                most[key] = max(most.get(key, 0), beyond)
    for (container, kind), beyond in sorted(most.items()):
        print(f"{container:6} by {kind}: at most {beyond} ms silent beyond the padding")
        if beyond > MOST_BEYOND + FRAMES.get(container, 0):
            faults.append(f"{container}: {beyond} ms beyond the padding")
    scan = subprocess.run([efface, "scan", str(folder)], env=environment, capture_output=True, text=True)
    if scan.returncode != 0:
        faults.append(f"a scan ends with {scan.returncode}: {scan.stdout[-1500:]}")
    seconds = sum(len(before) for *_, before in made) / 2 / RATE
    print(f"{len(made)} calls, {seconds / 60:.0f} min, {values} numbers said or keyed in, {len(faults)} faults")
    for fault in faults:
        print(fault)
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
