//! The families of a file that lists the same fields in the same order each time, `/proc/vmstat` and
//! its like: their names are made, and matched against what is wanted, once.

/// The name and help of a family that stands for one field.
#[derive(Debug)]
pub(super) struct FieldFamily {
    pub name: String,
    pub help: String,
}

/// What is known of each field, by its position in the file.
#[derive(Debug, Default)]
pub(super) struct FieldFamilies {
    known: Vec<(String, Option<FieldFamily>)>,
}

impl FieldFamilies {
    /// The family of the field at `position`, which `make` makes when it is another one than last
    /// time; `None` when nobody wants it.
    ///
    /// Positions are asked for in order and without gaps.
    pub fn get(
        &mut self,
        position: usize,
        field: &str,
        make: impl FnOnce() -> Option<FieldFamily>,
    ) -> Option<&FieldFamily> {
        if self.known.get(position).is_none_or(|(known, _)| known != field) {
            self.known.truncate(position);
            self.known.push((field.to_owned(), make()));
        }
        self.known.get(position)?.1.as_ref()
    }
}

/// Whether a metric's name may contain `text`.
pub(super) fn is_nameable(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_family_is_made_once_and_again_when_the_fields_change() {
        let mut families = FieldFamilies::default();
        let mut made = 0;
        for field in ["a", "a", "b", "a"] {
            let family = families.get(0, field, || {
                made += 1;
                Some(FieldFamily { name: format!("node_{field}"), help: String::new() })
            });
            assert_eq!(family.unwrap().name, format!("node_{field}"));
        }
        assert_eq!(made, 3);
    }
}
