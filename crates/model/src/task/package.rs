//! What makes a package of leads sound, and how its code is derived.
//!
//! A wrong field is named by its documented column, and told in the language of the contract.

use super::levels::PackageKind;
use super::{NewLeadPackage, PackageSource};

/// A field that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field} {message}")]
pub struct Wrong {
    /// The documented column.
    pub field: &'static str,
    /// What is wrong with it, for people.
    pub message: String,
}

impl Wrong {
    fn new(field: &'static str, message: impl Into<String>) -> Self {
        Self { field, message: message.into() }
    }
}

/// A package as somebody gave it. Empty texts and `None` are the same: not given.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PackageDraft {
    /// Needed.
    pub external_id: String,
    /// Needed.
    pub name: String,
    /// A documented word; bought, when not given.
    pub source: Option<String>,
    /// Needed.
    pub region: String,
    /// Needed.
    pub grade: String,
    /// Not negative, here and below.
    pub total_leads: Option<i64>,
    /// Needed only to derive the code.
    pub valid_leads: Option<i64>,
    /// Of the valid ones.
    pub available_leads: Option<i64>,
    /// Derived, when not given.
    pub internal_code: Option<String>,
    /// `N`, `O1`–`O99`, `P1`–`P99`.
    pub package_level: Option<String>,
    /// Not negative.
    pub contact_rate: Option<f64>,
}

impl PackageDraft {
    /// The package, trimmed and with its code; else the first field that is wrong, in the order of the columns.
    ///
    /// # Errors
    /// A field is missing, too long, or has no sound value.
    pub fn check(self) -> Result<NewLeadPackage, Wrong> {
        let external_id = needed("external_package_id", &self.external_id, 64)?;
        let name = needed("name", &self.name, 255)?;
        let source = source(self.source.as_deref())?;
        let region = needed("region", &self.region, 50)?;
        let grade = needed("grade", &self.grade, 50)?;
        let total_leads = count("total_leads", self.total_leads)?;
        let valid_leads = count("valid_leads", self.valid_leads)?;
        let available_leads = count("available_leads", self.available_leads)?;
        let internal_code = match text("internal_code", self.internal_code.as_deref(), 100)? {
            Some(code) => code,
            None => derived(&name, &region, &grade, valid_leads)?,
        };
        let package_level = level(self.package_level.as_deref())?;
        let contact_rate = rate(self.contact_rate)?;
        Ok(NewLeadPackage {
            external_id,
            name,
            source,
            region,
            grade,
            total_leads,
            valid_leads,
            available_leads,
            internal_code,
            package_level,
            contact_rate,
        })
    }
}

/// `{region}-{MMDD}-{grade}-{valid leads}`, the day from the first eight digits in the package's name, with the
/// capital letter right after them: `20250922A` is `0922A`. `None` when the name has no such day or the number of
/// leads is unknown.
#[must_use]
pub fn internal_code(name: &str, region: &str, grade: &str, valid_leads: Option<i64>) -> Option<String> {
    let day = day_of(name)?;
    Some(format!("{region}-{day}-{grade}-{}", valid_leads?))
}

/// What the name of the package's first task begins with.
#[must_use]
pub fn first_task_prefix(internal_code: &str, source: PackageSource) -> String {
    format!("{internal_code}-{}", PackageKind::of(source).first_level())
}

/// A number of leads from text; empty text is none.
///
/// # Errors
/// It is no whole number of 64 bits, or negative.
pub fn read_count(field: &'static str, text: &str) -> Result<Option<i64>, Wrong> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    count(field, Some(text.parse().map_err(|_| not_a_count(field))?))
}

/// A rate from text; empty text is none.
///
/// # Errors
/// It is no number, not finite, or negative.
pub fn read_rate(text: &str) -> Result<Option<f64>, Wrong> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    rate(Some(text.parse().map_err(|_| not_a_rate())?))
}

/// A group of digits counts only when it has eight: part of a longer number is no day.
fn day_of(name: &str) -> Option<&str> {
    let mut from = 0;
    while let Some(start) = name[from..].find(|c: char| c.is_ascii_digit()).map(|start| from + start) {
        let digits = name[start..].bytes().take_while(u8::is_ascii_digit).count();
        let end = start + digits;
        if digits == 8 {
            let letter = name[end..].bytes().next().is_some_and(|byte| byte.is_ascii_uppercase());
            return Some(&name[start + 4..end + usize::from(letter)]);
        }
        from = end;
    }
    None
}

fn derived(name: &str, region: &str, grade: &str, valid_leads: Option<i64>) -> Result<String, Wrong> {
    let code = internal_code(name, region, grade, valid_leads);
    let code = code.ok_or_else(|| Wrong::new("internal_code", "未填写，且无法由数据包名称和有效数得出"))?;
    needed("internal_code", &code, 100)
}

fn needed(field: &'static str, value: &str, most: usize) -> Result<String, Wrong> {
    text(field, Some(value), most)?.ok_or_else(|| Wrong::new(field, "不能为空"))
}

fn text(field: &'static str, value: Option<&str>, most: usize) -> Result<Option<String>, Wrong> {
    let value = value.unwrap_or_default().trim();
    if value.chars().any(char::is_control) {
        return Err(Wrong::new(field, "不能含有控制字符"));
    }
    if value.chars().count() > most {
        return Err(Wrong::new(field, format!("不能超过 {most} 个字符")));
    }
    Ok(Some(value).filter(|value| !value.is_empty()).map(str::to_owned))
}

fn source(value: Option<&str>) -> Result<PackageSource, Wrong> {
    let Some(word) = text("source", value, 10)? else { return Ok(PackageSource::Purchased) };
    PackageSource::from_word(&word).ok_or_else(|| Wrong::new("source", "只能是 采买 或 练习"))
}

fn level(value: Option<&str>) -> Result<Option<String>, Wrong> {
    let Some(level) = text("package_level", value, 4)? else { return Ok(None) };
    let number = level.strip_prefix(['O', 'P']).filter(|digits| !digits.starts_with(['0', '+']));
    let sound = level == "N" || number.is_some_and(|digits| digits.parse().is_ok_and(|n: u32| n < 100));
    if sound {
        Ok(Some(level))
    } else {
        Err(Wrong::new("package_level", "只能是 N、O1–O99 或 P1–P99"))
    }
}

fn count(field: &'static str, value: Option<i64>) -> Result<Option<i64>, Wrong> {
    if value.is_some_and(|count| count < 0) { Err(not_a_count(field)) } else { Ok(value) }
}

fn rate(value: Option<f64>) -> Result<Option<f64>, Wrong> {
    if value.is_some_and(|rate| !rate.is_finite() || rate < 0.0) { Err(not_a_rate()) } else { Ok(value) }
}

fn not_a_count(field: &'static str) -> Wrong {
    Wrong::new(field, "不是非负整数")
}

fn not_a_rate() -> Wrong {
    Wrong::new("contact_rate", "不是非负数")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft() -> PackageDraft {
        PackageDraft {
            external_id: " 541437 ".to_owned(),
            name: "禹州20250826高中.csv".to_owned(),
            region: "禹州".to_owned(),
            grade: "高中".to_owned(),
            valid_leads: Some(1000),
            ..PackageDraft::default()
        }
    }

    #[test]
    fn a_code_is_derived_from_the_first_day_in_the_name() {
        let table = [
            ("禹州20250826高中.csv", Some("禹州-0826-高中-1000")),
            ("20250922A", Some("禹州-0922A-高中-1000")),
            ("20250922a", Some("禹州-0922-高中-1000")),
            ("1234567_20250922B_20250101", Some("禹州-0922B-高中-1000")),
            ("202509221 x 20250908BC", Some("禹州-0908B-高中-1000")),
            ("禹州０８２６２０２５", None),
            ("2025-08-26", None),
            ("", None),
        ];
        for (name, expected) in table {
            assert_eq!(internal_code(name, "禹州", "高中", Some(1000)).as_deref(), expected, "{name}");
        }
        assert_eq!(internal_code("20250922", "禹州", "高中", None), None);
    }

    #[test]
    fn the_first_task_of_a_package_has_the_first_level_of_its_source() {
        let code = "禹州-0826-高中-1000";
        assert_eq!(first_task_prefix(code, PackageSource::Purchased), "禹州-0826-高中-1000-N");
        assert_eq!(first_task_prefix(code, PackageSource::Practice), "禹州-0826-高中-1000-P1");
    }

    #[test]
    fn a_sound_draft_becomes_a_package() {
        let package = draft().check().unwrap();
        assert_eq!(package.external_id, "541437");
        assert_eq!(package.internal_code, "禹州-0826-高中-1000");
        assert_eq!(package.source, PackageSource::Purchased);
        let given = PackageDraft {
            internal_code: Some(" 禹州-0826-高中-721 ".to_owned()),
            source: Some("练习".to_owned()),
            package_level: Some("O99".to_owned()),
            valid_leads: None,
            ..draft()
        };
        let package = given.check().unwrap();
        assert_eq!((package.internal_code.as_str(), package.valid_leads), ("禹州-0826-高中-721", None));
        assert_eq!(package.source, PackageSource::Practice);
        assert_eq!(package.package_level.as_deref(), Some("O99"));
    }

    #[test]
    fn a_wrong_field_is_named_by_its_column() {
        let text = |text: &str| Some(text.to_owned());
        let table = [
            (PackageDraft { external_id: " ".to_owned(), ..draft() }, "external_package_id 不能为空"),
            (
                PackageDraft { external_id: "9".repeat(65), ..draft() },
                "external_package_id 不能超过 64 个字符",
            ),
            (PackageDraft { name: "数".repeat(256), ..draft() }, "name 不能超过 255 个字符"),
            (PackageDraft { name: "a\u{0}20250101".to_owned(), ..draft() }, "name 不能含有控制字符"),
            (PackageDraft { region: String::new(), ..draft() }, "region 不能为空"),
            (PackageDraft { grade: String::new(), ..draft() }, "grade 不能为空"),
            (PackageDraft { source: text("购买"), ..draft() }, "source 只能是 采买 或 练习"),
            (PackageDraft { total_leads: Some(-1), ..draft() }, "total_leads 不是非负整数"),
            (
                PackageDraft { valid_leads: None, ..draft() },
                "internal_code 未填写，且无法由数据包名称和有效数得出",
            ),
            (
                PackageDraft { package_level: text("O0"), ..draft() },
                "package_level 只能是 N、O1–O99 或 P1–P99",
            ),
            (
                PackageDraft { package_level: text("P100"), ..draft() },
                "package_level 只能是 N、O1–O99 或 P1–P99",
            ),
            (PackageDraft { contact_rate: Some(f64::NAN), ..draft() }, "contact_rate 不是非负数"),
        ];
        for (draft, expected) in table {
            assert_eq!(draft.check().unwrap_err().to_string(), expected);
        }
        let longest = PackageDraft { name: format!("{}20250101", "数".repeat(247)), ..draft() };
        assert!(longest.check().is_ok());
    }

    #[test]
    fn numbers_are_read_from_text() {
        assert_eq!(read_count("total_leads", " 1000 "), Ok(Some(1000)));
        assert_eq!(read_count("total_leads", ""), Ok(None));
        for text in ["-1", "1.5", "1,000", "九", "9223372036854775808"] {
            assert_eq!(read_count("valid_leads", text).unwrap_err().to_string(), "valid_leads 不是非负整数");
        }
        assert_eq!(read_rate("0.35"), Ok(Some(0.35)));
        assert_eq!(read_rate(" "), Ok(None));
        for text in ["-0.1", "NaN", "inf", "35%"] {
            assert_eq!(read_rate(text).unwrap_err().to_string(), "contact_rate 不是非负数");
        }
    }
}
