//! Files with the same few values planted in them, in the way each format writes them down.

use std::path::Path;

/// One file.
pub(crate) struct Plant {
    /// What writes such files, for the table of formats.
    pub(crate) writer: &'static str,
    /// The file in `fixtures/`.
    pub(crate) file: &'static str,
    /// The format it is told as.
    pub(crate) format: &'static str,
    /// How often each value is found.
    pub(crate) found: &'static [(&'static str, usize)],
    /// The sample of a real program that was tried as well, where one is public.
    pub(crate) sample: &'static str,
}

impl Plant {
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
        std::fs::read(folder.join(self.file)).unwrap()
    }
}

/// The planted values, of which nothing may be left.
pub(crate) const VALUES: &[&str] = &[JO, ANN, MAIL];

/// Who is erased.
pub(crate) const JO: &str = "+14165550123";
const ANN: &str = "+16475550148";
pub(crate) const MAIL: &str = "jo@example.com";
const SMITH: &str = "+19055550134";
const CARD: &str = "4111111111111111";

const fn plant(
    writer: &'static str,
    file: &'static str,
    format: &'static str,
    found: &'static [(&'static str, usize)],
    sample: &'static str,
) -> Plant {
    Plant {
        writer,
        file,
        format,
        found,
        sample,
    }
}

pub(crate) const PLANTS: &[Plant] = &[
    // Transcripts.
    plant(
        "AWS Transcribe",
        "planted/aws-transcribe.json",
        "json",
        &[(JO, 3), (MAIL, 2)],
        "",
    ),
    plant(
        "Contact Lens, Call Analytics",
        "planted/contact-lens.json",
        "json",
        &[(JO, 3)],
        "aws_transcribe_call_analytics_example-call.json",
    ),
    plant(
        "Deepgram",
        "planted/deepgram.json",
        "json",
        &[(JO, 8)],
        "deepgram_utterances.json",
    ),
    plant(
        "AssemblyAI",
        "planted/assemblyai.json",
        "json",
        &[(JO, 6), (MAIL, 4)],
        "assemblyai_utterances.json",
    ),
    plant(
        "Google Speech-to-Text",
        "planted/google-stt.json",
        "json",
        &[(CARD, 2)],
        "",
    ),
    plant(
        "Azure Speech",
        "planted/azure-stt.json",
        "json",
        &[(JO, 9)],
        "",
    ),
    plant(
        "Whisper",
        "planted/whisper.json",
        "json",
        &[(JO, 3)],
        "whisper_timestamped.json",
    ),
    // Call records.
    plant(
        "CallTrackingMetrics",
        "planted/ctm-call.json",
        "json",
        &[(JO, 6), (ANN, 2), (MAIL, 1)],
        "",
    ),
    plant(
        "FreeSWITCH JSON CDR",
        "planted/freeswitch-cdr.json",
        "json",
        &[(JO, 3), (ANN, 1)],
        "",
    ),
    plant(
        "3CX",
        "planted/threecx.csv",
        "csv",
        &[(JO, 2), (ANN, 2)],
        "",
    ),
    plant(
        "Kamailio accounting",
        "planted/kamailio.log",
        "text",
        &[(JO, 2), (ANN, 2)],
        "",
    ),
    // Messages.
    plant(
        "WhatsApp export",
        "planted/whatsapp.txt",
        "text",
        &[(JO, 1), (ANN, 1), (MAIL, 1)],
        "whatsapp_test_ddmmyy_24hrs.txt",
    ),
    plant(
        "WhatsApp export, iOS",
        "planted/whatsapp-ios.txt",
        "text",
        &[(JO, 1), (ANN, 1)],
        "",
    ),
    plant(
        "Telegram export",
        "planted/telegram.json",
        "json",
        &[(JO, 2), (MAIL, 2)],
        "telegram_single_export.json",
    ),
    plant(
        "Slack export",
        "planted/slack.json",
        "json",
        &[(JO, 3), (MAIL, 2)],
        "enrique_2016-03-25.json",
    ),
    plant(
        "Signal text",
        "planted/signal.txt",
        "text",
        &[(JO, 2), (MAIL, 1)],
        "signal_cli_export.txt",
    ),
    // Logs.
    plant(
        "nginx",
        "planted/nginx.log",
        "text",
        &[(JO, 3), (MAIL, 2)],
        "lnav_logfile_access_log.0",
    ),
    plant(
        "Apache",
        "planted/apache-error.log",
        "text",
        &[(JO, 1), (MAIL, 1)],
        "fail2ban_apache-auth.log",
    ),
    plant(
        "HAProxy",
        "planted/haproxy.log",
        "text",
        &[(JO, 2), (MAIL, 1)],
        "",
    ),
    plant(
        "IIS, W3C",
        "planted/iis.log",
        "text",
        &[(JO, 1), (MAIL, 1)],
        "lnav_logfile_w3c.2",
    ),
    plant(
        "syslog, RFC 3164",
        "planted/syslog3164.log",
        "text",
        &[(JO, 1), (MAIL, 1)],
        "lnav_logfile_syslog.0",
    ),
    plant(
        "syslog, RFC 5424",
        "planted/syslog5424.log",
        "text",
        &[(JO, 1), (MAIL, 1)],
        "",
    ),
    plant(
        "Asterisk full",
        "planted/asterisk-full.log",
        "text",
        &[(JO, 2), (ANN, 1)],
        "fail2ban_asterisk.log",
    ),
    plant(
        "FreeSWITCH log",
        "planted/freeswitch.log",
        "text",
        &[(JO, 2)],
        "fail2ban_freeswitch.log",
    ),
    plant(
        "JSON in JSON in JSON Lines",
        "planted/nested.jsonl",
        "jsonl",
        &[(JO, 3), (MAIL, 2)],
        "lnav_logfile_bunyan.0",
    ),
    plant(
        "JSON in JSON in a log",
        "planted/nested.log",
        "text",
        &[(JO, 1), (MAIL, 1)],
        "",
    ),
    plant(
        "logfmt",
        "planted/logfmt.log",
        "text",
        &[(JO, 1), (MAIL, 1)],
        "lnav_logfile_logfmt.0",
    ),
    plant(
        "journald JSON",
        "planted/journald.json",
        "jsonl",
        &[(JO, 1), (MAIL, 1)],
        "lnav_logfile_journald.json",
    ),
    plant(
        "colours in a log",
        "planted/ansi.log",
        "text",
        &[(JO, 1), (MAIL, 1)],
        "lnav_logfile_ansi.1",
    ),
    plant(
        "Mitel and other fixed-width SMDR",
        "planted/mitel-smdr.txt",
        "fixed-width",
        &[(JO, 1), (ANN, 1)],
        "",
    ),
    plant(
        "vCard",
        "planted/contacts.vcf",
        "vcard",
        &[(JO, 2), (ANN, 2), (SMITH, 1), (MAIL, 1)],
        "",
    ),
    plant(
        "iMessage attributedBody",
        "planted/body.typedstream",
        "typedstream",
        &[(JO, 1), (MAIL, 1)],
        "attributedBody_ExtraData.typedstream",
    ),
    plant(
        "iMessage attributedBody, long",
        "planted/body-long.typedstream",
        "typedstream",
        &[(JO, 1), (MAIL, 1)],
        "attributedBody_WeirdText.typedstream",
    ),
    plant(
        "iMessage edits and links",
        "planted/edited.plist",
        "binary-plist",
        &[(JO, 1), (ANN, 2), (MAIL, 1)],
        "Edited.plist",
    ),
    plant(
        "syslog over TCP, RFC 6587",
        "planted/syslog-octets.log",
        "syslog-tcp",
        &[(JO, 1), (MAIL, 1)],
        "",
    ),
    plant(
        "Asterisk security",
        "planted/asterisk-security.log",
        "text",
        &[(JO, 1)],
        "",
    ),
    plant(
        "SIP trace",
        "planted/sip.trace",
        "text",
        &[(JO, 3), (ANN, 2)],
        "osip_torture_msgs2",
    ),
    plant(
        "journald export",
        "planted/journald.export",
        "journal-export",
        &[(JO, 1), (ANN, 1), (MAIL, 1)],
        "",
    ),
    plant(
        "mysqldump",
        "planted/mysqldump.sql",
        "sql",
        &[(JO, 5), (ANN, 1), (MAIL, 1)],
        "",
    ),
    plant(
        "pg_dump",
        "planted/pg_dump.sql",
        "sql",
        &[(JO, 4), (ANN, 2), (MAIL, 2)],
        "",
    ),
    plant(
        "Rev, Otter and other text",
        "planted/rev.txt",
        "text",
        &[(JO, 1), (MAIL, 1)],
        "",
    ),
    plant(
        "queues, JSON with base64",
        "planted/packed.json",
        "json",
        &[(JO, 1), (MAIL, 1)],
        "",
    ),
    plant(
        "XML with base64",
        "planted/packed.xml",
        "xml",
        &[(JO, 1), (MAIL, 1)],
        "",
    ),
    plant(
        "XML divided by CDATA and comments",
        "planted/divided.xml",
        "xml",
        &[(JO, 2), (ANN, 1), (MAIL, 2)],
        "",
    ),
    plant(
        "logs with words in base64 and hexadecimal",
        "planted/coded.log",
        "text",
        &[(JO, 1), (ANN, 1), (MAIL, 1)],
        "",
    ),
    plant(
        "tables with cells in base64",
        "planted/coded.csv",
        "csv",
        &[(JO, 1), (MAIL, 1)],
        "",
    ),
];
