//! Protocol statistics, from `/proc/net/netstat`, `/proc/net/snmp` and `/proc/net/snmp6`.

use std::io;
use std::path::Path;

use pratiko_metrics::exposition::{Kind, Value};
use regex_lite::Regex;

use super::field_families::{FieldFamilies, FieldFamily, is_nameable};
use crate::host::{
    CollectError, Collector, KeptFile, OptionKind, OptionSpec, Output, Setup, SetupError, Spec,
};

const FIELDS: OptionSpec = OptionSpec {
    name: "netstat.fields",
    kind: OptionKind::Text,
    default: "^(.*_(InErrors|InErrs)|Ip_Forwarding|Ip(6|Ext)_(InOctets|OutOctets)|Icmp6?_(InMsgs|OutMsgs)\
              |TcpExt_(Listen.*|Syncookies.*|TCPSynRetrans|TCPTimeouts|TCPOFOQueue|TCPRcvQDrop)\
              |Tcp_(ActiveOpens|InSegs|OutSegs|OutRsts|PassiveOpens|RetransSegs|CurrEstab)\
              |Udp6?_(InDatagrams|OutDatagrams|NoPorts|RcvbufErrors|SndbufErrors))$",
    help: "The fields to tell, as a regular expression over protocol_field.",
};

pub(super) const SPEC: Spec = Spec {
    name: "netstat",
    on_by_default: true,
    about: "IP, ICMP, TCP and UDP statistics: segments, retransmissions, errors, listen queue overflows.",
    options: &[FIELDS],
    build: |setup: &Setup<'_>| -> Result<Box<dyn Collector>, SetupError> {
        let kept = |path| KeptFile::new(setup.roots.proc(path));
        Ok(Box::new(NetworkStatistics {
            tables: [kept("net/netstat"), kept("net/snmp")].map(|file| Table { file, headers: Vec::new() }),
            snmp6: kept("net/snmp6"),
            snmp6_families: FieldFamilies::default(),
            wanted: setup.options.pattern(&FIELDS)?,
        }))
    },
};

struct NetworkStatistics {
    tables: [Table; 2],
    snmp6: KeptFile,
    snmp6_families: FieldFamilies,
    wanted: Option<Regex>,
}

/// A file in which a line names the fields and the next one holds their values.
struct Table {
    file: KeptFile,
    /// The lines of names as they were last time, which is as they are until the next boot.
    headers: Vec<Header>,
}

struct Header {
    line: String,
    /// How many words the line has, the protocol's name included.
    words: usize,
    /// The wanted ones among the words.
    columns: Vec<(usize, FieldFamily)>,
}

impl Collector for NetworkStatistics {
    fn collect(&mut self, output: &mut Output) -> Result<(), CollectError> {
        let mut found = false;
        for table in &mut self.tables {
            found |= table.collect(self.wanted.as_ref(), output)?;
        }
        found |= self.collect_snmp6(output)?;
        if found { Ok(()) } else { Err(CollectError::NotHere("protocol statistics")) }
    }
}

impl Table {
    fn collect(&mut self, wanted: Option<&Regex>, output: &mut Output) -> Result<bool, CollectError> {
        let path = self.file.path().to_owned();
        let Some(text) = present(&path, self.file.read_text())? else { return Ok(false) };
        let mut lines = text.lines();
        let mut position = 0;
        while let Some(names) = lines.next() {
            let values = lines.next().unwrap_or_default();
            if self.headers.get(position).is_none_or(|header| header.line != names) {
                self.headers.truncate(position);
                self.headers.push(Header::new(names, wanted));
            }
            self.headers[position].write(values, &path, output);
            position += 1;
        }
        Ok(true)
    }
}

impl Header {
    fn new(line: &str, wanted: Option<&Regex>) -> Self {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        let protocol = words.first().map_or("", |word| word.trim_end_matches(':'));
        let columns = words
            .iter()
            .enumerate()
            .skip(1)
            .filter_map(|(column, field)| Some((column, family(protocol, field, wanted)?)))
            .collect();
        Self { line: line.to_owned(), words: words.len(), columns }
    }

    /// Writes what the line of values, which begins with the protocol's name too, has in the wanted columns.
    fn write(&self, values: &str, path: &Path, output: &mut Output) {
        let mut words = Vec::with_capacity(self.words);
        words.extend(values.split_ascii_whitespace());
        let fits = words.len() == self.words && words.first().is_some_and(|word| self.line.starts_with(word));
        if !fits {
            output.skip(path, &self.line);
            return;
        }
        for (column, family) in &self.columns {
            write_value(family, words[*column], path, output);
        }
    }
}

impl NetworkStatistics {
    /// Reads `snmp6`, where each line holds one field: `Udp6InDatagrams 12`.
    fn collect_snmp6(&mut self, output: &mut Output) -> Result<bool, CollectError> {
        let path = self.snmp6.path().to_owned();
        let Some(text) = present(&path, self.snmp6.read_text())? else { return Ok(false) };
        for (position, line) in text.lines().enumerate() {
            let mut words = line.split_ascii_whitespace();
            let (field, value) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
            let family = self.snmp6_families.get(position, field, || {
                let (protocol, name) = field.split_once('6')?;
                family(&format!("{protocol}6"), name, self.wanted.as_ref())
            });
            if let Some(family) = family {
                write_value(family, value, &path, output);
            }
        }
        Ok(true)
    }
}

/// The family of a field, if it is wanted and can be named.
fn family(protocol: &str, field: &str, wanted: Option<&Regex>) -> Option<FieldFamily> {
    let key = format!("{protocol}_{field}");
    let is_wanted = wanted.is_none_or(|wanted| wanted.is_match(&key));
    (is_wanted && is_nameable(&key)).then(|| FieldFamily {
        name: format!("node_netstat_{key}"),
        help: format!("Statistic {protocol}{field}."),
    })
}

fn write_value(family: &FieldFamily, word: &str, path: &Path, output: &mut Output) {
    // A few are signed: Tcp_MaxConn is -1 where there is no limit.
    let value = word.parse::<u64>().map(Value::Unsigned).or_else(|_| word.parse::<i64>().map(Value::Signed));
    match value {
        Ok(value) => {
            output.family(&family.name, Kind::Untyped, &family.help).sample(&[], value);
        }
        Err(_) => output.skip(path, &family.name),
    }
}

/// A file that may be missing: a kernel without IPv6 has no `snmp6`.
fn present<T>(path: &Path, result: io::Result<T>) -> Result<Option<T>, CollectError> {
    match result {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(CollectError::Read { path: path.to_owned(), source }),
    }
}
