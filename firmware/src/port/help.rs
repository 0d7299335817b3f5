//! What `help()` says.

/// Ends with a zero byte, as the core expects.
pub const TEXT: &[u8] = b"\
MicroPython with 8 MB of PSRAM in its heap.

  import spiram; spiram.info()    the memory chip, and how it is used
  spiram.memtest('boot')          tests it, with everything in place; also 'full', 'soak'
  spiram.selftest()               tests how it is reached; a report to send in
  spiram.copy(to, from)           moves many bytes between buffers, by DMA
  import machine                  pins, reset, clock, registers
  led = machine.Pin('LED', machine.Pin.OUT); led.toggle()
  import gc; gc.mem_free()        bytes free for Python objects
  spiram.alloc(1000, fast=True)   a bytearray in internal RAM; fast=False: in the memory chip
  spiram.heap()                   both parts of the heap, collections, pauses

  Ctrl-A  raw prompt, for tools          Ctrl-D  soft reset
  Ctrl-B  this prompt                    Ctrl-E  paste mode
  Ctrl-C  interrupt a program

help('modules') lists the modules, help(object) an object's names.
\0";
