//! The frame gate: how often a frame may be drawn, and when there is none to draw.
//!
//! A key is answered within 33 ms, data at most five times a second, and a console in which nothing happens draws
//! nothing and arms no timer. On a slow link this is what makes the difference.

use std::time::{Duration, Instant};

/// What a message asks of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Dirty {
    /// Nothing changed.
    #[default]
    No,
    /// Something arrived.
    Data,
    /// The analyst did something.
    Input,
}

/// Least time between frames that show arriving data.
const DATA: Duration = Duration::from_millis(200);

/// Decides when to draw.
#[derive(Debug)]
pub struct Gate {
    input: Duration,
    data: Duration,
    last: Option<Instant>,
    dirty: Dirty,
}

impl Gate {
    /// A gate for at most `fps` frames a second.
    pub fn new(fps: u32) -> Self {
        let input = Duration::from_millis(1000 / u64::from(fps.clamp(1, 60))).max(Duration::from_millis(33));
        Self { input, data: DATA.max(input), last: None, dirty: Dirty::No }
    }

    /// Notes what a message asked for.
    pub fn mark(&mut self, dirty: Dirty) {
        self.dirty = self.dirty.max(dirty);
    }

    /// When the next frame is due; none when nothing waits.
    pub fn due(&self, now: Instant) -> Option<Instant> {
        let wait = match self.dirty {
            Dirty::No => return None,
            Dirty::Data => self.data,
            Dirty::Input => self.input,
        };
        Some(self.last.map_or(now, |last| last + wait))
    }

    /// A frame was drawn.
    pub fn drawn(&mut self, now: Instant) {
        self.last = Some(now);
        self.dirty = Dirty::No;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(n: u64) -> Duration {
        Duration::from_millis(n)
    }

    #[test]
    fn idle_arms_no_timer() {
        let start = Instant::now();
        let mut gate = Gate::new(30);
        assert_eq!(gate.due(start), None);
        gate.mark(Dirty::No);
        assert_eq!(gate.due(start), None);
        gate.mark(Dirty::Input);
        assert_eq!(gate.due(start), Some(start));
        gate.drawn(start);
        assert_eq!(gate.due(start + ms(500)), None);
    }

    #[test]
    fn input_waits_33_ms_and_data_200() {
        let start = Instant::now();
        let mut gate = Gate::new(30);
        gate.drawn(start);
        gate.mark(Dirty::Data);
        assert_eq!(gate.due(start + ms(5)), Some(start + ms(200)));
        gate.mark(Dirty::Input);
        assert_eq!(gate.due(start + ms(5)), Some(start + ms(33)));
        gate.mark(Dirty::Data);
        assert_eq!(gate.due(start + ms(5)), Some(start + ms(33)), "data does not delay a key");
    }

    #[test]
    fn a_flood_of_data_costs_five_frames_a_second() {
        let start = Instant::now();
        let mut gate = Gate::new(30);
        let mut frames = 0;
        for i in 0..10_000 {
            let now = start + Duration::from_micros(i * 100);
            gate.mark(Dirty::Data);
            if gate.due(now).is_some_and(|due| due <= now) {
                gate.drawn(now);
                frames += 1;
            }
        }
        assert_eq!(frames, 5);
    }

    #[test]
    fn fps_slows_both() {
        let start = Instant::now();
        let mut gate = Gate::new(2);
        gate.drawn(start);
        gate.mark(Dirty::Input);
        assert_eq!(gate.due(start), Some(start + ms(500)));
    }
}
