//! Where random bytes come from: the system's generator, or a seed in tests and the demo.

use std::sync::Mutex;

use bastide_model::{digest::Sha256Digest, id::Id};

/// A source of random bytes.
pub trait Entropy: Send + Sync {
    /// Fills `bytes` with random bytes.
    fn fill(&self, bytes: &mut [u8]);
}

/// The operating system's generator.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    /// # Panics
    ///
    /// When the operating system has no random bytes to give: nothing that follows could be kept secret.
    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("the operating system gives random bytes");
    }
}

/// Repeatable bytes from a seed: for tests, never for a desk that holds real reports.
#[derive(Debug)]
pub struct SeededEntropy {
    state: Mutex<(Sha256Digest, u64)>,
}

impl SeededEntropy {
    /// The stream of this seed.
    pub fn new(seed: &str) -> Self {
        Self { state: Mutex::new((Sha256Digest::of(seed.as_bytes()), 0)) }
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        let mut state = self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        for chunk in bytes.chunks_mut(32) {
            state.1 += 1;
            let mut input = state.0.0.to_vec();
            input.extend_from_slice(&state.1.to_be_bytes());
            chunk.copy_from_slice(&Sha256Digest::of(&input).0[..chunk.len()]);
        }
    }
}

/// A fresh random id.
pub(crate) fn fresh<K>(entropy: &dyn Entropy) -> Id<K> {
    let mut bytes = [0; 16];
    entropy.fill(&mut bytes);
    Id::from_bytes(bytes)
}
