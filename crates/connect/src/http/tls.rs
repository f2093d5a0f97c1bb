//! Certificates and ciphers. The ciphers are `ring`'s, named here for each client, so that nothing is set for the
//! whole process; the certificates trusted are the system's.

use std::sync::Arc;

use model::fault::Fault;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, ConfigBuilder, RootCertStore, WantsVerifier};
use rustls_platform_verifier::BuilderVerifierExt as _;

use super::config::Base;

/// A client for `http://` addresses only: it trusts nobody's certificate, and does not look for any.
///
/// Every client of `reqwest` in the workspace is made from here or by [`super::Client`]: one made otherwise finds
/// no ciphers and does not come to be.
pub fn plain() -> reqwest::ClientBuilder {
    reqwest::Client::builder().no_proxy().tls_backend_preconfigured(trusting_nobody())
}

/// What a client for the base address needs. An `http://` upstream works on a system without certificates; only
/// being sent on to `https://` does not then.
pub(crate) fn config_for(base: &Base) -> Result<ClientConfig, Fault> {
    match trusting_the_system() {
        Ok(config) => Ok(config),
        Err(_) if !base.is_https() => Ok(trusting_nobody()),
        Err(error) => Err(unreadable(&error)),
    }
}

/// What a client of another protocol needs that trusts the system's certificates.
pub(crate) fn config() -> Result<ClientConfig, Fault> {
    trusting_the_system().map_err(|error| unreadable(&error))
}

/// The same for one that trusts these authorities and no others.
pub(crate) fn config_of(authorities: Vec<CertificateDer<'static>>) -> Result<ClientConfig, Fault> {
    let mut roots = RootCertStore::empty();
    for authority in authorities {
        roots
            .add(authority)
            .map_err(|_| Fault::never("tls", "an authority's certificate could not be read"))?;
    }
    Ok(builder().with_root_certificates(roots).with_no_client_auth())
}

fn unreadable(error: &rustls::Error) -> Fault {
    Fault::never("tls", format!("the system's certificates could not be read: {error}"))
}

fn trusting_the_system() -> Result<ClientConfig, rustls::Error> {
    Ok(builder().with_platform_verifier()?.with_no_client_auth())
}

fn trusting_nobody() -> ClientConfig {
    builder().with_root_certificates(RootCertStore::empty()).with_no_client_auth()
}

fn builder() -> ConfigBuilder<ClientConfig, WantsVerifier> {
    let ciphers: Arc<CryptoProvider> = Arc::new(ring::default_provider());
    ClientConfig::builder_with_provider(ciphers)
        .with_safe_default_protocol_versions()
        .expect("ring has ciphers for every version of TLS that is built in")
}
