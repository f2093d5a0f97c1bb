//! OSS, COS and OBS: nobody serves their words on this machine, so these are put into those of S3, and moto answers.
//!
//! What is proven: how requests are made up, and that all that a storage promises comes out of them. What is not: that
//! the clouds take the signatures.

use connect::http::Secret;
use connect::storage::{Cloud, CloudOptions, S3};
use futures_util::stream;
use http::header::{AUTHORIZATION, CONTENT_LENGTH, HOST, HeaderName};
use opendal::{Buffer, Error, ErrorKind, HttpBody, HttpTransport};

use super::opened;

/// Where the cloud would be, and how its headers and signatures begin.
fn words(cloud: Cloud) -> (&'static str, &'static str, &'static str) {
    match cloud {
        #[cfg(feature = "cos")]
        Cloud::Cos => ("https://cos.ap-beijing.myqcloud.com", "x-cos-", "q-sign-algorithm=sha1&q-ak=user&"),
        #[cfg(feature = "obs")]
        Cloud::Obs => ("https://obs.cn-north-4.myhuaweicloud.com", "x-obs-", "OBS user:"),
        #[cfg(feature = "oss")]
        Cloud::Oss => ("https://oss-cn-hangzhou.aliyuncs.com", "x-oss-", "OSS user:"),
    }
}

/// A folder of its own in a bucket of a cloud.
pub(crate) fn bucket(cloud: Cloud) -> S3 {
    let options = CloudOptions {
        cloud,
        bucket: "bucket".to_owned(),
        path: opened::in_bucket(),
        endpoint: words(cloud).0.to_owned(),
        key_id: "user".to_owned(),
        key: Secret::new("key"),
        token: None,
    };
    S3::cloud_by(&options, Translated { cloud, client: connect::http::plain().build().unwrap() }).unwrap()
}

/// Requests of a cloud, put into the words of S3.
struct Translated {
    cloud: Cloud,
    client: reqwest::Client,
}

impl HttpTransport for Translated {
    async fn fetch(&self, request: http::Request<Buffer>) -> opendal::Result<http::Response<HttpBody>> {
        let (parts, body) = request.into_parts();
        let (endpoint, marked, signed) = words(self.cloud);
        assert_eq!(parts.uri.host(), Some(endpoint.replace("https://", "bucket.").as_str()));
        let signature = parts.headers[AUTHORIZATION].to_str().unwrap();
        assert!(signature.starts_with(signed), "{signature}");
        let path = parts.uri.path_and_query().unwrap();
        let mut sent = self.client.request(parts.method, format!("{}/bucket{path}", opened::moto_address()));
        // moto asks who it is and believes it.
        let login = "AWS4-HMAC-SHA256 Credential=user/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0";
        sent = sent.header(AUTHORIZATION, login);
        for (name, value) in &parts.headers {
            match name.as_str().strip_prefix(marked) {
                _ if [AUTHORIZATION, CONTENT_LENGTH, HOST].contains(name) => {}
                None => sent = sent.header(name, value),
                // COS names the host of what is copied, the others its bucket.
                Some("copy-source") => {
                    let from = value.to_str().unwrap().trim_start_matches('/');
                    let (_, key) = from.split_once('/').unwrap();
                    sent = sent.header("x-amz-copy-source", format!("/bucket/{key}"));
                }
                Some(rest) => {
                    let name: HeaderName = format!("x-amz-{rest}").parse().unwrap();
                    sent = sent.header(name, value);
                }
            }
        }
        let lost = |error: reqwest::Error| Error::new(ErrorKind::Unexpected, error.to_string());
        let answer = sent.body(body.to_vec()).send().await.map_err(lost)?;
        let mut response = http::Response::new(());
        *response.status_mut() = answer.status();
        *response.headers_mut() = answer.headers().clone();
        let whole = answer.content_length();
        let content = answer.bytes().await.map_err(lost)?;
        let content = stream::iter([Ok(Buffer::from(content))]);
        Ok(response.map(|()| HttpBody::new(content, whole)))
    }
}
