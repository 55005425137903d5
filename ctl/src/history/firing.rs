//! From an alert's expression to `ALERTS`: what Prometheus does with it minute by minute.

/// The states of one series of an alert, minute by minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It is so, and not yet for long enough.
    Pending,
    /// It fires.
    Firing,
}

impl State {
    /// As in the label `alertstate`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Firing => "firing",
        }
    }
}

/// A series of an alert between two minutes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Alarm {
    since: Option<i64>,
    /// When it began to fire, and was last so.
    fires: bool,
    last_true: i64,
}

impl Alarm {
    /// What it is at an instant, in seconds, at which the expression is so or not. Instants come in order.
    pub fn next(&mut self, now: i64, is_so: bool, pending: i64, keeps: i64) -> Option<State> {
        if is_so {
            let since = *self.since.get_or_insert(now);
            self.last_true = now;
            self.fires |= now - since >= pending;
        } else if !(self.fires && now - self.last_true < keeps) {
            *self = Self::default();
        }
        self.since.map(|_| if self.fires { State::Firing } else { State::Pending })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn states(so: &[u8], pending: i64, keeps: i64) -> String {
        let mut alarm = Alarm::default();
        let state =
            |(minute, so): (usize, &u8)| match alarm.next(60 * minute as i64, *so == 1, pending, keeps) {
                None => '.',
                Some(State::Pending) => 'p',
                Some(State::Firing) => 'F',
            };
        so.iter().enumerate().map(state).collect()
    }

    #[test]
    fn it_fires_when_it_was_so_for_long_enough_without_a_gap() {
        assert_eq!(states(&[0, 1, 1, 1, 1, 0], 120, 0), ".ppFF.");
        assert_eq!(states(&[1, 1, 0, 1, 1, 1], 120, 0), "pp.ppF");
        assert_eq!(states(&[0, 1, 0], 0, 0), ".F.");
    }

    #[test]
    fn it_goes_on_for_a_while_if_it_shall() {
        assert_eq!(states(&[1, 1, 0, 0, 0, 0], 60, 180), "pFFF..");
        assert_eq!(states(&[1, 0, 0, 1, 1], 60, 180), "p..pF");
    }
}
