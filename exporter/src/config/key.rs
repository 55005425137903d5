//! What is known about one key: the same line of data makes the flag, the environment variable, the
//! documentation and the error messages.

use std::borrow::Cow;

use super::environment::Environment;

/// One thing that can be configured.
#[derive(Debug)]
pub struct Key {
    /// Where it stands in the file: `web.listen_address`.
    pub path: Cow<'static, str>,
    /// What a value looks like.
    pub kind: Kind,
    /// What holds when nobody says anything.
    pub default: DefaultValue,
    /// What it means, in a sentence for `--help` and the documentation.
    pub help: &'static str,
    flag: Flag,
}

/// What a value looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Any text.
    Text,
    /// A file or a directory; empty for none.
    Path,
    /// `true` or `false`; its flag takes no value.
    Switch,
    /// `auto`, `on` or `off`; its flag takes no value and means on or off.
    AutoSwitch,
    /// One of a few words.
    OneOf(&'static [&'static str]),
    /// A length of time.
    Duration,
    /// A number of bytes.
    Size,
    /// A whole number.
    Count,
    /// An amount of euros.
    Money,
    /// Several texts.
    List,
    /// A text with a credential in it: not to be shown, and not to be given on a command line.
    Secret,
    /// Credentials: not to be shown, and not to be given on a command line.
    Tokens,
    /// Secrets themselves: not to be shown, and only to be given in the environment.
    Secrets,
    /// Percent.
    Percent,
    /// The plans that are sold.
    Plans,
    /// Databases that facts are read from.
    Sources,
}

impl Kind {
    /// What to write, for error messages.
    pub fn expected(self) -> String {
        match self {
            Self::Text | Self::Secret => "a text".to_owned(),
            Self::Path => "a path such as /var/lib/pratiko".to_owned(),
            Self::Switch => "true or false".to_owned(),
            Self::AutoSwitch => "auto, on or off".to_owned(),
            Self::OneOf(words) => format!("one of {}", words.join(", ")),
            Self::Duration => "a duration such as 500ms, 30s, 5m, 1h30m or 14d".to_owned(),
            Self::Size => "a size such as 512KiB or 8MiB".to_owned(),
            Self::Count => "a whole number such as 100".to_owned(),
            Self::Money => "an amount in euros such as \"2.50\"".to_owned(),
            Self::List => "a list such as [first, second]".to_owned(),
            Self::Tokens => "a list such as [\"sha256:…\"]".to_owned(),
            Self::Secrets => "a list, in the environment only".to_owned(),
            Self::Percent => "percent such as \"22\"".to_owned(),
            Self::Plans => "a list such as [{name: pro, target_cost_eur: \"2.00\"}]".to_owned(),
            Self::Sources => "a list such as [{name: billing, url_file: …, queries: […]}]".to_owned(),
        }
    }

    /// Whether its value is a list.
    pub const fn is_list(self) -> bool {
        matches!(self, Self::List | Self::Tokens | Self::Secrets | Self::Plans | Self::Sources)
    }

    /// Whether its value must never be shown.
    pub const fn is_secret(self) -> bool {
        matches!(self, Self::Secret | Self::Secrets | Self::Tokens)
    }
}

/// What holds when nobody says anything. It is read in the same way as what somebody says.
#[derive(Debug, Clone, Copy)]
pub enum DefaultValue {
    /// A fixed value; a list is separated by commas, and an empty text is no value.
    Is(&'static str),
    /// A value that depends on the surroundings, and how the documentation puts it.
    Depends {
        /// The rule in words.
        described: &'static str,
        /// The rule.
        value: fn(&Environment) -> String,
    },
}

/// How a key is called on the command line.
#[derive(Debug)]
enum Flag {
    /// As in the file, with `-` for `_`.
    Regular,
    /// As other exporters call it.
    Named(Cow<'static, str>),
    /// Not at all: it is secret, or has too much structure.
    None,
}

impl Key {
    /// A key whose flag is its path with `-` for `_`.
    pub const fn new(path: &'static str, kind: Kind, default: DefaultValue, help: &'static str) -> Self {
        Self { path: Cow::Borrowed(path), kind, default, help, flag: Flag::Regular }
    }

    /// A key whose flag has a name of its own.
    pub const fn with_flag(
        path: &'static str,
        flag: &'static str,
        kind: Kind,
        default: DefaultValue,
        help: &'static str,
    ) -> Self {
        Self { path: Cow::Borrowed(path), kind, default, help, flag: Flag::Named(Cow::Borrowed(flag)) }
    }

    /// A key that has no flag.
    pub const fn without_flag(
        path: &'static str,
        kind: Kind,
        default: DefaultValue,
        help: &'static str,
    ) -> Self {
        Self { path: Cow::Borrowed(path), kind, default, help, flag: Flag::None }
    }

    /// A key whose names are made while the program runs.
    pub(super) const fn made(
        path: String,
        flag: String,
        kind: Kind,
        default: &'static str,
        help: &'static str,
    ) -> Self {
        Self {
            path: Cow::Owned(path),
            kind,
            default: DefaultValue::Is(default),
            help,
            flag: Flag::Named(Cow::Owned(flag)),
        }
    }

    /// What it means and, if there are few, which values it has.
    pub fn explained(&self) -> String {
        match self.kind {
            Kind::OneOf(words) => format!("{} One of {}.", self.help, words.join(", ")),
            _ => self.help.to_owned(),
        }
    }

    /// Its flag, without the dashes.
    pub fn flag(&self) -> Option<String> {
        match &self.flag {
            Flag::Regular => Some(self.path.replace('_', "-")),
            Flag::Named(name) => Some(name.clone().into_owned()),
            Flag::None => None,
        }
    }

    /// Its environment variable.
    pub fn variable(&self) -> String {
        format!("PRATIKO_{}", self.path.replace('.', "_").to_uppercase())
    }

    /// The part of the file it stands in.
    pub fn section(&self) -> &str {
        self.path.split('.').next().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_other_names_of_a_key_follow_from_its_path() {
        let key = Key::new("ledger.stale_after", Kind::Duration, DefaultValue::Is("5m"), "");
        assert_eq!(key.flag().as_deref(), Some("ledger.stale-after"));
        assert_eq!(key.variable(), "PRATIKO_LEDGER_STALE_AFTER");
        assert_eq!(key.section(), "ledger");
    }
}
