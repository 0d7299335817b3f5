//! The MicroPython port by scripts that check it from inside: each file of `tests/port` must end without an exception
//! and without an event of the board. Its first line says which memory chip it wants: `# psram: none`.

use crate::common::{Seen, root, run_file_with};
use std::fs;
use tempfile::TempDir;

#[track_caller]
fn passes(script: &str) -> Seen {
    passes_with(script, &[])
}

#[track_caller]
fn passes_with(script: &str, more: &[&str]) -> Seen {
    let path = root().join("tests/port").join(script);
    let text = fs::read_to_string(&path).unwrap();
    let chip = text
        .lines()
        .next()
        .and_then(|line| line.strip_prefix("# psram: "))
        .expect("the chip in the first line");
    let parts = text.lines().filter_map(|line| line.strip_prefix("# attach: "));
    let mut options: Vec<&str> = parts.flat_map(|part| ["--attach", part]).collect();
    let display = text.lines().find_map(|line| line.strip_prefix("# display: "));
    options.extend(display.iter().flat_map(|kind| ["--display", kind]));
    options.extend(more);
    let folder = TempDir::new().unwrap();
    let card = text.lines().find_map(|line| line.strip_prefix("# sd: "));
    let card = card.map(|size| blank_card(&folder, size));
    if let Some(card) = &card {
        options.extend(["--sd", card]);
    }
    let seen = run_file_with(&path, chip, &options);
    assert_eq!(seen.code, Some(0), "{script}: {seen:?}");
    seen
}

/// A card of zeros: `16M`, or `sdsc:2M`, in a file of this folder.
fn blank_card(folder: &TempDir, size: &str) -> String {
    let (kind, megabytes) = match size.strip_prefix("sdsc:") {
        Some(rest) => ("sdsc:", rest),
        None => ("", size),
    };
    let megabytes: u64 = megabytes.strip_suffix('M').unwrap().parse().unwrap();
    let path = folder.path().join("card.img");
    fs::File::create(&path).unwrap().set_len(megabytes << 20).unwrap();
    format!("{kind}{}", path.display())
}

#[test]
fn buffers_are_copied_right_and_no_more_than_asked() {
    passes("buffers.py");
}

/// Two of them; with SPIRAM_CAMERAS set all four.
#[test]
fn every_camera_shows_what_it_sees() {
    let all = std::env::var_os("SPIRAM_CAMERAS").is_some();
    for camera in &["ov2640", "ov5640", "ov7670", "ov7725"][..if all { 4 } else { 2 }] {
        passes_with("camera.py", &["--camera", camera]);
    }
}

#[test]
fn the_chip_is_what_its_modules_say() {
    passes("chip.py");
}

#[test]
fn names_that_every_board_has_are_there() {
    passes("names.py");
}

#[test]
fn a_display_holds_what_was_drawn_and_takes_it_while_python_computes() {
    passes("display.py");
}

#[test]
fn a_dma_copies_right_and_no_more_than_asked() {
    passes("dma.py");
}

#[test]
fn file_systems_work_on_a_disk_in_the_memory_chip() {
    passes("files.py");
}

#[test]
fn the_flash_is_a_disk_that_keeps_what_it_is_given() {
    passes("flash.py");
}

#[test]
fn the_heap_is_the_memory_chip_and_its_end_is_an_exception() {
    passes("heap.py");
}

#[test]
fn collections_and_finalisers_are_those_of_every_micropython() {
    passes("collector.py");
}

#[test]
fn what_a_finaliser_raises_is_named_and_nothing_more() {
    let seen = passes("finalisers.py");
    for named in [
        "Ugly in a finaliser, which raised again when it was printed",
        "KeyboardInterrupt:",
        "OSError: [Errno 5] EIO",
        "RuntimeError: maximum recursion depth exceeded",
        "MemoryError: memory allocation failed, heap is locked",
    ] {
        assert!(seen.out.contains(named), "{named}: {seen:?}");
    }
}

#[test]
fn bytes_and_objects_do_not_mix_in_a_copy() {
    passes("moved.py");
}

#[test]
fn each_tier_gives_what_is_asked_of_it_and_says_what_it_did() {
    passes("tiers.py");
}

#[test]
fn memory_in_use_stays_compact_and_a_refusal_says_what_there_is() {
    passes("compact.py");
}

#[test]
fn what_is_dropped_is_gone_after_one_collection() {
    passes("retention.py");
}

#[test]
fn words_that_frames_do_not_write_keep_nothing_alive() {
    passes("holes.py");
}

#[test]
fn without_a_memory_chip_the_heap_is_the_internal_ram() {
    passes("internal.py");
}

#[test]
fn blocks_without_pointers_are_not_scanned_and_all_others_are() {
    passes("leaves.py");
}

#[test]
fn arguments_of_python_calls_are_checked_and_named_in_errors() {
    passes("border.py");
}

#[test]
fn time_goes_on_while_interrupts_are_held_back() {
    passes("interrupts.py");
}

#[test]
fn serial_ports_lose_nothing_and_tell_what_comes() {
    passes("uart.py");
}

#[test]
fn a_console_is_what_a_program_gives_and_a_liar_harms_nobody() {
    passes("dupterm.py");
}

#[test]
fn nothing_that_happens_is_slept_through() {
    passes("waits.py");
}

#[test]
fn the_second_flash_is_a_disk_for_both_file_systems() {
    passes("ext_flash.py");
}

#[test]
fn the_sd_card_is_a_disk_for_every_kind_of_memory() {
    passes("sdcard.py");
}

#[test]
fn a_card_of_standard_capacity_counts_in_bytes() {
    passes("sdsc.py");
}

#[test]
fn a_socket_without_a_card_is_told_and_nothing_waits_for_long() {
    passes("no_sdcard.py");
}

#[test]
fn i2c_talks_to_parts_by_hardware_and_by_hand() {
    passes("i2c.py");
}

#[test]
fn spi_hears_what_it_sends_over_a_wire() {
    passes("spi.py");
}

#[test]
fn a_flash_is_programmed_by_spi() {
    passes("spi_flash.py");
}

#[test]
fn a_thermometer_answers_on_one_wire() {
    passes("ds18b20.py");
}

#[test]
fn the_calendar_keeps_time_and_rings() {
    passes("rtc.py");
}

#[test]
fn timers_call_and_make_waves() {
    let seen = passes("timers.py");
    assert!(seen.out.contains("heap is locked"), "{seen:?}");
}

#[test]
fn the_clock_changes_under_a_program_that_notices_nothing_else() {
    passes("freq.py");
}

#[test]
fn edges_are_counted_by_timers() {
    passes("tally.py");
}

#[test]
fn a_light_sleep_keeps_everything_and_ends_in_time() {
    passes("lightsleep.py");
}

#[test]
fn what_a_handler_moves_during_a_collection_is_not_lost() {
    let seen = passes("hard.py");
    assert!(
        seen.out
            .contains("RuntimeError: a hard handler may have interrupted"),
        "{seen:?}"
    );
}

#[test]
fn sensors_lamps_and_knobs_work_as_on_a_desk() {
    passes("parts.py");
}

#[test]
fn drivers_for_parts_are_in_the_firmware() {
    passes("drivers.py");
}

#[test]
fn what_users_of_other_boards_met_does_not_happen_here() {
    passes("reports.py");
}

#[test]
fn wrong_uses_of_hardware_are_refused_in_words() {
    passes("wrong.py");
}

#[test]
fn a_handler_runs_soon_after_its_edge() {
    passes("latency.py");
}

#[test]
fn tasks_and_their_queues_believe_nothing() {
    passes("tasks.py");
}

#[test]
fn room_on_the_stack_is_looked_for_before_it_is_taken() {
    passes("room.py");
}

#[test]
fn pins_that_the_board_needs_are_refused_with_the_reason() {
    passes("pins.py");
}

#[test]
fn pins_interrupt_and_protocols_run_on_them() {
    passes("machine.py");
}

#[test]
fn machine_code_runs_although_the_heap_cannot_be_executed() {
    passes("native.py");
}

#[test]
fn what_a_hostile_script_does_ends_in_an_exception() {
    passes("hostile.py");
}

#[test]
fn sizes_that_do_not_fit_are_exceptions() {
    passes("sizes.py");
}

#[test]
fn subclasses_of_native_types_are_no_native_objects() {
    passes("types.py");
}

#[test]
fn streams_that_lie_are_found_out() {
    passes("streams.py");
}

#[test]
fn nesting_ends_in_an_exception() {
    passes("nesting.py");
}

#[test]
fn lists_that_change_while_they_are_used_stay_whole() {
    passes("lists.py");
}

#[test]
fn arrays_take_numbers_for_numbers_only() {
    passes("arrays.py");
}

#[test]
fn arguments_and_modules_are_not_believed() {
    passes("calls.py");
}

#[test]
fn patterns_and_long_jumps_stay_within_their_bounds() {
    passes("patterns.py");
}

#[test]
fn torn_data_is_an_exception() {
    passes("torn.py");
}

#[test]
fn large_frames_fit_below_the_limit_of_recursion() {
    passes("stack.py");
}

#[test]
fn what_the_compiler_counts_in_few_bits_does_not_come_round() {
    passes("counts.py");
}

#[test]
fn machine_code_meets_no_variable_that_is_not_set() {
    passes("unbound.py");
}

#[test]
fn torn_modules_are_an_exception() {
    passes("mpy.py");
}

#[test]
fn littlefs_and_the_clock_hold_at_their_edges() {
    passes("littlefs.py");
}

#[test]
fn a_mixed_program_leaves_the_largest_free_block_as_it_found_it() {
    let seen = passes("soak.py");
    let sizes: Vec<u32> = seen
        .out
        .lines()
        .filter_map(|line| line.split_once("max free sz: ")?.1.trim().parse().ok())
        .collect();
    assert_eq!(
        sizes.len(),
        5,
        "before, three times meanwhile, at the end: {seen:?}"
    );
    assert!(sizes[0] * 16 > 8_000_000, "{sizes:?}");
    assert_eq!(sizes[0], sizes[4], "{sizes:?}");
}

#[test]
fn tables_of_many_keys_are_right_and_grow_in_proportion() {
    passes("tables.py");
}

#[test]
fn images_are_made_drawn_on_counted_and_searched() {
    passes("vision_image.py");
}

#[test]
fn images_are_composed_filtered_bent_and_searched_with_known_answers() {
    passes("vision_methods.py");
}

#[test]
fn cascades_faces_gradients_and_disparity_are_found_with_known_answers() {
    passes("vision_detect.py");
}

#[test]
fn what_the_page_of_names_has_is_there() {
    let said = passes("vision_names.py").out.replace("\r\n", "\n");
    let page = fs::read_to_string(root().join("docs/vision-names.md")).unwrap();
    let (methods, _) = page.split_once("## Module").expect("the page's second part");
    let rows = methods
        .lines()
        .filter(|row| row.starts_with("| `") && !row.contains("**not there**"));
    let lost: Vec<&str> = rows.filter(|row| !said.contains(*row)).collect();
    assert!(
        lost.is_empty(),
        "not there any more, or without a keyword: {lost:?}"
    );
    assert!(methods.lines().count() > 100, "the page is cut short");
}

#[test]
fn images_streams_and_movies_are_written_and_read_on_volumes_of_both_kinds() {
    passes("vision_files.py");
}

#[test]
fn the_synthetic_camera_shows_what_it_says_in_both_generations() {
    passes("vision_camera.py");
}

#[test]
fn what_a_script_gives_wrong_to_an_image_is_an_exception_with_words() {
    passes("vision_wrong.py");
}

#[test]
fn scripts_learn_what_they_run_on_and_that_no_host_is_there() {
    passes("omv.py");
}

#[test]
fn a_stale_view_harms_nobody() {
    passes("views.py");
}

#[test]
fn the_nth_allocation_fails_for_every_n_and_all_is_usable() {
    let script = fs::read_to_string(root().join("tests/port/no_memory.py")).unwrap();
    let (seen, _) = crate::common::run_script("devebox-checked", &["--psram", "none"], &script);
    assert_eq!(seen.code, Some(0), "{seen:?}");
    let last = seen.out.trim().lines().last().unwrap_or_default();
    let counts: Vec<u32> = last.split(' ').filter_map(|word| word.parse().ok()).collect();
    assert!(
        counts.len() == 2 && counts[0] >= 40 && counts[1] >= 1000,
        "{last}"
    );
}
