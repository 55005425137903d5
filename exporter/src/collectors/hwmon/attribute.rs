//! What the name of a sensor's file says of the value in it
//! (<https://docs.kernel.org/hwmon/sysfs-interface.html>).

use pratiko_metrics::exposition::Kind;

const SENSOR_KINDS: [&str; 14] = [
    "vrm",
    "beep_enable",
    "update_interval",
    "in",
    "cpu",
    "fan",
    "pwm",
    "temp",
    "curr",
    "power",
    "energy",
    "humidity",
    "intrusion",
    "freq",
];

/// A file's name in its parts: `temp1_crit` is the element `crit` of the sensor 1 of kind `temp`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Attribute<'name> {
    pub kind: &'static str,
    pub number: u32,
    pub element: &'name str,
}

impl<'name> Attribute<'name> {
    pub(super) fn parse(name: &'name str) -> Option<Self> {
        let end_of_kind = name.find(|letter: char| letter.is_ascii_digit()).unwrap_or(name.len());
        let (kind, rest) = name.split_at(end_of_kind);
        let kind = SENSOR_KINDS.into_iter().find(|known| *known == kind)?;
        let end_of_number = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
        let (number, rest) = rest.split_at(end_of_number);
        Some(Self {
            kind,
            number: if number.is_empty() { 0 } else { number.parse().ok()? },
            element: if rest.is_empty() {
                ""
            } else {
                rest.strip_prefix('_').filter(|text| !text.is_empty())?
            },
        })
    }

    /// The sensor that it belongs to: `temp1`.
    pub(super) fn sensor(&self) -> String {
        format!("{}{}", self.kind, self.number)
    }
}

/// How a value becomes a sample.
#[derive(Debug, PartialEq)]
pub(super) struct Meaning {
    pub family: String,
    pub kind: Kind,
    pub help: String,
    pub scale: Scale,
}

/// From the kernel's unit to the family's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scale {
    One,
    Milli,
    Micro,
    /// A switch: 1 when the file says so, and 0 otherwise.
    OneOrZero,
}

impl Scale {
    pub(super) fn apply(self, text: &str) -> Option<f64> {
        if self == Self::OneOrZero {
            return Some(if text == "1" { 1.0 } else { 0.0 });
        }
        let value: f64 = text.parse().ok()?;
        // Multiplied here and divided there, as node_exporter does, so that the last digit is the same.
        Some(match self {
            Self::Milli => value * 0.001,
            Self::Micro => value / 1e6,
            Self::One | Self::OneOrZero => value,
        })
    }
}

/// The family of an attribute. `also_bare` says that the sensor has a file of its bare name, too, as
/// `pwm1` besides `pwm1_input`.
pub(super) fn meaning(attribute: Attribute<'_>, also_bare: bool) -> Meaning {
    use Scale::{Micro, Milli, One, OneOrZero};
    let Attribute { kind, element, .. } = attribute;
    let gauge = |family: String, scale, help: String| Meaning { family, kind: Kind::Gauge, help, scale };
    match kind {
        "beep_enable" => {
            return gauge("node_hwmon_beep_enabled".into(), OneOrZero, "Whether the chip beeps.".into());
        }
        "vrm" => {
            let help = "Version of the voltage regulator module.".into();
            return gauge("node_hwmon_voltage_regulator_version".into(), One, help);
        }
        "update_interval" => {
            let help = "Seconds between two updates of the chip.".into();
            return gauge("node_hwmon_update_interval_seconds".into(), Milli, help);
        }
        _ => {}
    }
    let name = match element {
        "" => format!("node_hwmon_{kind}"),
        "input" if !also_bare => format!("node_hwmon_{kind}"),
        element => format!("node_hwmon_{kind}_{}", clean(element)),
    };
    let what = if element.is_empty() { "input" } else { element };
    let (unit, scale, words) = match (kind, element) {
        (_, "fault" | "alarm") => ("", One, format!("Status of the sensor ({kind} {what}).")),
        (_, "beep") => ("_enabled", One, "Whether the sensor beeps.".to_owned()),
        ("in" | "cpu", _) => ("_volts", Milli, format!("Voltage in volts ({what}).")),
        ("temp", element) if element != "type" => {
            ("_celsius", Milli, format!("Temperature in degrees Celsius ({what})."))
        }
        ("curr", _) => ("_amps", Milli, format!("Current in amperes ({what}).")),
        ("energy", _) => ("_joule_total", Micro, format!("Energy used so far, in joules ({what}).")),
        ("power", "accuracy") => ("", Micro, "Accuracy of the power meter, as a ratio.".to_owned()),
        ("power", "average_interval" | "average_interval_min" | "average_interval_max") => {
            ("_seconds", Milli, format!("Seconds over which power is averaged ({what})."))
        }
        ("power", _) => ("_watt", Micro, format!("Power in watts ({what}).")),
        ("humidity", _) => ("", Micro, format!("Humidity, as a ratio ({what}).")),
        ("fan", "input" | "min" | "max" | "target") => {
            ("_rpm", One, format!("Fan speed in revolutions per minute ({what})."))
        }
        ("freq", "input") => ("_freq_mhz", Micro, "Frequency in megahertz.".to_owned()),
        _ => ("", One, format!("The {kind} sensor's {what}, as the kernel gives it.")),
    };
    let counts = kind == "energy" && unit == "_joule_total";
    Meaning {
        family: format!("{name}{unit}"),
        kind: if counts { Kind::Counter } else { Kind::Gauge },
        help: words,
        scale,
    }
}

/// A name in the letters that a family's name may have.
pub(super) fn clean(name: &str) -> String {
    let cleaned: String = name
        .to_lowercase()
        .chars()
        .map(|letter| match letter {
            'a'..='z' | '0'..='9' | ':' | '_' => letter,
            _ => '_',
        })
        .collect();
    cleaned.trim_matches('_').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn family(file: &str) -> String {
        meaning(Attribute::parse(file).unwrap(), false).family
    }

    #[test]
    fn files_that_are_no_sensors_are_told_apart() {
        for name in ["name", "uevent", "device", "subsystem", "temp1input", "temp1_", "in_put", "input0"] {
            assert_eq!(Attribute::parse(name), None, "{name}");
        }
        let attribute = Attribute::parse("temp12_crit_hyst").unwrap();
        assert_eq!((attribute.sensor(), attribute.element), ("temp12".to_owned(), "crit_hyst"));
        assert_eq!(Attribute::parse("update_interval").unwrap().sensor(), "update_interval0");
    }

    #[test]
    fn families_carry_the_unit_of_what_they_measure() {
        assert_eq!(family("temp1_input"), "node_hwmon_temp_celsius");
        assert_eq!(family("temp1_crit_alarm"), "node_hwmon_temp_crit_alarm_celsius");
        assert_eq!(family("temp1_type"), "node_hwmon_temp_type");
        assert_eq!(family("temp1_alarm"), "node_hwmon_temp_alarm");
        assert_eq!(family("in0_min"), "node_hwmon_in_min_volts");
        assert_eq!(family("in0_beep"), "node_hwmon_in_beep_enabled");
        assert_eq!(family("cpu0_vid"), "node_hwmon_cpu_vid_volts");
        assert_eq!(family("fan2_input"), "node_hwmon_fan_rpm");
        assert_eq!(family("fan2_div"), "node_hwmon_fan_div");
        assert_eq!(family("curr1_max"), "node_hwmon_curr_max_amps");
        assert_eq!(family("energy1_input"), "node_hwmon_energy_joule_total");
        assert_eq!(family("power1_accuracy"), "node_hwmon_power_accuracy");
        assert_eq!(family("power1_average_interval"), "node_hwmon_power_average_interval_seconds");
        assert_eq!(family("power1_cap"), "node_hwmon_power_cap_watt");
        assert_eq!(family("humidity1_input"), "node_hwmon_humidity");
        assert_eq!(family("freq1_input"), "node_hwmon_freq_freq_mhz");
        assert_eq!(family("pwm1"), "node_hwmon_pwm");
        assert_eq!(meaning(Attribute::parse("pwm1_input").unwrap(), true).family, "node_hwmon_pwm_input");
    }

    #[test]
    fn names_are_cleaned() {
        assert_eq!(clean("Core Temp.0\n"), "core_temp_0");
        assert_eq!(clean("0000:01:00.0"), "0000:01:00_0");
    }
}
