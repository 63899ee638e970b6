//! The README is true: every command it shows is run and answers what it says.
//!
//! In a `console` block a line that starts with `$ ` is a command and what follows is all it
//! writes; a line `...` stands for any number of lines. `$ echo $?` shows the exit code of the
//! command before it, in the same block. Times are not compared. With `EFFACE_UPDATE_README` set
//! the answers are written into the README, to be reviewed as a change of it; lines around a `...`
//! keep their number.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::Path;
use std::process::{Command, Output, Stdio};

/// A command and the answer the README promises.
struct Shown {
    /// Line of the README, counted from 0.
    line: usize,
    command: String,
    answer: Vec<String>,
}

/// The commands of every `console` block, block by block.
fn blocks(readme: &str) -> Vec<Vec<Shown>> {
    let mut blocks = Vec::new();
    let mut open: Option<Vec<Shown>> = None;
    for (line, text) in readme.lines().enumerate() {
        match &mut open {
            None if text == "```console" => open = Some(Vec::new()),
            None => {}
            Some(_) if text == "```" => blocks.extend(open.take()),
            Some(block) => match text.strip_prefix("$ ") {
                Some(command) => block.push(Shown {
                    line,
                    command: command.to_owned(),
                    answer: Vec::new(),
                }),
                None => block.last_mut().unwrap().answer.push(text.to_owned()),
            },
        }
    }
    assert!(open.is_none(), "the last block of the README is not closed");
    blocks
}

/// Runs a command as a shell of a fresh clone would, with the built program in place of cargo's, and
/// a folder of its own for `/tmp` and the state.
fn run(command: &str, own: &Path) -> Output {
    let command = command.replace("cargo run --release -- ", "efface ");
    let command = command.replace("/tmp/", &format!("{}/", own.display()));
    let program = Path::new(env!("CARGO_BIN_EXE_efface"));
    let mut path = program.parent().unwrap().as_os_str().to_owned();
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap());
    let mut shell = Command::new("sh");
    for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS", "CI"] {
        shell.env_remove(name);
    }
    shell
        .args(["-c", &format!("exec 2>&1; {command}")])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("PATH", path)
        .env("XDG_STATE_HOME", own.join("state"))
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

/// What the README would have to say; exit codes are told as `echo $?` tells them.
fn answers(block: &[Shown], own: &Path) -> Vec<Option<Vec<String>>> {
    let mut code = 0;
    block
        .iter()
        .map(|shown| {
            if shown.command == "echo $?" {
                return Some(vec![code.to_string()]);
            }
            // This is what is running now.
            if shown.command.starts_with("cargo test") {
                return None;
            }
            let output = run(&shown.command, own);
            code = output.status.code().unwrap();
            let text = String::from_utf8(output.stdout).unwrap();
            let text = text.replace(own.to_str().unwrap(), "/tmp");
            Some(text.lines().map(str::to_owned).collect())
        })
        .collect()
}

/// A line without the time it took, as the table and the JSON lines tell it.
fn timeless(line: &str) -> String {
    let mut line = line.to_owned();
    for (before, after) in [(", in ", " s"), ("\"seconds\":", "}")] {
        if let Some(at) = line.rfind(before) {
            let start = at + before.len();
            let end = line[start..].rfind(after).map_or(start, |i| start + i);
            line.replace_range(start..end, "0");
        }
    }
    line
}

/// The lines before and after a `...`, if there is one.
fn elided(answer: &[String]) -> Option<(&[String], &[String])> {
    let at = answer.iter().position(|line| line == "...")?;
    Some((&answer[..at], &answer[at + 1..]))
}

fn same(promised: &[String], given: &[String]) -> bool {
    promised.len() == given.len()
        && std::iter::zip(promised, given).all(|(p, g)| timeless(p) == timeless(g))
}

fn holds(promised: &[String], given: &[String]) -> bool {
    match elided(promised) {
        None => same(promised, given),
        Some((head, tail)) => {
            head.len() + tail.len() <= given.len()
                && same(head, &given[..head.len()])
                && same(tail, &given[given.len() - tail.len()..])
        }
    }
}

/// The answer as it would be shown: as many lines around a `...` as there are now.
fn shortened(promised: &[String], given: &[String]) -> Vec<String> {
    match elided(promised) {
        Some((head, tail)) if head.len() + tail.len() <= given.len() => [
            &given[..head.len()],
            &["...".to_owned()],
            &given[given.len() - tail.len()..],
        ]
        .concat(),
        _ => given.to_vec(),
    }
}

#[test]
fn every_command_answers_what_the_readme_says() {
    let file = format!("{}/README.md", env!("CARGO_MANIFEST_DIR"));
    let readme = std::fs::read_to_string(&file).unwrap();
    let mut lines: Vec<String> = readme.lines().map(str::to_owned).collect();
    let mut wrong = Vec::new();
    let blocks = blocks(&readme);
    assert!(blocks.len() >= 5, "the README shows what there is");
    // From the last to the first, so that lines keep their numbers while answers are replaced.
    let own = tempfile::tempdir().unwrap();
    let given: Vec<_> = blocks
        .iter()
        .map(|block| answers(block, own.path()))
        .collect();
    for (block, given) in std::iter::zip(&blocks, given).rev() {
        for (shown, given) in std::iter::zip(block, given).rev() {
            let Some(given) = given.filter(|given| !holds(&shown.answer, given)) else {
                continue;
            };
            let answer = shortened(&shown.answer, &given);
            let at = shown.line + 1;
            wrong.push(format!(
                "README.md:{at}: $ {}\n{}",
                shown.command,
                answer.join("\n")
            ));
            lines.splice(at..at + shown.answer.len(), answer);
        }
    }
    if std::env::var_os("EFFACE_UPDATE_README").is_some() {
        #[expect(clippy::disallowed_methods, reason = "asked for, to be reviewed")]
        std::fs::write(&file, lines.join("\n") + "\n").unwrap();
        return;
    }
    assert!(
        wrong.is_empty(),
        "the README says otherwise; the answers are\n\n{}\n\nEFFACE_UPDATE_README=1 writes them",
        wrong.join("\n\n")
    );
}

#[test]
fn the_first_two_commands_build_and_test() {
    let file = format!("{}/README.md", env!("CARGO_MANIFEST_DIR"));
    let readme = std::fs::read_to_string(file).unwrap();
    let commands: Vec<String> = blocks(&readme)
        .into_iter()
        .flatten()
        .map(|shown| shown.command)
        .filter(|command| command.starts_with("cargo "))
        .collect();
    assert_eq!(
        commands,
        ["cargo run --release -- scan fixtures/demo", "cargo test"]
    );
}
