//! What each kind of drive is asked and how it answers, as their makers document it.
//!
//! Sources: Dropbox HTTP API v2; Google Drive API v3; Microsoft Graph v1.0, driveItem; Aliyun Drive open API v1.0.

use http::Method;
use http::header::{AUTHORIZATION, CONTENT_RANGE, CONTENT_TYPE, LOCATION};
use serde_json::{Value, json};

use super::cloud::{Answer, Asked, Cloud, Item, ROOT, unescaped};

fn login(asked: &Asked) {
    assert_eq!(asked.header("authorization"), "Bearer t0ken", "{}", asked.uri);
}

// ---- Dropbox

fn of_dropbox(cloud: &Cloud, item: &Item) -> Value {
    let path = cloud.path(item);
    let mut told = json!({
        ".tag": if item.is_folder() { "folder" } else { "file" },
        "name": item.name, "id": format!("id:{}", item.id), "path_display": path, "path_lower": path.to_lowercase(),
    });
    if !item.is_folder() {
        told["size"] = json!(item.size());
        told["client_modified"] = json!(item.changed());
        told["server_modified"] = json!(item.changed());
    }
    told
}

pub(crate) fn dropbox(cloud: &Cloud, asked: &Asked) -> Answer {
    login(asked);
    assert_eq!(asked.method, Method::POST);
    let refused = |why: &str| Answer::json(409, &json!({ "error_summary": format!("{why}/..") }));
    let word = asked.uri.path().strip_prefix("/2/files/").unwrap();
    let wanted: Value = match word {
        "upload" | "download" => {
            assert_eq!(asked.uri.host(), Some("content.dropboxapi.com"));
            serde_json::from_str(asked.header("dropbox-api-arg")).unwrap()
        }
        _ => asked.json(),
    };
    let path = |name: &str| wanted[name].as_str().unwrap().to_owned();
    match word {
        "get_metadata" => match cloud.at(&path("path")) {
            Some(item) => Answer::json(200, &of_dropbox(cloud, &item)),
            None => refused("path/not_found"),
        },
        "list_folder" | "list_folder/continue" => {
            let (folder, from) = match wanted["cursor"].as_str() {
                Some(cursor) => {
                    let (folder, from) = cursor.split_once(' ').unwrap();
                    (cloud.item(folder.parse().unwrap()), from.parse().unwrap())
                }
                None => (cloud.at(&path("path")), 0),
            };
            let Some(folder) = folder.filter(Item::is_folder) else { return refused("path/not_found") };
            let (page, next) = cloud.page(folder.id, from);
            let entries: Vec<Value> = page.iter().map(|item| of_dropbox(cloud, item)).collect();
            let cursor = format!("{} {}", folder.id, next.unwrap_or(from));
            Answer::json(200, &json!({ "entries": entries, "cursor": cursor, "has_more": next.is_some() }))
        }
        "create_folder_v2" => {
            let (folder, name) = cloud.place(&path("path"));
            match cloud.child(folder, &name) {
                Some(_) => refused("path/conflict/folder"),
                None => Answer::json(200, &of_dropbox(cloud, &cloud.make(folder, &name, None))),
            }
        }
        "move_v2" => match (cloud.at(&path("from_path")), cloud.at(&path("to_path"))) {
            (None, _) => refused("from_lookup/not_found"),
            (_, Some(_)) => refused("to/conflict/file"),
            (Some(item), None) => {
                let (folder, name) = cloud.place(&path("to_path"));
                let moved = cloud.change(item.id, |item| (item.parent, item.name) = (folder, name)).unwrap();
                Answer::json(200, &of_dropbox(cloud, &moved))
            }
        },
        "delete_v2" => match cloud.at(&path("path")) {
            Some(item) => Answer::json(200, &of_dropbox(cloud, &cloud.remove(item.id).unwrap())),
            None => refused("path_lookup/not_found"),
        },
        "upload" => match cloud.at(&path("path")).is_some_and(|item| item.is_folder()) {
            true => refused("path/conflict/folder"),
            false => Answer::json(200, &of_dropbox(cloud, &cloud.put(&path("path"), &asked.body))),
        },
        "download" => match cloud.at(&path("path")).and_then(|item| item.content) {
            Some(content) => asked.part_of(&content),
            None => refused("path/not_found"),
        },
        other => panic!("{other}"),
    }
}

// ---- Google

const FOLDER: &str = "application/vnd.google-apps.folder";

fn of_google(item: &Item) -> Value {
    let id = |id: u64| if id == ROOT { "root".to_owned() } else { format!("g{id}") };
    let mut told = json!({
        "id": id(item.id), "name": item.name, "modifiedTime": item.changed(), "parents": [id(item.parent)],
        "mimeType": if item.is_folder() { FOLDER } else { "application/octet-stream" },
    });
    if !item.is_folder() {
        told["size"] = json!(item.size().to_string());
    }
    told
}

fn google_id(id: &str) -> u64 {
    id.strip_prefix('g').map_or(ROOT, |id| id.parse().unwrap())
}

/// Both parts of an upload: what the file is to be, and its content.
fn google_parts(asked: &Asked) -> (Value, Vec<u8>) {
    let kind = asked.headers[CONTENT_TYPE].to_str().unwrap();
    let boundary = format!("--{}", kind.split_once("boundary=").unwrap().1.trim_matches('"'));
    let find = |bytes: &[u8], what: &[u8]| bytes.windows(what.len()).position(|found| found == what).unwrap();
    let part = |bytes: &[u8]| {
        let begin = find(bytes, b"\r\n\r\n") + 4;
        let end = begin + find(&bytes[begin..], format!("\r\n{boundary}").as_bytes());
        (bytes[begin..end].to_vec(), end)
    };
    let (what, end) = part(&asked.body);
    (serde_json::from_slice(&what).unwrap(), part(&asked.body[end..]).0)
}

pub(crate) fn google(cloud: &Cloud, asked: &Asked) -> Answer {
    login(asked);
    assert_eq!(asked.uri.host(), Some("www.googleapis.com"));
    let (uploads, path) = match asked.uri.path().strip_prefix("/upload") {
        Some(path) => (true, path),
        None => (false, asked.uri.path()),
    };
    let below = path.strip_prefix("/drive/v3/files").unwrap().trim_start_matches('/');
    let told = |item: Option<Item>| match item {
        Some(item) => Answer::json(200, &of_google(&item)),
        None => Answer::json(404, &json!({ "error": { "code": 404, "message": "File not found" } })),
    };
    let (id, act) = below.split_once('/').unwrap_or((below, ""));
    let of = |wanted: &Value| {
        (google_id(wanted["parents"][0].as_str().unwrap()), wanted["name"].as_str().unwrap().to_owned())
    };
    match (&asked.method, id, act) {
        (&Method::GET, "", _) => {
            let query = asked.query("q").unwrap();
            let query = query.replace("\\'", "\u{1}");
            let quoted: Vec<String> = query.split('\'').map(|part| part.replace('\u{1}', "'")).collect();
            match query.starts_with("name = ") {
                true => {
                    let found = cloud.child(google_id(&quoted[3]), &quoted[1]);
                    let found = found.filter(|item| !query.contains(FOLDER) || item.is_folder());
                    let files: Vec<Value> = found.iter().map(of_google).collect();
                    Answer::json(200, &json!({ "files": files }))
                }
                false => {
                    let from = asked.query("pageToken").map_or(0, |from| from.parse().unwrap());
                    let (page, next) = cloud.page(google_id(&quoted[1]), from);
                    let files: Vec<Value> = page.iter().map(of_google).collect();
                    let next = next.map(|next| next.to_string());
                    Answer::json(200, &json!({ "files": files, "nextPageToken": next }))
                }
            }
        }
        (&Method::POST, "", _) if uploads => {
            let (what, content) = google_parts(asked);
            let (folder, name) = of(&what);
            told(Some(cloud.make(folder, &name, Some(content))))
        }
        (&Method::POST, "", _) => {
            let (folder, name) = of(&asked.json());
            told(Some(cloud.make(folder, &name, None)))
        }
        (&Method::POST, id, "copy") => {
            let (folder, name) = of(&asked.json());
            told(cloud.item(google_id(id)).map(|item| cloud.make(folder, &name, item.content)))
        }
        (&Method::PATCH, id, "") if uploads => {
            told(cloud.change(google_id(id), |item| item.content = Some(asked.body.to_vec())))
        }
        (&Method::PATCH, id, "") => match asked.json() {
            wanted if wanted["trashed"] == true => told(cloud.remove(google_id(id))),
            // Parents are changed by the query only.
            wanted => told(cloud.change(google_id(id), |item| of_name(item, &wanted))),
        },
        (&Method::GET, id, "") if asked.query("alt").is_some() => {
            match cloud.item(google_id(id)).and_then(|item| item.content) {
                Some(content) => asked.part_of(&content),
                None => told(None),
            }
        }
        (&Method::GET, id, "") => told(cloud.item(google_id(id))),
        other => panic!("{other:?}"),
    }
}

fn of_name(item: &mut Item, wanted: &Value) {
    wanted["name"].as_str().unwrap().clone_into(&mut item.name);
}

// ---- Microsoft

fn of_microsoft(cloud: &Cloud, item: &Item) -> Value {
    let parent = cloud.item(item.parent).unwrap();
    let mut told = json!({
        "id": format!("M!{}", item.id), "name": item.name, "lastModifiedDateTime": item.changed(),
        "eTag": format!("\"{},{}\"", item.id, item.size()), "size": item.size(),
        "parentReference": {
            "path": format!("/drive/root:{}", cloud.path(&parent)), "driveId": "d", "id": format!("M!{}", parent.id),
        },
    });
    match item.is_folder() {
        true => told["folder"] = json!({ "childCount": cloud.children(item.id).len() }),
        false => told["file"] = json!({ "mimeType": "application/octet-stream" }),
    }
    told
}

pub(crate) fn microsoft(cloud: &Cloud, asked: &Asked) -> Answer {
    let gone = || Answer::json(404, &json!({ "error": { "code": "itemNotFound" } }));
    match asked.uri.host() {
        Some("content.example") => {
            assert!(!asked.headers.contains_key(AUTHORIZATION), "the content is elsewhere");
            let id = asked.uri.path().trim_start_matches('/').parse().unwrap();
            return asked.part_of(&cloud.item(id).unwrap().content.unwrap());
        }
        Some("upload.example") => return microsoft_pieces(cloud, asked),
        _ => login(asked),
    }
    let (path, act) = microsoft_target(asked);
    let found = cloud.at(&path);
    let told = |status: u16, item: &Item| Answer::json(status, &of_microsoft(cloud, item));
    match (&asked.method, act.as_str()) {
        (&Method::GET, "") => found.map_or_else(gone, |item| told(200, &item)),
        (&Method::GET, "children") => {
            let Some(folder) = found.filter(Item::is_folder) else { return gone() };
            let from = asked.query("$skiptoken").map_or(0, |from| from.parse().unwrap());
            let (page, next) = cloud.page(folder.id, from);
            let value: Vec<Value> = page.iter().map(|item| of_microsoft(cloud, item)).collect();
            let base = asked.uri.to_string();
            let base = base.split_once("&$skiptoken").map_or(base.as_str(), |(base, _)| base).to_owned();
            let next = next.map(|next| format!("{base}&$skiptoken={next}"));
            Answer::json(200, &json!({ "value": value, "@odata.nextLink": next }))
        }
        (&Method::GET, "content") => match found.filter(|item| !item.is_folder()) {
            Some(item) => Answer {
                headers: vec![(LOCATION, format!("https://content.example/{}", item.id))],
                ..Answer::bytes(302, b"")
            },
            None => gone(),
        },
        (&Method::PUT, "content") => told(201, &cloud.put(&path, &asked.body)),
        (&Method::POST, "createUploadSession") => {
            let (folder, name) = cloud.place(&path);
            let mut uploads = cloud.uploads.lock().unwrap();
            let number = uploads.len().to_string();
            uploads.insert(number.clone(), (folder, name, Vec::new()));
            let url = format!("https://upload.example/{number}");
            Answer::json(200, &json!({ "uploadUrl": url, "expirationDateTime": "2026-01-01T00:00:00Z" }))
        }
        (&Method::POST, "children") => {
            let Some(folder) = found else { return gone() };
            let name = asked.json()["name"].as_str().unwrap().to_owned();
            // A folder that is there would be replaced, as it is asked.
            if let Some(old) = cloud.child(folder.id, &name) {
                cloud.remove(old.id);
            }
            told(201, &cloud.make(folder.id, &name, None))
        }
        (&Method::PATCH, "") => {
            let (Some(item), wanted) = (found, asked.json()) else { return gone() };
            let folder = wanted["parentReference"]["id"].as_str().unwrap()[2..].parse().unwrap();
            let name = wanted["name"].as_str().unwrap().to_owned();
            if let Some(old) = cloud.child(folder, &name).filter(|old| old.id != item.id) {
                cloud.remove(old.id);
            }
            told(200, &cloud.change(item.id, |item| (item.parent, item.name) = (folder, name)).unwrap())
        }
        (&Method::DELETE, "") => match found.and_then(|item| cloud.remove(item.id)) {
            Some(_) => Answer::bytes(204, b""),
            None => gone(),
        },
        other => panic!("{other:?} {path}"),
    }
}

/// The path that is asked about, and what is to be done there.
fn microsoft_target(asked: &Asked) -> (String, String) {
    let below = unescaped(asked.uri.path().strip_prefix("/v1.0/me/drive/root").unwrap());
    match below.strip_prefix(':') {
        // The act on the drive itself follows without a colon, or by an empty path.
        None => (String::new(), below.trim_start_matches('/').to_owned()),
        Some(rest) => match rest.rsplit_once(":/") {
            Some((path, act)) => (path.to_owned(), act.to_owned()),
            None if !rest.starts_with('/') || rest == "/children" => {
                (String::new(), rest.trim_matches('/').to_owned())
            }
            None => (rest.to_owned(), String::new()),
        },
    }
}

fn microsoft_pieces(cloud: &Cloud, asked: &Asked) -> Answer {
    assert!(!asked.headers.contains_key(AUTHORIZATION), "the address is the right");
    let mut uploads = cloud.uploads.lock().unwrap();
    let (folder, name, content) = uploads.get_mut(asked.uri.path().trim_start_matches('/')).unwrap();
    let range = asked.headers[CONTENT_RANGE].to_str().unwrap();
    let (range, whole) = range.strip_prefix("bytes ").unwrap().split_once('/').unwrap();
    assert_eq!(range.split_once('-').unwrap().0, content.len().to_string());
    content.extend_from_slice(&asked.body);
    if content.len().to_string() != whole {
        return Answer::json(202, &json!({}));
    }
    let path = format!("{}/{name}", cloud.path(&cloud.item(*folder).unwrap()));
    Answer::json(201, &of_microsoft(cloud, &cloud.put(&path, content)))
}

// ---- Aliyun

fn of_aliyun(item: &Item) -> Value {
    let id = |id: u64| if id == ROOT { "root".to_owned() } else { format!("a{id}") };
    let mut told = json!({
        "file_id": id(item.id), "parent_file_id": id(item.parent), "name": item.name,
        "type": if item.is_folder() { "folder" } else { "file" }, "updated_at": item.changed(),
    });
    if !item.is_folder() {
        told["size"] = json!(item.size());
    }
    told
}

fn aliyun_id(wanted: &Value) -> u64 {
    wanted.as_str().unwrap().strip_prefix('a').map_or(ROOT, |id| id.parse().unwrap())
}

pub(crate) fn aliyun(cloud: &Cloud, asked: &Asked) -> Answer {
    match asked.uri.host() {
        Some("content.example") => {
            assert!(!asked.headers.contains_key(AUTHORIZATION), "the address is the right");
            let name = asked.uri.path().trim_start_matches('/');
            if asked.method == Method::PUT {
                let mut uploads = cloud.uploads.lock().unwrap();
                uploads.get_mut(name).unwrap().2.extend_from_slice(&asked.body);
                return Answer::bytes(200, b"");
            }
            return asked.part_of(&cloud.item(name.parse().unwrap()).unwrap().content.unwrap());
        }
        _ => login(asked),
    }
    let gone = || Answer::json(400, &json!({ "code": "NotFound.File", "message": "file not exist" }));
    let word = asked.uri.path().strip_prefix("/adrive/v1.0/").unwrap();
    if word == "user/getDriveInfo" {
        return Answer::json(200, &json!({ "default_drive_id": "1", "backup_drive_id": "2" }));
    }
    let wanted = asked.json();
    assert_eq!(wanted["drive_id"], "2");
    match word {
        "openFile/get_by_path" => match cloud.at(wanted["file_path"].as_str().unwrap()) {
            Some(item) => Answer::json(200, &of_aliyun(&item)),
            None => gone(),
        },
        "openFile/list" => {
            let from = wanted["marker"].as_str().map_or(0, |from| from.parse().unwrap());
            let (page, next) = cloud.page(aliyun_id(&wanted["parent_file_id"]), from);
            let items: Vec<Value> = page.iter().map(of_aliyun).collect();
            let next = next.map(|next| next.to_string()).unwrap_or_default();
            Answer::json(200, &json!({ "items": items, "next_marker": next }))
        }
        "openFile/create" => aliyun_create(cloud, &wanted),
        "openFile/getUploadUrl" => {
            let url = format!("https://content.example/{}", wanted["upload_id"].as_str().unwrap());
            Answer::json(200, &json!({ "part_info_list": [{ "part_number": 1, "upload_url": url }] }))
        }
        "openFile/complete" => {
            let upload = cloud.uploads.lock().unwrap().remove(wanted["upload_id"].as_str().unwrap());
            let (folder, name, content) = upload.unwrap();
            Answer::json(200, &of_aliyun(&cloud.make(folder, &name, Some(content))))
        }
        "openFile/getDownloadUrl" => {
            let url = format!("https://content.example/{}", aliyun_id(&wanted["file_id"]));
            Answer::json(200, &json!({ "url": url }))
        }
        "openFile/move" => {
            let folder = aliyun_id(&wanted["to_parent_file_id"]);
            cloud.change(aliyun_id(&wanted["file_id"]), |item| item.parent = folder).map_or_else(gone, told)
        }
        "openFile/update" => {
            cloud.change(aliyun_id(&wanted["file_id"]), |item| of_name(item, &wanted)).map_or_else(gone, told)
        }
        // An upload that has not ended is no file.
        "openFile/delete" => match wanted["file_id"].as_str().unwrap().strip_prefix('u') {
            Some(_) => {
                cloud.uploads.lock().unwrap().remove(wanted["file_id"].as_str().unwrap());
                Answer::json(200, &json!({}))
            }
            None => cloud.remove(aliyun_id(&wanted["file_id"])).map_or_else(gone, told),
        },
        other => panic!("{other}"),
    }
}

fn aliyun_create(cloud: &Cloud, wanted: &Value) -> Answer {
    let (folder, name) = (aliyun_id(&wanted["parent_file_id"]), wanted["name"].as_str().unwrap());
    match (cloud.child(folder, name), wanted["type"] == "folder") {
        (Some(there), _) => Answer::json(200, &json!({ "file_id": format!("a{}", there.id), "exist": true })),
        (None, true) => {
            let made = cloud.make(folder, name, None);
            Answer::json(200, &json!({ "file_id": format!("a{}", made.id), "exist": false }))
        }
        (None, false) => {
            let mut uploads = cloud.uploads.lock().unwrap();
            let number = format!("u{}", uploads.len());
            uploads.insert(number.clone(), (folder, name.to_owned(), Vec::new()));
            Answer::json(200, &json!({ "file_id": number, "upload_id": number, "exist": false }))
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "what was changed is handed over")]
fn told(item: Item) -> Answer {
    Answer::json(200, &of_aliyun(&item))
}
