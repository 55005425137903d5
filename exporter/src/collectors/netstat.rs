//! Protocol statistics, from `/proc/net/netstat`, `/proc/net/snmp` and `/proc/net/snmp6`.

use std::collections::HashMap;
use std::io;
use std::path::Path;

use pratiko_metrics::exposition::{Kind, Value};
use regex_lite::Regex;

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
            snmp6_families: HashMap::new(),
            wanted: setup.options.pattern(&FIELDS)?,
        }))
    },
};

struct NetworkStatistics {
    tables: [Table; 2],
    snmp6: KeptFile,
    /// What is known of each field of `snmp6`: its family, or that nobody wants it.
    snmp6_families: HashMap<String, Option<Family>>,
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
    /// The wanted ones among the columns.
    columns: Vec<(usize, Family)>,
}

struct Family {
    name: String,
    help: String,
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
        let mut words = line.split_ascii_whitespace();
        let protocol = words.next().unwrap_or_default().trim_end_matches(':');
        let columns = words
            .enumerate()
            .filter_map(|(column, field)| Some((column, Family::new(protocol, field, wanted)?)))
            .collect();
        Self { line: line.to_owned(), columns }
    }

    fn write(&self, values: &str, path: &Path, output: &mut Output) {
        let (protocol, names) = self.line.split_once(' ').unwrap_or((&self.line, ""));
        let Some(values) = values.strip_prefix(protocol) else {
            output.skip(path, &self.line);
            return;
        };
        let count = |text: &str| text.split_ascii_whitespace().count();
        if count(names) != count(values) {
            output.skip(path, &self.line);
            return;
        }
        let mut words = values.split_ascii_whitespace();
        let mut next = 0;
        for (column, family) in &self.columns {
            let word = words.nth(column - next).unwrap_or_default();
            next = column + 1;
            family.write(word, path, output);
        }
    }
}

impl NetworkStatistics {
    /// Reads `snmp6`, where each line holds one field: `Udp6InDatagrams 12`.
    fn collect_snmp6(&mut self, output: &mut Output) -> Result<bool, CollectError> {
        let path = self.snmp6.path().to_owned();
        let Some(text) = present(&path, self.snmp6.read_text())? else { return Ok(false) };
        for line in text.lines() {
            let mut words = line.split_ascii_whitespace();
            let (Some(field), Some(value)) = (words.next(), words.next()) else {
                output.skip(&path, line);
                continue;
            };
            if !self.snmp6_families.contains_key(field) {
                let family = field.split_once('6').and_then(|(protocol, name)| {
                    Family::new(&format!("{protocol}6"), name, self.wanted.as_ref())
                });
                self.snmp6_families.insert(field.to_owned(), family);
            }
            if let Some(Some(family)) = self.snmp6_families.get(field) {
                family.write(value, &path, output);
            }
        }
        Ok(true)
    }
}

impl Family {
    /// The family of a field, if it is wanted and can be named.
    fn new(protocol: &str, field: &str, wanted: Option<&Regex>) -> Option<Self> {
        let key = format!("{protocol}_{field}");
        let is_wanted = wanted.is_none_or(|wanted| wanted.is_match(&key));
        let is_nameable = key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        (is_wanted && is_nameable).then(|| Self {
            name: format!("node_netstat_{key}"),
            help: format!("Statistic {protocol}{field}."),
        })
    }

    fn write(&self, word: &str, path: &Path, output: &mut Output) {
        // A few are signed: Tcp_MaxConn is -1 where there is no limit.
        let value =
            word.parse::<u64>().map(Value::Unsigned).or_else(|_| word.parse::<i64>().map(Value::Signed));
        match value {
            Ok(value) => {
                output.family(&self.name, Kind::Untyped, &self.help).sample(&[], value);
            }
            Err(_) => output.skip(path, &self.name),
        }
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
