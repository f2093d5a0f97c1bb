//! OSS, COS and OBS by their own words: signed their own way, in a bucket that is part of the host's name.

use http::HeaderMap;
use model::fault::Fault;
use opendal::{HttpTransport, Operator};

use super::{Reached, S3, address, signer};
use crate::http::{Base, Secret};
use crate::storage::dal::Line;

/// Whose store it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cloud {
    /// Tencent's.
    #[cfg(feature = "cos")]
    Cos,
    /// Huawei's.
    #[cfg(feature = "obs")]
    Obs,
    /// Alibaba's.
    #[cfg(feature = "oss")]
    Oss,
}

/// How a bucket is reached.
#[derive(Clone, Debug)]
pub struct CloudOptions {
    /// Whose it is.
    pub cloud: Cloud,
    /// The bucket.
    pub bucket: String,
    /// The path in it that is the root of the tree.
    pub path: String,
    /// Where the store is, without the bucket.
    pub endpoint: String,
    /// The public name of who asks.
    pub key_id: String,
    /// What it signs with.
    pub key: Secret,
    /// Of a login that is lent for a while; OBS knows none.
    pub token: Option<Secret>,
}

impl Cloud {
    /// The word configurations use.
    const fn name(self) -> &'static str {
        match self {
            #[cfg(feature = "cos")]
            Self::Cos => "cos",
            #[cfg(feature = "obs")]
            Self::Obs => "obs",
            #[cfg(feature = "oss")]
            Self::Oss => "oss",
        }
    }
}

impl S3 {
    /// A bucket of a cloud. Asks nothing yet.
    ///
    /// # Errors
    /// The options lead to no store.
    pub fn cloud(options: &CloudOptions) -> Result<Self, Fault> {
        Self::cloud_by(options, Line::new(&Base::parse(&options.endpoint)?)?)
    }

    /// The same, asked by another way than the network, as tests do.
    ///
    /// # Errors
    /// The options lead to no store.
    pub fn cloud_by(options: &CloudOptions, line: impl HttpTransport) -> Result<Self, Fault> {
        Self::over(options.cloud.name(), (store(options), reached(options)), line, &options.path)
    }
}

/// The store of the library. Its key is given, so it looks for none in its surroundings.
fn store(options: &CloudOptions) -> opendal::Result<Operator> {
    let CloudOptions { cloud, bucket, endpoint, key_id, key, .. } = options;
    match cloud {
        #[cfg(feature = "cos")]
        Cloud::Cos => {
            let store = opendal::services::Cos::default().bucket(bucket).endpoint(endpoint);
            let store = store.secret_id(key_id).secret_key(key.expose()).disable_config_load();
            Operator::new(match options.token.as_ref().map(Secret::expose) {
                Some(token) => store.security_token(token),
                None => store,
            })
        }
        #[cfg(feature = "obs")]
        Cloud::Obs => {
            let store = opendal::services::Obs::default().bucket(bucket).endpoint(endpoint);
            Operator::new(store.access_key_id(key_id).secret_access_key(key.expose()))
        }
        #[cfg(feature = "oss")]
        Cloud::Oss => {
            let store = opendal::services::Oss::default().bucket(bucket).endpoint(endpoint);
            let store = store.access_key_id(key_id).access_key_secret(key.expose());
            Operator::new(match options.token.as_ref().map(Secret::expose) {
                Some(token) => store.security_token(token),
                None => store,
            })
        }
    }
}

/// Where the bucket is, and who signs.
fn reached(options: &CloudOptions) -> Reached {
    let CloudOptions { cloud, bucket, endpoint, key_id, key, .. } = options;
    let endpoint = address(endpoint, bucket);
    let bucket_in_host = endpoint.replacen("//", &format!("//{bucket}."), 1);
    let (bucket, signer) = match cloud {
        #[cfg(feature = "cos")]
        Cloud::Cos => {
            let of = match options.token.as_ref().map(Secret::expose) {
                Some(token) => reqsign_tencent_cos::StaticCredentialProvider::with_security_token(
                    key_id,
                    key.expose(),
                    token,
                ),
                None => reqsign_tencent_cos::StaticCredentialProvider::new(key_id, key.expose()),
            };
            (bucket_in_host, signer(of, reqsign_tencent_cos::RequestSigner::new()))
        }
        #[cfg(feature = "obs")]
        Cloud::Obs => {
            let of = reqsign_huaweicloud_obs::StaticCredentialProvider::new(key_id, key.expose());
            let host = endpoint.split_once("//").map_or(endpoint.as_str(), |(_, host)| host);
            // Any other address is a bucket's own.
            let is_shared = host.starts_with("obs.")
                && (host.ends_with(".myhuaweicloud.com") || host.ends_with(".huawei.com"));
            let (address, signed) =
                if is_shared { (bucket_in_host, bucket.as_str()) } else { (endpoint.clone(), host) };
            (address, signer(of, reqsign_huaweicloud_obs::RequestSigner::new(signed)))
        }
        #[cfg(feature = "oss")]
        Cloud::Oss => {
            let of = reqsign_aliyun_oss::StaticCredentialProvider::new(key_id, key.expose());
            let of = match options.token.as_ref().map(Secret::expose) {
                Some(token) => of.with_security_token(token),
                None => of,
            };
            (bucket_in_host, signer(of, reqsign_aliyun_oss::RequestSigner::new(bucket)))
        }
    };
    Reached { bucket, signer: Some(signer), told: HeaderMap::new() }
}
