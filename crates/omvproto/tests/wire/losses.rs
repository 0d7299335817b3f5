//! Packets that are lost, answers that come late, events in between.

use crate::device::{LATER, picture, printed};
use crate::host::{Host, packet};
use omvproto::{Reply, Settings, Status, channel, event, flag, opcode};

fn range(offset: u32, length: u32) -> Vec<u8> {
    [offset.to_le_bytes(), length.to_le_bytes()].concat()
}

#[test]
fn data_that_nobody_acknowledges_is_sent_again_and_then_given_up() {
    let mut host = Host::new();
    host.begin();
    host.send(&packet(0, 0, 0, opcode::GET_CAPS, &[]));
    let first = host.hear();
    assert_eq!(first[0].0.flags, flag::ACK_REQ);
    let mut waits = Vec::new();
    for _ in 0..3 {
        let until_ms = host.engine.wakes_ms().unwrap();
        waits.push(until_ms - host.now_ms);
        host.now_ms = until_ms - 1;
        assert!(host.hear().is_empty());
        host.now_ms = until_ms;
        let again = host.hear();
        assert_eq!(
            (again[0].0.flags, &again[0].1),
            (flag::ACK_REQ | flag::RTX, &first[0].1)
        );
    }
    assert_eq!(waits, [500, 1000, 2000]);
    host.now_ms += 4000;
    assert!(host.hear().is_empty());
    assert_eq!(host.engine.wakes_ms(), None);
    assert_eq!(
        (host.engine.stats().retransmitted, host.engine.stats().lost),
        (3, 1)
    );
    // The host may go on as after a new beginning.
    assert_eq!(host.ask(0, opcode::STATS, &[]).1.len(), 32);
}

#[test]
fn a_negative_acknowledgement_brings_it_at_once() {
    let mut host = Host::new();
    host.begin();
    host.send(&packet(0, 0, 0, opcode::VERSION, &[]));
    let first = host.hear();
    host.send(&packet(0, 0, flag::NAK, opcode::VERSION, &[5, 0]));
    assert_eq!(host.hear()[0].1, first[0].1);
}

#[test]
fn a_command_after_a_lost_acknowledgement_is_one() {
    let mut host = Host::new();
    host.begin();
    host.send(&packet(0, 0, 0, opcode::VERSION, &[]));
    host.hear();
    host.sequence = 1;
    assert_eq!(host.ask(0, opcode::SYS_INFO, &[]).1.len(), 76);
}

#[test]
fn a_new_beginning_ends_whatever_is_under_way() {
    let mut host = Host::new();
    host.begin();
    host.ask(channel::STREAM, opcode::LOCK, &[]);
    assert!(host.device.is_locked);
    host.send(&packet(1, channel::STREAM, 0, opcode::READ, &range(0, 70)));
    // Half of a long packet of the host's has come, too.
    let half = packet(1, channel::STDIN, 0, opcode::WRITE, &[0x55; 900]);
    host.send(&half[..500]);
    host.begin();
    assert!(!host.device.is_locked);
    assert_eq!(host.ask(0, opcode::STATS, &[]).1.len(), 32);
}

#[test]
fn without_acknowledgements_fragments_follow_one_another() {
    let mut host = Host::new();
    host.begin();
    let caps = [&0b0011u32.to_le_bytes()[..], &52u16.to_le_bytes(), &[0; 10]].concat();
    assert_eq!(host.ask(0, opcode::SET_CAPS, &caps).0, flag::ACK);
    assert_eq!(
        host.ask(channel::STDOUT, opcode::READ, &range(0, 100)).1,
        printed()
    );
    host.ask(channel::STREAM, opcode::LOCK, &[]);
    assert_eq!(
        host.ask(channel::STREAM, opcode::READ, &range(0, 70)).1,
        picture()
    );
    // Events are off, too.
    assert!(!host.engine.send_event(0, event::SOFT_REBOOT, false));
}

#[test]
fn without_sums_nothing_is_looked_at_and_zeros_are_sent() {
    let mut host = Host::new();
    host.begin();
    let caps = [&0b1110u32.to_le_bytes()[..], &4082u16.to_le_bytes(), &[0; 10]].concat();
    host.ask(0, opcode::SET_CAPS, &caps);
    let mut command = packet(
        1,
        channel::STDIN,
        0,
        opcode::WRITE,
        &[&range(0, 2)[..], b"hi"].concat(),
    );
    command[8] ^= 0xFF;
    let last = command.len() - 1;
    command[last] ^= 0xFF;
    host.send(&command);
    let answer = crate::said(&mut host.engine, &mut host.device, 0);
    assert_eq!(answer, [0xAA, 0xD5, 1, 1, flag::ACK, opcode::WRITE, 0, 0, 0, 0]);
    assert_eq!(host.device.script, b"hi");
    // A new beginning counts sums again.
    host.begin();
    assert_eq!(host.ask(0, opcode::VERSION, &[]).1[..3], [1, 0, 2]);
}

#[test]
fn an_event_comes_between_packets_and_the_same_one_does_not_wait_twice() {
    let mut host = Host::new();
    host.begin();
    for _ in 0..100 {
        assert!(host.engine.send_event(channel::STDOUT, event::NOTIFY, false));
    }
    assert!(host.engine.send_event(channel::STDIN, 1, false));
    host.ask(channel::STDOUT, opcode::READ, &range(0, 100));
    assert_eq!(host.events, [(2, vec![]), (1, vec![1, 0])]);
    assert_eq!(host.engine.stats().events, 2);
    assert!(host.engine.is_quiet());
}

#[test]
fn an_event_may_be_acknowledged() {
    let mut host = Host::new();
    host.begin();
    host.engine.send_event(7, 3, true);
    let heard = host.hear();
    assert_eq!(heard[0].0.flags, flag::EVENT | flag::ACK_REQ);
    assert!(!host.engine.event_was_taken());
    host.send(&packet(0, 7, flag::ACK, opcode::CHANNEL_EVENT, &[]));
    assert!(host.engine.event_was_taken());
}

#[test]
fn an_answer_may_come_later_and_the_host_may_give_up_before() {
    let mut host = Host::new();
    host.device.has_later = true;
    host.begin();
    host.send(&packet(
        0,
        LATER,
        0,
        opcode::WRITE,
        &[&range(9, 600)[..], &[0x42; 600]].concat(),
    ));
    assert!(host.hear().is_empty());
    let (request, bytes) = host.engine.pending().unwrap();
    assert_eq!(
        (request.opcode, request.channel, request.offset),
        (opcode::WRITE, LATER, 9)
    );
    assert_eq!(bytes, [0x42; 600]);
    // What comes meanwhile does not disturb it.
    host.send(&[0xAA; 5000]);
    assert_eq!(host.engine.pending().unwrap().1, [0x42; 600]);
    host.engine.answer(Reply::Status(Status::Success));
    assert_eq!(host.take_answer().unwrap().0, flag::ACK);

    host.send(&packet(1, LATER, 0, opcode::READ, &range(0, 700)));
    for piece in [512, 188] {
        let (request, _) = host.engine.pending().unwrap();
        assert_eq!((request.opcode, request.length), (opcode::READ, piece));
        host.engine.answer(Reply::Bytes(&vec![piece as u8; piece]));
        let heard = host.hear();
        assert_eq!(heard[0].1, vec![piece as u8; piece]);
        assert_eq!(heard[0].0.flags & flag::FRAGMENT != 0, piece == 512);
        host.send(&packet(heard[0].0.sequence, LATER, flag::ACK, opcode::READ, &[]));
    }
    host.sequence = 3;

    host.send(&packet(3, LATER, 0, opcode::SIZE, &[]));
    host.begin();
    assert!(host.engine.pending().is_none());
    host.engine.answer(Reply::Bytes(&[1, 2, 3, 4]));
    assert!(host.hear().is_empty());
}

#[test]
fn locks_come_no_faster_than_the_interval() {
    let mut host = Host::new();
    host.begin();
    host.now_ms = 100;
    assert_eq!(host.ask(channel::STREAM, opcode::LOCK, &[]).0, flag::ACK);
    assert_eq!(host.ask(channel::STREAM, opcode::UNLOCK, &[]).0, flag::ACK);
    host.now_ms = 109;
    assert_eq!(
        host.ask(channel::STREAM, opcode::LOCK, &[]),
        (flag::NAK, vec![Status::Busy as u8, 0])
    );
    host.now_ms = 110;
    assert_eq!(host.ask(channel::STREAM, opcode::LOCK, &[]).0, flag::ACK);
}

#[test]
fn memory_and_resets() {
    let mut host = Host::new();
    host.begin();
    let (_, memory) = host.ask(0, opcode::MEMORY, &[]);
    assert_eq!(memory.len(), 4 + 2 * 24);
    assert_eq!(
        memory[..16],
        [2, 0, 0, 0, 0, 0, 0, 0, 0xE8, 3, 0, 0, 0x90, 1, 0, 0]
    );
    host.send(&packet(1, 0, 0, opcode::RESET, &[]));
    host.send(&packet(1, 0, 0, opcode::BOOT, &[]));
    assert_eq!(host.device.resets, 2);
}

#[test]
fn settings_that_are_not_possible_are_refused() {
    let mut host = Host::new();
    assert!(!host.engine.set_up(Settings {
        max_payload: 49,
        ..Settings::DEFAULT
    }));
    assert!(!host.engine.set_up(Settings {
        max_payload: 4083,
        ..Settings::DEFAULT
    }));
    assert!(host.engine.set_up(Settings {
        ack: false,
        max_payload: 50,
        ..Settings::DEFAULT
    }));
    host.begin();
    let (flags, caps) = host.ask(0, opcode::GET_CAPS, &[]);
    assert_eq!((flags, &caps[..6]), (0, &[0b1011, 0, 0, 0, 50, 0][..]));
    let caps = [&15u32.to_le_bytes()[..], &4083u16.to_le_bytes(), &[0; 10]].concat();
    assert_eq!(host.ask(0, opcode::SET_CAPS, &caps[..12]).0, flag::NAK);
}
