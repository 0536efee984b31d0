//! The frame gate: how often a frame may be drawn, and when there is none to draw.
//!
//! A key is answered at once unless keys come faster than frames may, data is shown at most five times a second, and a
//! console in which nothing happens draws nothing and arms no timer. On a slow link this is what makes the difference.

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
    /// Until when the frames so far use up the rate.
    spent: Option<Instant>,
    /// When arriving data was last shown.
    shown: Option<Instant>,
    dirty: Dirty,
    /// Whether data waits, perhaps behind a key.
    arrived: bool,
}

impl Gate {
    /// A gate for at most `fps` frames a second.
    pub fn new(fps: u32) -> Self {
        let input = Duration::from_millis(1000 / u64::from(fps.clamp(1, 60))).max(Duration::from_millis(33));
        Self { input, data: DATA.max(input), spent: None, shown: None, dirty: Dirty::No, arrived: false }
    }

    /// Notes what a message asked for.
    pub fn mark(&mut self, dirty: Dirty) {
        self.dirty = self.dirty.max(dirty);
        self.arrived |= dirty == Dirty::Data;
    }

    /// When the next frame is due; none when nothing waits.
    pub fn due(&self, now: Instant) -> Option<Instant> {
        // One frame may come early: a key does not wait for a frame of data just before it, nor the answer to a key
        // for the key's own frame. The rate over time is the same.
        let free = self.spent.map_or(now, |spent| spent.checked_sub(self.input).unwrap_or(now));
        match self.dirty {
            Dirty::No => None,
            Dirty::Input => Some(free),
            Dirty::Data => Some(self.shown.map_or(free, |shown| free.max(shown + self.data))),
        }
    }

    /// A frame was drawn.
    pub fn drawn(&mut self, now: Instant) {
        self.spent = Some(self.spent.map_or(now, |spent| spent.max(now)) + self.input);
        if std::mem::take(&mut self.arrived) {
            self.shown = Some(now);
        }
        self.dirty = Dirty::No;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(n: u64) -> Duration {
        Duration::from_millis(n)
    }

    /// Draws when a frame is due, and says whether it was.
    fn draws(gate: &mut Gate, now: Instant) -> bool {
        let due = gate.due(now).is_some_and(|due| due <= now);
        if due {
            gate.drawn(now);
        }
        due
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
    fn a_key_does_not_wait_for_data_nor_its_answer_for_the_key() {
        let start = Instant::now();
        let mut gate = Gate::new(30);
        gate.mark(Dirty::Data);
        assert!(draws(&mut gate, start));
        gate.mark(Dirty::Input);
        assert!(draws(&mut gate, start + ms(1)));
        gate.mark(Dirty::Input);
        assert!(!draws(&mut gate, start + ms(2)), "the frame that may come early is spent");
        assert_eq!(gate.due(start + ms(2)), Some(start + ms(33)));

        let mut gate = Gate::new(30);
        gate.mark(Dirty::Input);
        assert!(draws(&mut gate, start));
        gate.mark(Dirty::Data);
        assert!(draws(&mut gate, start + ms(3)));
    }

    #[test]
    fn data_waits_200_ms_for_data() {
        let start = Instant::now();
        let mut gate = Gate::new(30);
        gate.mark(Dirty::Data);
        gate.drawn(start);
        gate.mark(Dirty::Data);
        assert_eq!(gate.due(start + ms(5)), Some(start + ms(200)));
        gate.mark(Dirty::Input);
        assert_eq!(gate.due(start + ms(5)), Some(start), "data does not delay a key");
        gate.drawn(start + ms(5));
        gate.mark(Dirty::Data);
        assert_eq!(gate.due(start + ms(6)), Some(start + ms(205)), "the key's frame showed the data too");
    }

    #[test]
    fn a_flood_of_data_costs_five_frames_a_second() {
        let start = Instant::now();
        let mut gate = Gate::new(30);
        let mut frames = 0;
        for i in 0..10_000 {
            gate.mark(Dirty::Data);
            frames += u32::from(draws(&mut gate, start + Duration::from_micros(i * 100)));
        }
        assert_eq!(frames, 5);
    }

    #[test]
    fn a_held_key_costs_no_more_than_the_rate() {
        for (fps, most) in [(30, 31), (10, 11), (2, 3)] {
            let start = Instant::now();
            let mut gate = Gate::new(fps);
            let mut frames = 0;
            for i in 0..1_000 {
                gate.mark(Dirty::Input);
                gate.mark(Dirty::Data);
                frames += u32::from(draws(&mut gate, start + ms(i)));
            }
            assert!((most - 1..=most + 1).contains(&frames), "{frames} frames at {fps} a second");
        }
    }
}
