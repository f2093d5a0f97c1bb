//! What people look for in names, as patterns of `LIKE`.

/// What a listing looks for, as a pattern that takes the person's text for what it says.
pub(crate) fn pattern(text: Option<&str>) -> Option<String> {
    let text = text.map(str::trim).filter(|text| !text.is_empty())?.to_lowercase();
    let plain = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    Some(format!("%{plain}%"))
}
