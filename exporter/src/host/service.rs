//! The collectors behind a thread of their own, asked by any number of scrapes at once.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use pratiko_metrics::exposition::{Format, Page};
use tokio::sync::oneshot;

use super::{HostCollectors, Selection};

/// Asks the collectors. Scrapes that wait at the same time and want the same share one answer, and
/// no answer is older than the question.
#[derive(Debug, Clone)]
pub struct HostService {
    questions: Sender<Question>,
    names: Arc<[&'static str]>,
}

struct Question {
    selection: Selection,
    format: Format,
    answer: oneshot::Sender<Arc<HostPage>>,
}

/// What the collectors say.
#[derive(Debug)]
pub struct HostPage {
    /// Their families.
    pub page: Page,
    /// Those of them that failed.
    pub failed: Vec<&'static str>,
    /// How long it took.
    pub took: Duration,
}

/// The collectors' thread has ended, which it does only with the process.
#[derive(Debug, thiserror::Error)]
#[error("the collectors do not run any more")]
pub struct Gone;

impl HostService {
    /// Starts the thread.
    pub fn start(collectors: HostCollectors) -> std::io::Result<Self> {
        let (questions, receiver) = channel();
        let names = collectors.names().into();
        std::thread::Builder::new()
            .name("host".to_owned())
            .spawn(move || answer_all(collectors, &receiver))?;
        Ok(Self { questions, names })
    }

    /// The names of the collectors that are switched on.
    pub fn names(&self) -> &[&'static str] {
        &self.names
    }

    /// Reads the host.
    pub async fn gather(&self, selection: Selection, format: Format) -> Result<Arc<HostPage>, Gone> {
        let (answer, answered) = oneshot::channel();
        self.questions.send(Question { selection, format, answer }).map_err(|_| Gone)?;
        answered.await.map_err(|_| Gone)
    }
}

fn answer_all(mut collectors: HostCollectors, questions: &Receiver<Question>) {
    while let Ok(first) = questions.recv() {
        let mut waiting: Vec<Question> = std::iter::once(first).chain(questions.try_iter()).collect();
        while let Some(question) = waiting.pop() {
            // Whoever asked has gone away: reading the host for nobody would keep others waiting.
            if question.answer.is_closed() {
                continue;
            }
            let started = Instant::now();
            let gathered = collectors.gather(&question.selection, question.format);
            let page = HostPage { page: gathered.page, failed: gathered.failed, took: started.elapsed() };
            let page = Arc::new(page);
            let is_same =
                |other: &Question| other.selection == question.selection && other.format == question.format;
            let (same, others) = waiting.into_iter().partition::<Vec<_>, _>(is_same);
            waiting = others;
            for question in same.into_iter().chain([question]) {
                // The client may have gone away.
                let _ = question.answer.send(Arc::clone(&page));
            }
        }
    }
}
