//! The fixtures and what is to become of them.

use std::path::Path;

/// One fixture.
pub(crate) struct Case {
    /// The fixture's file.
    pub(crate) name: &'static str,
    /// The format it is told as.
    pub(crate) format: &'static str,
    /// Canonical value, number of parts, record, field and party of each finding.
    pub(crate) found: &'static [&'static str],
    /// What redacting changes.
    pub(crate) masked: &'static [(&'static str, &'static str)],
    /// A Python script that reads the file named by its argument and prints what it says.
    pub(crate) reader: &'static str,
    /// What it prints once the file is redacted.
    pub(crate) read_masked: &'static str,
    /// Whose records go.
    pub(crate) subject: &'static str,
    /// What erasing changes.
    pub(crate) erased: &'static [(&'static str, &'static str)],
    /// What the reader prints then.
    pub(crate) read_erased: &'static str,
}

impl Case {
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/formats");
        std::fs::read(folder.join(self.name)).unwrap()
    }
}

/// Reads a message backup as the app's own restore would; it knows no halves of surrogate pairs,
/// so they are joined first.
const SMS: &str = "
import re, sys, xml.etree.ElementTree as E
text = open(sys.argv[1], encoding='utf-8').read()
text = text.replace('&#55357;&#56832;', '&#128512;')
root = E.fromstring(text)
print(root.get('count'), [(m.tag, m.get('address'), m.get('body')) for m in root])
";

const XML: &str = "
import sys, xml.etree.ElementTree as E
text = open(sys.argv[1], encoding='utf-8').read()
print([''.join(e.itertext()).strip() for e in E.fromstring(text).iter() if len(e) == 0])
";

/// Reads captions as the WebVTT standard and SubRip's custom have it: blocks apart by blank lines.
const CUES: &str = "
import html, re, sys
text = open(sys.argv[1], encoding='utf-8', newline='').read().replace('\\r\\n', '\\n')
cues = []
for block in re.split(r'\\n\\n+', text.strip()):
    lines = block.split('\\n')
    at = next((i for i, line in enumerate(lines) if '-->' in line), None)
    if at is not None:
        said = re.sub(r'<[^>]*>|{[^}]*}', '', '\\n'.join(lines[at + 1:]))
        cues.append((lines[at].split(' ')[0], html.unescape(said)))
print(cues)
";

/// Reads mail as Python's own libraries do.
const MAIL: &str = "
import email, email.header, mailbox, sys
if sys.argv[1].endswith('.mbox'):
    messages = list(mailbox.mbox(sys.argv[1]))
else:
    data = open(sys.argv[1], 'rb').read()
    messages = [email.message_from_bytes(data)] if data else []
said = []
for message in messages:
    sender = str(email.header.make_header(email.header.decode_header(message['From'])))
    leaves = [part for part in message.walk() if not part.is_multipart()]
    texts = [leaf.get_payload(decode=True).decode('utf-8').strip() for leaf in leaves]
    said.append((sender, [text.replace('\\r', '') for text in texts]))
print(said)
";

/// The whole message.
const EML: &str = r#"Received: from mail.example.net (mail.example.net [203.0.113.7])
	by mx.example.com; Thu, 2 May 2024 10:11:12 +0000
From: =?utf-8?Q?Jo_=28416=29_555=2D0123?= <jo@example.com>
To: help@example.org
Subject: Call me
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="b1"
X-Note: =?utf-8?B?NDE2LTU1NS0wMTIz?=

--b1
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

My number is 416-555=
-0123, caf=C3=A9 =3D nice, or mail jo=40example.com.

--b1
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: base64

U2Vjb25kIGNvcHk6IDQxNi01NTUtMDEyMyBmb3IgWm/Dqwo=

--b1
Content-Type: message/rfc822

From: a@example.com
Subject: inner

Call 647-555-0148
--b1--
"#;

/// The first message of the folder.
const FIRST: &str = r"From jo@example.com Thu May  2 10:11:12 2024
From: jo@example.com
To: help@example.org
Subject: one
Content-Length: 25

Please call 416-555-0123

";

/// The whole record of the call.
const CDR: &str = r#"<cdr core-uuid="5e2f1b0c-0000-4000-8000-0000000000aa">
  <channel_data>
    <state>CS_REPORTING</state>
    <flags>0=1;1=1;3=1;20=1</flags>
  </channel_data>
  <variables>
    <direction>inbound</direction>
    <sip_from_user>%2B14165550123</sip_from_user>
    <sip_from_uri>%2B14165550123%40pbx.example.com</sip_from_uri>
    <sip_network_ip>203.0.113.7</sip_network_ip>
    <start_epoch>1714040000</start_epoch>
  </variables>
  <callflow dialplan="XML">
    <caller_profile>
      <caller_id_number>+14165550123</caller_id_number>
      <destination_number>6475550148</destination_number>
    </caller_profile>
  </callflow>
</cdr>"#;

pub(crate) const CASES: &[Case] = &[
    Case {
        name: "sms.xml",
        format: "xml",
        found: &[
            "+14165550123 1 1 address sender",
            "+14165550123 1 1 body -",
            "+16475550148 1 2 address recipient",
            "+14165550123 1 3 address sender",
            "jo@example.com 1 3 parts.part.text -",
            "+14165550123 1 3 addrs.addr.address sender",
            "+19055550134 1 null smses -",
            "+16475550148 1 4 address sender",
        ],
        masked: &[
            ("\"+14165550123\"", "\"************\""),
            ("416&#45;555&#45;0123", "***&#42;***&#42;****"),
            ("\"+16475550148\"", "\"************\""),
            ("\"+14165550123\"", "\"************\""),
            ("jo&#64;example.com", "**&#42;***********"),
            ("\"+14165550123\"", "\"************\""),
            ("905-555-0134", "************"),
            ("\"+16475550148\"", "\"************\""),
        ],
        reader: SMS,
        read_masked: "4 [('sms', '************', 'Call ************ \u{1f600}\\nthanks & bye'), \
                      ('sms', '************', 'No numbers here'), \
                      ('mms', '************', None), ('sms', '************', 'ok')]",
        subject: "+14165550123",
        erased: &[
            ("count=\"4\"", "count=\"2\""),
            (
                "  <sms protocol=\"0\" address=\"+14165550123\" date=\"1512226167463\" type=\"1\" \
                 subject=\"null\" body=\"Call 416&#45;555&#45;0123 &#55357;&#56832;&#10;thanks \
                 &amp; bye\" toa=\"null\" service_center=\"null\" read=\"1\" \
                 contact_name=\"(Unknown)\" />\n",
                "",
            ),
            (
                "  <mms date=\"1512226208124\" msg_box=\"1\" address=\"+14165550123\" \
                 contact_name=\"(Unknown)\">\n    <parts>\n      <part seq=\"0\" \
                 ct=\"text/plain\" name=\"text.txt\" chset=\"106\" \
                 text=\"write to jo&#64;example.com\" data=\"null\" />\n    </parts>\n    \
                 <addrs>\n      <addr address=\"+14165550123\" type=\"137\" charset=\"106\" \
                 />\n    </addrs>\n  </mms>\n",
                "",
            ),
        ],
        read_erased: "2 [('sms', '+16475550148', 'No numbers here'), ('sms', '+16475550148', 'ok')]",
    },
    Case {
        name: "freeswitch-cdr.xml",
        format: "xml",
        found: &[
            "+14165550123 1 1 variables.sip_from_user sender",
            "+14165550123 1 1 variables.sip_from_uri sender",
            "203.0.113.7 1 1 variables.sip_network_ip -",
            "+14165550123 1 1 callflow.caller_profile.caller_id_number caller",
            "+16475550148 1 1 callflow.caller_profile.destination_number callee",
        ],
        masked: &[
            ("%2B14165550123<", "%2A***********<"),
            ("%2B14165550123%", "%2A***********%"),
            ("203.0.113.7", "***********"),
            ("+14165550123", "************"),
            ("6475550148", "**********"),
        ],
        reader: XML,
        read_masked: "['CS_REPORTING', '0=1;1=1;3=1;20=1', 'inbound', '%2A***********', \
                      '%2A***********%40pbx.example.com', '***********', '1714040000', \
                      '************', '**********']",
        subject: "+14165550123",
        erased: &[(CDR, "<cdr/>")],
        read_erased: "['']",
    },
    Case {
        name: "contacts.xml",
        format: "xml",
        found: &["+14165550123 1 1 phone -", "+16475550148 1 2 note -"],
        masked: &[
            ("&#x34;16-555-0123", "&#042;***********"),
            ("647-555-0148", "************"),
        ],
        reader: XML,
        read_masked: "['A', '************', 'B', 'call <b>************</b> & ask', 'C Example and Sons']",
        subject: "+16475550148",
        erased: &[(
            "<person id=\"2\"><name>B</name><note><![CDATA[call <b>647-555-0148</b> & \
             ask]]></note></person>\n",
            "",
        )],
        read_erased: "['A', '416-555-0123', 'C Example and Sons']",
    },
    Case {
        name: "call.vtt",
        format: "vtt",
        found: &[
            "ops@example.com 1 null - -",
            "+14165550123 3 2 text caller",
            "help@example.com 1 4 text agent",
        ],
        masked: &[
            ("ops@example.com", "***************"),
            ("416 555", "*******"),
            ("01<00:00:08.200>23", "**<00:00:08.200>**"),
            ("help&#64;example.com", "****&#42;***********"),
        ],
        reader: CUES,
        read_masked: "[('00:00:01.000', 'Thanks for calling. What is the best number?'), \
                      ('00:00:04.000', 'My number is *******'), \
                      ('00:00:07.500', '****, thanks & bye'), \
                      ('00:00:09.000', 'Mail us at ****************'), \
                      ('00:00:11.000', 'Goodbye')]",
        subject: "+14165550123",
        erased: &[(
            "2\n00:00:04.000 --> 00:00:07.500\n<v Caller>My number is 416 555\n\n3\n\
             00:00:07.500 --> 00:00:09.000\n<v Caller>01<00:00:08.200>23, thanks &amp; bye\n\n",
            "",
        )],
        read_erased: "[('00:00:01.000', 'Thanks for calling. What is the best number?'), \
                      ('00:00:09.000', 'Mail us at help@example.com'), \
                      ('00:00:11.000', 'Goodbye')]",
    },
    Case {
        name: "call.srt",
        format: "srt",
        found: &["+16475550148 2 1 text -", "jo@example.com 1 3 text -"],
        masked: &[
            ("(647)\r\n555-0148", "*****\r\n********"),
            ("jo@example.com", "**************"),
        ],
        reader: CUES,
        read_masked: "[('00:00:01,000', 'Please call *****\\n******** today'), \
                      ('00:00:04,000', 'or write'), ('00:00:07,000', 'to **************')]",
        subject: "jo@example.com",
        erased: &[(
            "3\r\n00:00:07,000 --> 00:00:09,000\r\nto jo@example.com\r\n",
            "",
        )],
        read_erased: "[('00:00:01,000', 'Please call (647)\\n555-0148 today'), \
                      ('00:00:04,000', 'or write')]",
    },
    Case {
        name: "call.eml",
        format: "eml",
        found: &[
            "203.0.113.7 1 1 Received -",
            "+14165550123 1 1 From sender",
            "jo@example.com 1 1 From sender",
            "help@example.org 1 1 To recipient",
            "+14165550123 1 1 X-Note -",
            "+14165550123 2 1 body -",
            "jo@example.com 1 1 body -",
            "+14165550123 1 1 body -",
            "a@example.com 1 1 From sender",
            "+16475550148 1 1 body -",
        ],
        masked: &[
            ("203.0.113.7", "***********"),
            ("=28416=29_555=2D0123", "=2A***=2A****=2A****"),
            ("jo@example.com", "**************"),
            ("help@example.org", "****************"),
            ("NDE2LTU1NS0wMTIz", "KioqKioqKioqKioq"),
            ("416-555=\n-0123", "*******=\n*****"),
            ("jo=40example.com", "**=2A***********"),
            ("IDQxNi01NTUtMDEyMy", "ICoqKioqKioqKioqKi"),
            ("a@example.com", "*************"),
            ("647-555-0148", "************"),
        ],
        reader: MAIL,
        read_masked: "[('Jo ************** <**************>', ['My number is ************, caf\u{e9} = nice, or mail **************.', \
                      'Second copy: ************ for Zo\u{eb}', 'Call ************'])]",
        subject: "+14165550123",
        erased: &[(EML, "")],
        read_erased: "[]",
    },
    Case {
        name: "archive.mbox",
        format: "mbox",
        found: &[
            "jo@example.com 1 1 From sender",
            "jo@example.com 1 1 From sender",
            "help@example.org 1 1 To recipient",
            "+14165550123 1 1 body -",
            "sam@example.net 1 2 From sender",
            "sam@example.net 1 2 From sender",
            "help@example.org 1 2 To recipient",
        ],
        masked: &[
            ("jo@example.com", "**************"),
            ("jo@example.com", "**************"),
            ("help@example.org", "****************"),
            ("416-555-0123", "************"),
            ("sam@example.net", "***************"),
            ("sam@example.net", "***************"),
            ("help@example.org", "****************"),
        ],
        reader: MAIL,
        read_masked: "[('**************', ['Please call ************']), \
                      ('***************', ['>From what I know, nothing.'])]",
        subject: "+14165550123",
        erased: &[(FIRST, "")],
        read_erased: "[('sam@example.net', ['>From what I know, nothing.'])]",
    },
];
