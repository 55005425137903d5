//! The two formats and the negotiation between them.

/// An exposition format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// Prometheus' text format 0.0.4, the default of every client.
    Text,
    /// OpenMetrics 1.0 text.
    OpenMetrics,
}

impl Format {
    /// The format that a request's `Accept` header prefers; [`Format::Text`] unless OpenMetrics
    /// is accepted with a higher or equal quality and named explicitly.
    ///
    /// ```
    /// use pratiko_metrics::exposition::Format;
    ///
    /// let prometheus = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
    /// assert_eq!(Format::from_accept(prometheus), Format::OpenMetrics);
    /// assert_eq!(Format::from_accept("*/*"), Format::Text);
    /// ```
    pub fn from_accept(accept: &str) -> Self {
        let mut open_metrics: f64 = 0.0;
        let mut text: f64 = 0.0;
        for range in accept.split(',') {
            let mut parts = range.split(';').map(str::trim);
            // Types and the names of parameters have no case.
            let media_type = parts.next().unwrap_or("").to_ascii_lowercase();
            let mut quality = 1.0;
            let mut supported = true;
            for parameter in parts {
                let Some((name, value)) = parameter.split_once('=') else { continue };
                if name.eq_ignore_ascii_case("q") {
                    quality = value.parse().unwrap_or(0.0);
                } else if name.eq_ignore_ascii_case("version") {
                    supported = matches!(value.trim_matches('"'), "1.0.0" | "0.0.1");
                }
            }
            match media_type.as_str() {
                "application/openmetrics-text" if supported => open_metrics = open_metrics.max(quality),
                "text/plain" => text = text.max(quality),
                _ => {}
            }
        }
        if open_metrics > 0.0 && open_metrics >= text { Self::OpenMetrics } else { Self::Text }
    }

    /// The value of the answer's `Content-Type` header.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Text => "text/plain; version=0.0.4; charset=utf-8",
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn openmetrics_is_chosen_only_when_it_is_named_and_not_worse() {
        let cases = [
            ("", Format::Text),
            ("text/html,*/*", Format::Text),
            ("application/openmetrics-text", Format::OpenMetrics),
            (
                "application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5",
                Format::OpenMetrics,
            ),
            ("application/openmetrics-text;q=0.2,text/plain;q=0.5", Format::Text),
            ("application/openmetrics-text;q=0", Format::Text),
            ("application/openmetrics-text;version=9.0.0", Format::Text),
            // A worse range takes nothing from a better one.
            (
                "application/openmetrics-text;version=1.0.0;q=0.6,text/plain;q=0.5,application/openmetrics-text;q=0.1",
                Format::OpenMetrics,
            ),
            ("Application/OpenMetrics-Text;Version=1.0.0", Format::OpenMetrics),
            ("application/openmetrics-text;Q=0.2,Text/Plain;q=0.5", Format::Text),
        ];
        for (accept, expected) in cases {
            assert_eq!(Format::from_accept(accept), expected, "{accept}");
        }
    }
}
