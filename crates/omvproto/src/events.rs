//! Events that wait to be sent.

/// How many can wait; of more the newest are lost.
const ROOM: usize = 8;

/// Something that the host is told without having asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// 0 is the system.
    pub channel: u8,
    /// Its number; [`NOTIFY`](crate::event::NOTIFY) has no payload.
    pub number: u16,
    /// The host is to acknowledge it.
    pub acknowledged: bool,
}

/// First come, first sent. One that waits already does not wait twice: a host that is slow to look is not flooded.
pub struct Events {
    waiting: [Option<Event>; ROOM],
}

impl Events {
    pub const fn new() -> Self {
        Events {
            waiting: [None; ROOM],
        }
    }

    /// False: there is no room.
    pub fn push(&mut self, event: Event) -> bool {
        let is_there = |waiting: &Option<Event>| waiting.is_none() || *waiting == Some(event);
        match self.waiting.iter_mut().find(|waiting| is_there(waiting)) {
            Some(place) => {
                *place = Some(event);
                true
            }
            None => false,
        }
    }

    pub fn pop(&mut self) -> Option<Event> {
        let first = self.waiting[0].take();
        self.waiting.rotate_left(1);
        first
    }

    pub fn len(&self) -> usize {
        self.waiting.iter().flatten().count()
    }

    pub fn clear(&mut self) {
        self.waiting = [None; ROOM];
    }
}
