//! Where a server is: what stands before the path of an endpoint.

/// A host and its port; an address of IPv6 with a port stands in brackets.
pub(super) fn split(address: &str, usual_port: u16) -> Option<(String, u16)> {
    let (host, port) = match address.strip_prefix('[') {
        Some(rest) => {
            let (host, port) = rest.split_once(']')?;
            (host, port.strip_prefix(':'))
        }
        None => match address.rsplit_once(':') {
            Some((host, port)) if !host.contains(':') => (host, Some(port)),
            _ => (address, None),
        },
    };
    let port = port.map_or(Some(usual_port), |port| port.parse().ok())?;
    let is_host = !host.is_empty() && !host.contains(['@', '/', '?', '#', ' ', '[', ']']);
    (is_host && port > 0).then(|| (host.to_owned(), port))
}
