// What the files of this folder share.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Where what Python prints goes: to a buffer, or nowhere.
extern char *upy_host_said;
extern size_t upy_host_said_bytes;
extern bool upy_host_listening;

// Every so manieth allocation fails; 0 for none.
extern unsigned upy_host_fail_every;

// Presses Ctrl-C when a statement has run for long, and ends the process with a report if it does not help.
// The first bytes of the room say which statement runs.
void upy_host_watch(const volatile uint8_t *room);
