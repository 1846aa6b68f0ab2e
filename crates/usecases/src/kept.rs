//! Something read from the database and kept while nothing is written.

use std::sync::{Arc, Mutex, PoisonError};

/// A value with the store's epoch that was current before it was read. Where the store has none (other processes may
/// write), nothing is kept.
#[derive(Debug)]
pub(crate) struct Kept<T> {
    inner: Mutex<Option<(u64, Arc<T>)>>,
}

impl<T> Kept<T> {
    pub(crate) const fn nothing() -> Self {
        Self { inner: Mutex::new(None) }
    }

    /// The value, if it was read in this epoch.
    pub(crate) fn get(&self, epoch: Option<u64>) -> Option<Arc<T>> {
        let kept = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        kept.as_ref().filter(|(at, _)| Some(*at) == epoch).map(|(_, value)| Arc::clone(value))
    }

    /// Keeps a value that was read after the epoch was asked for.
    pub(crate) fn keep(&self, epoch: Option<u64>, value: T) -> Arc<T> {
        let value = Arc::new(value);
        let mut kept = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        *kept = epoch.map(|epoch| (epoch, Arc::clone(&value)));
        value
    }
}

#[cfg(test)]
mod tests {
    use super::Kept;

    #[test]
    fn what_was_kept_in_one_epoch_is_not_there_in_another_or_without_one() {
        let kept = Kept::nothing();
        assert_eq!(kept.get(Some(1)), None);
        kept.keep(Some(1), "value");
        assert_eq!(kept.get(Some(1)).as_deref(), Some(&"value"));
        assert_eq!(kept.get(Some(2)), None);
        assert_eq!(kept.get(None), None);
        kept.keep(None, "other");
        assert_eq!(kept.get(Some(1)), None);
    }
}
