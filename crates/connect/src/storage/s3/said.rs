//! What a store answers when it is asked about uploads in parts, read from its XML.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::requests::Part;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Begun {
    upload_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    #[serde(default)]
    is_truncated: bool,
    #[serde(default)]
    part: Vec<ListedPart>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListedPart {
    part_number: u32,
    #[serde(rename = "ETag")]
    etag: String,
    size: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Ended {
    code: Option<String>,
    #[serde(rename = "ETag")]
    etag: Option<String>,
}

/// The name of an upload that was begun.
pub(super) fn begun(answer: &[u8]) -> Option<String> {
    read::<Begun>(answer).map(|begun| begun.upload_id).filter(|id| !id.is_empty())
}

/// The parts of one page, and whether another page follows.
pub(super) fn listed(answer: &[u8]) -> Option<(Vec<Part>, bool)> {
    let Listed { is_truncated, part } = read(answer)?;
    let parts = part.into_iter().map(|ListedPart { part_number, etag, size }| Part {
        number: part_number,
        etag: etag.trim_matches('"').to_owned(),
        size,
    });
    Some((parts.collect(), is_truncated))
}

/// The code of a refusal, if it is one.
pub(super) fn refused(answer: &[u8]) -> Option<String> {
    read::<Ended>(answer)?.code
}

/// Whether the object was made.
pub(super) fn completed(answer: &[u8]) -> bool {
    read::<Ended>(answer).is_some_and(|ended| ended.etag.is_some())
}

fn read<T: DeserializeOwned>(answer: &[u8]) -> Option<T> {
    quick_xml::de::from_str(std::str::from_utf8(answer).ok()?.trim()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_of_parts_is_read_as_stores_write_it() {
        let said = br#"<?xml version="1.0" encoding="UTF-8"?>
            <ListPartsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
              <Bucket>b</Bucket><Key>k</Key><UploadId>u</UploadId><PartNumberMarker>0</PartNumberMarker>
              <NextPartNumberMarker>2</NextPartNumberMarker><MaxParts>2</MaxParts><IsTruncated>true</IsTruncated>
              <Part><PartNumber>1</PartNumber><ETag>"aa"</ETag><Size>8</Size></Part>
              <Part><PartNumber>2</PartNumber><ETag>&quot;BB&quot;</ETag><Size>3</Size></Part>
            </ListPartsResult>"#;
        let part = |number, etag: &str, size| Part { number, etag: etag.to_owned(), size };
        assert_eq!(listed(said), Some((vec![part(1, "aa", 8), part(2, "BB", 3)], true)));
        let none = b"<ListPartsResult><IsTruncated>false</IsTruncated></ListPartsResult>";
        assert_eq!(listed(none), Some((Vec::new(), false)));
        assert_eq!(listed(b"<ListPartsResult><Part></ListPartsResult>"), None);
    }

    #[test]
    fn a_refusal_is_told_from_an_object_whatever_status_it_came_with() {
        let refusal =
            b"<?xml version=\"1.0\"?>\n<Error><Code>InternalError</Code><Message>no</Message></Error>";
        assert_eq!((refused(refusal).as_deref(), completed(refusal)), (Some("InternalError"), false));
        let object =
            b"\n  <CompleteMultipartUploadResult><ETag>\"a-2\"</ETag></CompleteMultipartUploadResult>";
        assert_eq!((refused(object), completed(object)), (None, true));
        assert_eq!((refused(b""), completed(b"")), (None, false));
    }
}
