//! Steps that change the cells of a memory that outlives the power, and the one in whose middle the power fails.

/// The steps of one memory.
#[derive(Clone, Copy, Debug, Default)]
pub struct Steps {
    begun: u64,
    fails_at: Option<u64>,
    failed: bool,
}

impl Steps {
    /// A step begins.
    pub fn begin(&mut self) {
        self.begun += 1;
        self.failed |= self.fails_at == Some(self.begun);
    }

    /// How many were begun since power-up.
    pub fn begun(&self) -> u64 {
        self.begun
    }

    /// Let the power fail in the middle of the step of this number, counted from 1 at power-up.
    pub fn fail_power_at(&mut self, step: Option<u64>) {
        (self.fails_at, self.failed) = (step, false);
    }

    /// Has it failed?
    pub fn power_failed(&self) -> bool {
        self.failed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_power_fails_at_its_step_and_no_other() {
        let mut steps = Steps::default();
        steps.fail_power_at(Some(2));
        steps.begin();
        assert!(!steps.power_failed());
        steps.begin();
        assert!(steps.power_failed() && steps.begun() == 2);
        steps.fail_power_at(None);
        steps.begin();
        assert!(!steps.power_failed());
    }
}
