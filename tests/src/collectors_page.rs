//! `docs/HOST_METRICS.md`: the collectors, from their list, and how they differ from node_exporter's.

use std::fmt::Write;

use pratiko_exporter::collectors;
use pratiko_exporter::host::{OptionKind, OptionSpec};

/// The page.
pub fn page() -> String {
    let mut page = include_str!("collectors_page/introduction.md").to_owned();
    page += "\n## Collectors\n\n| collector | by default | what it tells |\n|---|---|---|\n";
    for spec in collectors::ALL {
        let default = if spec.on_by_default { "on" } else { "off" };
        let _ = writeln!(page, "| `{}` | {default} | {} |", spec.name, spec.about);
    }
    page += "\n## Options\n\n| flag | default | meaning |\n|---|---|---|\n";
    for option in collectors::ALL.iter().flat_map(|spec| spec.options) {
        let _ = writeln!(page, "| `{}` | {} | {} |", flag(option), default(option), in_table(option.help));
    }
    page.push('\n');
    page += include_str!("collectors_page/differences.md");
    page
}

fn flag(option: &OptionSpec) -> String {
    match option.kind {
        OptionKind::Switch => format!("--[no-]collector.{}", option.name),
        OptionKind::Text | OptionKind::Texts => format!("--collector.{}", option.name),
    }
}

fn default(option: &OptionSpec) -> String {
    if option.default.is_empty() { "—".to_owned() } else { format!("`{}`", in_table(option.default)) }
}

/// A bar would end the cell.
fn in_table(text: &str) -> String {
    text.replace('|', "\\|")
}
