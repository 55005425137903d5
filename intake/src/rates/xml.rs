//! The XML form: a `Cube` with a `time` for each day, with a `Cube` for each currency in it.

use pratiko_domain::currency::DailyRates;
use pratiko_domain::time::Date;
use roxmltree::{Document, Node, ParsingOptions};

use super::days::{Days, currency};
use super::error::{Place, RateFileError, shortened, shown};

/// All days since 1999 are a quarter of a million elements.
const MOST_NODES: u32 = 2_000_000;

/// No tag of these files is a tenth as long, and none declares many namespaces. Reading either takes
/// time or memory that grows with their square.
const LONGEST_TAG_BYTES: usize = 4096;
const MOST_NAMESPACES: usize = 32;

pub(super) fn read(text: &str) -> Result<Vec<DailyRates>, RateFileError> {
    refuse_bombs(text)?;
    let options = ParsingOptions { allow_dtd: false, nodes_limit: MOST_NODES, ..ParsingOptions::default() };
    let document = Document::parse_with_options(text, options).map_err(|error| {
        let place = Place { line: error.pos().row as usize, column: error.pos().col as usize };
        let what = error.to_string();
        // Its own words end with the place, and quote names whole.
        let what = shortened(what.split(" at ").next().unwrap_or_default());
        place.error(format!("it is not XML that can be read: {what}; was it downloaded whole?"))
    })?;
    let mut days = Days::default();
    for cube in document.descendants().filter(|node| node.tag_name().name() == "Cube") {
        if let Some(time) = cube.attribute("time") {
            let at = place(&document, cube);
            let day: Date = time
                .parse()
                .map_err(|_| at.error(format!("time: {} is not a day like 2026-03-01", shown(time))))?;
            days.begin(day, at)?;
            for rate in cube.children().filter(Node::is_element) {
                read_rate(&document, rate, day, &mut days)?;
            }
        } else if cube.has_attribute("currency")
            && !cube.parent().is_some_and(|day| day.has_attribute("time"))
        {
            return Err(place(&document, cube)
                .error("this rate stands in no Cube with a time, so that it has no day"));
        }
    }
    days.finish(place(&document, document.root_element()))
}

fn read_rate(
    document: &Document<'_>,
    rate: Node<'_, '_>,
    day: Date,
    days: &mut Days,
) -> Result<(), RateFileError> {
    let at = place(document, rate);
    let (Some(code), Some(units)) = (rate.attribute("currency"), rate.attribute("rate")) else {
        return Err(
            at.error("a rate needs both, a currency and a rate: <Cube currency='USD' rate='1.0823'/>")
        );
    };
    days.add(day, currency(code, at)?, units, at)
}

fn place(document: &Document<'_>, node: Node<'_, '_>) -> Place {
    let position = document.text_pos_at(node.range().start);
    Place { line: position.row as usize, column: position.col as usize }
}

fn refuse_bombs(text: &str) -> Result<(), RateFileError> {
    let mut rest = text;
    while let Some(start) = rest.find('<') {
        let tag = &rest[start..];
        let end = tag.find('>').unwrap_or(tag.len());
        if end > LONGEST_TAG_BYTES {
            let place = Place::after(&text[..text.len() - tag.len()]);
            return Err(place.error(
                "here begins a tag that is longer than any of these files; was it downloaded whole?",
            ));
        }
        rest = &tag[end..];
    }
    if let Some((position, _)) = text.match_indices("xmlns").nth(MOST_NAMESPACES) {
        return Err(
            Place::after(&text[..position]).error("it declares more namespaces than any of these files")
        );
    }
    Ok(())
}
