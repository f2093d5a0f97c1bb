//! The answer to PROPFIND (RFC 4918, 13): one response after another, read while the rest is still on its way.
//!
//! What is not well-formed, or ends before its end, is an error; so is a document type, which no server sends and whose
//! entities could blow up a text. Elements that nobody asked for are passed over.

use jiff::Timestamp;
use quick_xml::errors::Error;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::Event;
use quick_xml::name::{Namespace, ResolveResult};
use quick_xml::reader::NsReader;
use tokio::io::AsyncBufRead;

use super::limits::{DEPTH_MAX, TEXT_MAX};
use crate::http::retry_after;
use crate::storage::{FileFacts, Kind, Trouble, Wrong};

/// What the server tells of one thing.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Response {
    /// Where it is, as sent.
    pub(super) href: String,
    /// A status that is no success: of the thing, or of a property that says what it is.
    pub(super) refused: Option<u16>,
    /// What it is, unless that was refused.
    pub(super) properties: Properties,
}

impl Response {
    /// Properties that came with a status of their own.
    fn add(&mut self, told: Properties, status: u16) {
        match status {
            200..300 => self.properties.add(told),
            // There are none of that name.
            404 => {}
            _ if told.is_told || told.length.is_some() => self.refused = Some(status),
            _ => {}
        }
    }
}

/// Properties that were told.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Properties {
    is_told: bool,
    is_folder: bool,
    length: Option<String>,
    modified: Option<String>,
    etag: Option<String>,
}

impl Properties {
    /// What they say that it is, or what is wrong with them.
    pub(super) fn kind(&self) -> Result<Kind, &'static str> {
        if self.is_folder {
            return Ok(Kind::Folder);
        }
        let length = self.length.as_deref().ok_or("it is no folder and has no length")?;
        let size = length.trim().parse().map_err(|_| "its length is no number")?;
        let modified = self.modified.as_deref().and_then(time);
        Ok(Kind::File(FileFacts { size, modified, etag: self.etag.as_deref().and_then(mark) }))
    }

    fn add(&mut self, more: Self) {
        self.is_told |= more.is_told;
        self.is_folder |= more.is_folder;
        self.length = more.length.or(self.length.take());
        self.modified = more.modified.or(self.modified.take());
        self.etag = more.etag.or(self.etag.take());
    }
}

fn time(text: &str) -> Option<Timestamp> {
    retry_after::date(text.trim())
}

/// An ETag without its quotes and its mark of weakness.
fn mark(text: &str) -> Option<String> {
    let text = text.trim();
    let text = text.strip_prefix("W/").unwrap_or(text).trim_matches('"');
    (!text.is_empty()).then(|| text.to_owned())
}

/// Elements that mean something here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tag {
    Multistatus,
    Response,
    Href,
    Propstat,
    Prop,
    Status,
    Length,
    Modified,
    Etag,
    ResourceType,
    Collection,
    Other,
}

impl Tag {
    fn of(namespace: &ResolveResult<'_>, name: &str) -> Self {
        if *namespace != ResolveResult::Bound(Namespace("DAV:")) {
            return Self::Other;
        }
        match name {
            "multistatus" => Self::Multistatus,
            "response" => Self::Response,
            "href" => Self::Href,
            "propstat" => Self::Propstat,
            "prop" => Self::Prop,
            "status" => Self::Status,
            "getcontentlength" => Self::Length,
            "getlastmodified" => Self::Modified,
            "getetag" => Self::Etag,
            "resourcetype" => Self::ResourceType,
            "collection" => Self::Collection,
            _ => Self::Other,
        }
    }
}

/// A document on its way.
pub(super) struct Multistatus<R> {
    xml: NsReader<R>,
    buffer: Vec<u8>,
    /// The elements that are open, from the root.
    open: Vec<Tag>,
    text: String,
    is_begun: bool,
    tried: String,
}

/// One step through the document.
enum Step {
    Opened,
    Closing,
    Other,
    End,
}

impl<R: AsyncBufRead + Unpin> Multistatus<R> {
    pub(super) fn new(body: R, tried: String) -> Self {
        let mut xml = NsReader::from_reader(body);
        xml.config_mut().expand_empty_elements = true;
        let (buffer, open, text) = (Vec::new(), Vec::new(), String::new());
        Self { xml, buffer, open, text, is_begun: false, tried }
    }

    /// The next response; `None` when there are no more and the document was whole.
    pub(super) async fn next(&mut self) -> Result<Option<Response>, Trouble> {
        let (mut response, mut told, mut status) = (Response::default(), Properties::default(), None);
        loop {
            match self.step().await? {
                Step::Other => {}
                Step::Opened if self.open.len() == 1 => self.begin()?,
                Step::Opened => {}
                Step::End if self.is_begun && self.open.is_empty() => return Ok(None),
                Step::End => {
                    return Err(Trouble::new(Wrong::Network, &self.tried, "the answer was cut short"));
                }
                Step::Closing => {
                    let text = std::mem::take(&mut self.text);
                    let path = self.open.as_slice();
                    let [Tag::Multistatus, Tag::Response, below @ ..] = path else {
                        self.open.pop();
                        continue;
                    };
                    match below {
                        [Tag::Href] => response.href = text,
                        [Tag::Status] => response.refused = refusal(self.status(&text)?),
                        [Tag::Propstat, Tag::Status] => status = Some(self.status(&text)?),
                        [Tag::Propstat, Tag::Prop, Tag::Length] => told.length = Some(text),
                        [Tag::Propstat, Tag::Prop, Tag::Modified] => told.modified = Some(text),
                        [Tag::Propstat, Tag::Prop, Tag::Etag] => told.etag = Some(text),
                        [Tag::Propstat, Tag::Prop, Tag::ResourceType] => told.is_told = true,
                        [Tag::Propstat, Tag::Prop, Tag::ResourceType, Tag::Collection] => {
                            told.is_folder = true;
                        }
                        [Tag::Propstat] => {
                            let status =
                                status.take().ok_or_else(|| self.garbled("properties without a status"))?;
                            response.add(std::mem::take(&mut told), status);
                        }
                        [] => {
                            self.open.pop();
                            return Ok(Some(response));
                        }
                        _ => {}
                    }
                    self.open.pop();
                }
            }
        }
    }

    /// The root has opened.
    fn begin(&mut self) -> Result<(), Trouble> {
        if self.is_begun || self.open != [Tag::Multistatus] {
            return Err(self.garbled("it is no multistatus of WebDAV"));
        }
        self.is_begun = true;
        Ok(())
    }

    async fn step(&mut self) -> Result<Step, Trouble> {
        let Self { xml, buffer, open, text, tried, .. } = self;
        buffer.clear();
        let (namespace, event) =
            xml.read_resolved_event_into_async(buffer).await.map_err(|error| unread(tried, &error))?;
        match event {
            Event::Start(start) if open.len() < DEPTH_MAX => {
                open.push(Tag::of(&namespace, start.local_name().into_inner()));
                text.clear();
                return Ok(Step::Opened);
            }
            Event::Start(_) => return Err(garbled(tried, "its elements are nested too deep")),
            Event::End(_) => return Ok(Step::Closing),
            Event::Text(piece) => text.push_str(&piece.xml10_content()),
            Event::CData(piece) => text.push_str(&piece.xml10_content()),
            Event::GeneralRef(reference) => {
                match (reference.resolve_char_ref(), resolve_xml_entity(&reference)) {
                    (Ok(Some(character)), _) => text.push(character),
                    (Ok(None), Some(meant)) => text.push_str(meant),
                    _ => return Err(garbled(tried, "it has an entity that nobody knows")),
                }
            }
            Event::DocType(_) => return Err(garbled(tried, "it has a document type")),
            Event::Eof => return Ok(Step::End),
            // Empty elements are told as opened and closed.
            Event::Empty(_) | Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
        }
        match text.len() > TEXT_MAX {
            true => Err(garbled(tried, "it has a text that is too long")),
            false => Ok(Step::Other),
        }
    }

    /// The number in `HTTP/1.1 200 OK`.
    fn status(&self, text: &str) -> Result<u16, Trouble> {
        let number = text.split_whitespace().nth(1).and_then(|number| number.parse().ok());
        number.ok_or_else(|| self.garbled("it has a status without a number"))
    }

    fn garbled(&self, why: &str) -> Trouble {
        garbled(&self.tried, why)
    }
}

fn refusal(status: u16) -> Option<u16> {
    (!(200..300).contains(&status)).then_some(status)
}

fn garbled(tried: &str, why: &str) -> Trouble {
    Trouble::new(Wrong::Other, tried, format!("the answer cannot be used: {why}"))
}

fn unread(tried: &str, error: &Error) -> Trouble {
    match error {
        // What the body itself broke off with.
        Error::Io(error) => match error.get_ref().and_then(|inner| inner.downcast_ref::<Trouble>()) {
            Some(trouble) => trouble.clone(),
            None => Trouble::new(Wrong::Network, tried, error.kind().to_string()),
        },
        // What the library says quotes names of elements at most; no more than that it is no XML is needed.
        _ => garbled(tried, "it is not well-formed XML"),
    }
}
