//! What this process logs, to be looked through.

use std::sync::{Arc, Mutex, OnceLock};

/// Every line that anything in this process logged since the first call, at every level.
pub(crate) fn journal() -> String {
    static JOURNAL: OnceLock<Arc<Mutex<Vec<u8>>>> = OnceLock::new();
    let journal = JOURNAL.get_or_init(|| {
        let journal = Arc::new(Mutex::new(Vec::new()));
        let writer = Writer(Arc::clone(&journal));
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_ansi(false)
            .with_writer(move || writer.clone());
        tracing::subscriber::set_global_default(subscriber.finish()).unwrap();
        journal
    });
    String::from_utf8_lossy(&journal.lock().unwrap()).into_owned()
}

#[derive(Clone)]
struct Writer(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
