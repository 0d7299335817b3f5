// The write barrier as the compiler calls it: before each store, with the address in r0 (build/barrier.rs).
//
// Nearly always nobody listens, `upy_marking` is 0, and four instructions are all there is to it. Otherwise
// crates/upy/src/heap/barrier.rs takes over, by a jump: registers are those of a call.

    .syntax unified
    .thumb
    .cpu cortex-m7

    .macro function name
    .global \name
    .type \name,%function
    .thumb_func
\name:
    .endm

    // r0 to r2 are the arguments of what comes after it.
    .macro unless_marking
    ldr r3, =upy_marking
    ldr r3, [r3]
    cbnz r3, 1f
    .endm

    .section .text.upy_barrier,"ax",%progbits

    // Less than a word is no pointer. Of functions that do not return nothing is to be told.
    function __asan_store1_noabort
    function __asan_store2_noabort
    function __asan_handle_no_return
    bx lr

    function __asan_store4_noabort
    unless_marking
    bx lr
1:  b.w upy_barrier_word

    function __asan_store8_noabort
    unless_marking
    bx lr
1:  movs r1, #8
    b.w upy_barrier_range

    function __asan_store16_noabort
    movs r1, #16
    function __asan_storeN_noabort
    unless_marking
    bx lr
1:  b.w upy_barrier_range

    .macro copying name, real
    function \name
    unless_marking
    b.w \real
1:  push {r0-r2, lr}
    mov r1, r2
    bl upy_barrier_range
    pop {r0-r2, lr}
    b.w \real
    .endm

    copying upy_barred_memcpy, memcpy
    copying upy_barred_memmove, memmove

    // A generator's frame lies in the heap, and vm.c writes to it without a word. Dirty on entry is enough: as long as it
    // runs, the stack points to it. mp_code_state_t is the third word of the object (py/objgenerator.h).
    function upy_execute_generator
    unless_marking
    b.w mp_execute_bytecode
1:  push {r0-r2, lr}
    subs r0, #8
    bl upy_barrier_object
    pop {r0-r2, lr}
    b.w mp_execute_bytecode

    .ltorg
