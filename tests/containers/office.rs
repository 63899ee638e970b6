//! Office documents: text in strings, cells, runs, comments and properties, by their own readers.

use crate::bench::Bench;
use crate::make::{Zipped, zip};

const SHEET: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const WORD: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";

fn workbook() -> Vec<u8> {
    let head = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>";
    let strings = format!(
        "{head}<sst xmlns=\"{SHEET}\" count=\"3\" uniqueCount=\"3\"><si><t>Phone</t></si>\
         <si><t>call +14165550123</t></si><si><r><t>+1 416 5</t></r><r><rPr><b/></rPr>\
         <t>55 0124</t></r></si></sst>"
    );
    let sheet = format!(
        "{head}<worksheet xmlns=\"{SHEET}\"><sheetData><row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v>\
         </c></row><row r=\"2\"><c r=\"A2\" t=\"s\"><v>1</v></c><c r=\"B2\"><v>14165550125</v></c>\
         <c r=\"C2\" t=\"inlineStr\"><is><t>+14165550126</t></is></c><c r=\"D2\" t=\"str\">\
         <f>\"+14165550127\"</f><v>+14165550127</v></c></row></sheetData></worksheet>"
    );
    let core = format!(
        "{head}<cp:coreProperties xmlns:cp=\"http://schemas.openxmlformats.org/package/2006/\
         metadata/core-properties\"><cp:keywords>+14165550128</cp:keywords></cp:coreProperties>"
    );
    zip(
        &[
            Zipped::new("xl/sharedStrings.xml", strings.as_bytes()),
            Zipped::new("xl/worksheets/sheet1.xml", sheet.as_bytes()),
            Zipped::new("docProps/core.xml", core.as_bytes()),
        ],
        b"",
    )
}

fn document() -> Vec<u8> {
    let body = format!(
        "<?xml version=\"1.0\"?><w:document xmlns:w=\"{WORD}\"><w:body><w:p><w:r><w:t>Call +1 4</w:t>\
         </w:r><w:proofErr w:type=\"spellStart\"/><w:r><w:rPr><w:b/></w:rPr><w:t>16 555</w:t></w:r>\
         <w:r><w:t xml:space=\"preserve\"> 0131 &amp; ask</w:t></w:r></w:p><w:p><w:del><w:r>\
         <w:delText>+14165550132</w:delText></w:r></w:del><w:ins><w:r><w:t>gone</w:t></w:r></w:ins>\
         </w:p><w:p><w:r><w:t>416</w:t></w:r></w:p><w:p><w:r><w:t>5550133</w:t></w:r></w:p>\
         </w:body></w:document>"
    );
    let comments = format!(
        "<?xml version=\"1.0\"?><w:comments xmlns:w=\"{WORD}\"><w:comment w:author=\"a@example.com\">\
         <w:p><w:r><w:t>+14165550134</w:t></w:r></w:p></w:comment></w:comments>"
    );
    zip(
        &[
            Zipped::new("word/document.xml", body.as_bytes()),
            Zipped::new("word/comments.xml", comments.as_bytes()),
        ],
        b"",
    )
}

#[test]
fn values_go_from_every_place_and_the_document_stays_valid() {
    let bench = Bench::new();
    bench.put("b.xlsx", &workbook());
    bench.put("d.docx", &document());
    assert_eq!(
        bench.findings("b.xlsx"),
        [
            "b.xlsx!xl/sharedStrings.xml +14165550123",
            "b.xlsx!xl/sharedStrings.xml +14165550124",
            "b.xlsx!xl/worksheets/sheet1.xml +14165550125",
            "b.xlsx!xl/worksheets/sheet1.xml +14165550126",
            "b.xlsx!xl/worksheets/sheet1.xml +14165550127",
            "b.xlsx!xl/worksheets/sheet1.xml +14165550127",
            "b.xlsx!docProps/core.xml +14165550128",
        ]
    );
    // Two paragraphs are two lines, whatever they would make together.
    assert_eq!(
        bench.findings("d.docx"),
        [
            "d.docx!word/document.xml +14165550131",
            "d.docx!word/document.xml +14165550132",
            "d.docx!word/comments.xml a@example.com",
            "d.docx!word/comments.xml +14165550134",
        ]
    );
    for name in ["b.xlsx", "d.docx"] {
        let ran = bench.run(&["redact", "--in-place", name]);
        assert_eq!(ran.code, 0, "{name}: {}{}", ran.out, ran.err);
        assert!(bench.findings(name).is_empty(), "{name}");
        let ran = bench.run(&["redact", "--in-place", name]);
        assert!(ran.out.starts_with("nothing to change"), "{}", ran.out);
    }
    let read = "
import re, xml.etree.ElementTree as E, zipfile
z = zipfile.ZipFile('b.xlsx')
assert z.testzip() is None
n = '{http://schemas.openxmlformats.org/spreadsheetml/2006/main}'
strings = E.fromstring(z.read('xl/sharedStrings.xml'))
print([''.join(t.text for t in si.iter(n + 't')) for si in strings])
sheet = E.fromstring(z.read('xl/worksheets/sheet1.xml'))
print([(c.get('r'), ''.join(c.itertext())) for c in sheet.iter(n + 'c')])
d = E.fromstring(zipfile.ZipFile('d.docx').read('word/document.xml'))
print([''.join(p.itertext()) for p in d.iter() if p.tag.endswith('}p')])
";
    let said = bench.python(&[read]);
    let expected = "['Phone', 'call ************', '***************']
[('A1', '0'), ('A2', '1'), ('B2', '10000000000'), ('C2', '************'), ('D2', '\"100000000000\"************')]
['Call *************** & ask', '************gone', '416', '5550133']";
    assert!(
        said.as_deref().is_none_or(|said| said == expected),
        "{said:?}"
    );
}

/// Strings are counted by others and rows are numbered: none of them goes as a record.
#[test]
fn records_of_documents_stay() {
    let bench = Bench::new();
    let old = workbook();
    bench.put("b.xlsx", &old);
    let ran = bench.run(&[
        "erase",
        "--records",
        "--subject",
        "+14165550123",
        "--apply",
        "b.xlsx",
    ]);
    assert_eq!(ran.code, 3, "{}{}", ran.out, ran.err);
    assert_eq!(bench.get("b.xlsx"), old);
    let ran = bench.run(&[
        "erase",
        "--values",
        "--subject",
        "+14165550123",
        "--apply",
        "b.xlsx",
    ]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert_eq!(bench.findings("b.xlsx").len(), 6);
}
