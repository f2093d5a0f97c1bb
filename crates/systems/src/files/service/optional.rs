//! Storages a build may have: object stores of clouds, and drives of people.

use std::sync::Arc;

use connect::http::Secret;
use connect::storage::Storage;
#[cfg(any(feature = "cos", feature = "obs", feature = "oss"))]
use connect::storage::{Cloud, CloudOptions, S3};
#[cfg(any(feature = "aliyun-drive", feature = "dropbox", feature = "gdrive", feature = "onedrive"))]
use connect::storage::{Drive, DriveKind, DriveLogin, DriveOptions};
use model::file::FileSide;

/// A storage, or what its options lack.
type Opened = Result<Arc<dyn Storage>, String>;

/// Opens the tree of a side; `None` when this build has no such storage.
pub(super) fn open(side: &FileSide, secret: &dyn Fn(&str) -> Option<Secret>) -> Option<Opened> {
    match side.service.as_str() {
        #[cfg(feature = "cos")]
        "cos" => Some(cloud(Cloud::Cos, side, ("secret_id", "secret_key"), secret)),
        #[cfg(feature = "obs")]
        "obs" => Some(cloud(Cloud::Obs, side, ("access_key_id", "secret_access_key"), secret)),
        #[cfg(feature = "oss")]
        "oss" => Some(cloud(Cloud::Oss, side, ("access_key_id", "access_key_secret"), secret)),
        #[cfg(feature = "aliyun-drive")]
        "aliyun-drive" => Some(drive(DriveKind::Aliyun, side, secret)),
        #[cfg(feature = "dropbox")]
        "dropbox" => Some(drive(DriveKind::Dropbox, side, secret)),
        #[cfg(feature = "gdrive")]
        "gdrive" => Some(drive(DriveKind::Google, side, secret)),
        #[cfg(feature = "onedrive")]
        "onedrive" => Some(drive(DriveKind::Microsoft, side, secret)),
        _ => {
            let _ = secret;
            None
        }
    }
}

#[cfg(any(feature = "cos", feature = "obs", feature = "oss"))]
fn cloud(
    cloud: Cloud,
    side: &FileSide,
    (key_id, key): (&str, &str),
    secret: &dyn Fn(&str) -> Option<Secret>,
) -> Opened {
    let option = |name: &str| side.options.get(name).cloned().unwrap_or_default();
    let opened = S3::cloud(&CloudOptions {
        cloud,
        bucket: option("bucket"),
        path: side.path.clone(),
        endpoint: option("endpoint"),
        key_id: option(key_id),
        key: secret(key).ok_or_else(|| format!("需要 {key_id} 与 {key}"))?,
        token: secret("security_token"),
    });
    Ok(Arc::new(opened.map_err(|fault| fault.message)?))
}

#[cfg(any(feature = "aliyun-drive", feature = "dropbox", feature = "gdrive", feature = "onedrive"))]
fn drive(kind: DriveKind, side: &FileSide, secret: &dyn Fn(&str) -> Option<Secret>) -> Opened {
    let drive_type = side.options.get("drive_type").cloned();
    if let Some(other) =
        drive_type.as_deref().filter(|given| !["default", "backup", "resource"].contains(given))
    {
        return Err(format!("drive_type={other}: 可选值为 default, backup, resource"));
    }
    let client = (side.options.get("client_id").cloned(), secret("client_secret"));
    let login = match (secret("access_token"), secret("refresh_token"), client) {
        (Some(token), None, _) => DriveLogin::Token(token),
        (None, Some(token), (Some(client_id), Some(client_secret))) => {
            DriveLogin::Refresh { client_id, client_secret, token }
        }
        _ => {
            return Err(
                "需要 access_token，或 refresh_token、client_id 与 client_secret，二者择一".to_owned()
            );
        }
    };
    let opened = Drive::new(&DriveOptions { kind, drive_type, path: side.path.clone(), login });
    Ok(Arc::new(opened.map_err(|fault| fault.message)?))
}

#[cfg(all(test, feature = "more-storages"))]
mod tests {
    use super::super::{StorageKind, location};
    use super::*;

    fn side(service: &str, options: &[(&str, &str)]) -> FileSide {
        FileSide {
            service: service.to_owned(),
            options: options.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            path: "/照片".to_owned(),
            must_exist: false,
            case_insensitive: None,
        }
    }

    fn opened(side: &FileSide, secrets: &[&str]) -> Result<&'static str, String> {
        let secret = |wanted: &str| secrets.contains(&wanted).then(|| Secret::new("secret"));
        open(side, &secret).unwrap().map(|storage| storage.nature().service)
    }

    #[test]
    fn each_opens_with_what_its_options_say_it_needs() {
        for name in ["oss", "cos", "obs", "aliyun-drive", "onedrive", "gdrive", "dropbox"] {
            let kind = StorageKind::named(name).unwrap();
            let value = |option: &str| if option == "endpoint" { "https://cloud.example" } else { "x" };
            let needed = kind.options.iter().filter(|option| option.required);
            let options: Vec<(&str, &str)> = needed.map(|option| (option.name, value(option.name))).collect();
            let secrets: Vec<&str> =
                kind.options.iter().filter(|option| option.secret).map(|s| s.name).collect();
            let one = side(name, &options);
            let enough: Vec<&str> =
                secrets.iter().copied().filter(|secret| *secret != "refresh_token").collect();
            assert_eq!(opened(&one, &enough), Ok(name));
            assert!(opened(&one, &[]).unwrap_err().starts_with("需要 "), "{name}");
        }
    }

    #[test]
    fn a_drive_is_asked_by_one_login() {
        let one = side("gdrive", &[("client_id", "id")]);
        assert_eq!(opened(&one, &["refresh_token", "client_secret"]), Ok("gdrive"));
        assert!(opened(&one, &["refresh_token"]).unwrap_err().starts_with("需要 "));
        assert!(opened(&one, &["refresh_token", "client_secret", "access_token"]).is_err());
        let one = side("aliyun-drive", &[("drive_type", "other")]);
        let refused = opened(&one, &["access_token"]).unwrap_err();
        assert_eq!(refused, "drive_type=other: 可选值为 default, backup, resource");
    }

    #[test]
    fn a_bucket_is_one_place_however_it_is_written() {
        let place = |endpoint: &str| location(&side("oss", &[("endpoint", endpoint), ("bucket", "b")]));
        assert_eq!(place("https://OSS.example:443/"), place("https://oss.example"));
        assert_ne!(place("https://oss.example"), place("https://other.example"));
    }
}
